// Ends a process in which something hangs, so that a test need not be killed to be known.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace muster::test {

/// While it lives: after `limit` the process says what hangs and aborts.
class Watchdog {
 public:
  Watchdog(std::string what, std::chrono::seconds limit);
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  ~Watchdog();

  std::chrono::milliseconds alive() const;

 private:
  void watch(std::chrono::seconds limit);

  const std::string what_;
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  std::condition_variable ended_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace muster::test
