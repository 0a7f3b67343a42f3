#include "tests/support/watchdog.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace muster::test {

Watchdog::Watchdog(std::string what, std::chrono::seconds limit)
    : what_(std::move(what)), thread_([this, limit] { watch(limit); }) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  ended_.notify_one();
  thread_.join();
}

std::chrono::milliseconds Watchdog::alive() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               begin_);
}

void Watchdog::watch(std::chrono::seconds limit) {
  std::unique_lock lock(mutex_);
  if (ended_.wait_for(lock, limit, [this] { return over_; })) return;
  std::fprintf(stderr, "hangs for %lld s, FAILED: %s\n", static_cast<long long>(limit.count()),
               what_.c_str());
  std::abort();
}

}  // namespace muster::test
