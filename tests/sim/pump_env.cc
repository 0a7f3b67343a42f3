#include "tests/sim/pump_env.h"

#include <algorithm>

namespace muster::test {

/// Moves on by a microsecond whenever it is read.
class VirtualClock : public rocksdb::SystemClockWrapper {
 public:
  VirtualClock() : SystemClockWrapper(rocksdb::SystemClock::Default()) {}
  const char* Name() const override { return "muster.test.VirtualClock"; }
  std::uint64_t NowMicros() override { return ++micros_; }
  std::uint64_t NowNanos() override { return 1000 * ++micros_; }
  std::uint64_t CPUMicros() override { return 0; }
  std::uint64_t CPUNanos() override { return 0; }
  void SleepForMicroseconds(int micros) override { jump(micros); }
  void jump(std::int64_t micros) { micros_ += static_cast<std::uint64_t>(micros); }
  rocksdb::Status GetCurrentTime(std::int64_t* seconds) override {
    *seconds = kFirstSecond;
    return rocksdb::Status::OK();
  }

 private:
  static constexpr std::int64_t kFirstSecond = 1'748'736'000;
  std::uint64_t micros_ = kFirstSecond * 1'000'000ull;
};

PumpEnv::PumpEnv(const std::shared_ptr<SimFileSystem>& files)
    : EnvWrapper(rocksdb::NewCompositeEnv(files)),
      files_(files),
      clock_(std::make_shared<VirtualClock>()) {
  file_system_ = files;
  system_clock_ = clock_;
}

PumpEnv::~PumpEnv() {
  for (std::thread& thread : closing_) thread.join();
}

void PumpEnv::jump(std::int64_t micros) {
  clock_->jump(micros);
}

void PumpEnv::Schedule(Job job, void* argument, Priority priority, void* tag, Job cancel) {
  waiting_.push_back({job, argument, priority, tag, cancel});
}

int PumpEnv::UnSchedule(void* tag, Priority priority) {
  int dropped = 0;
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    if (at->tag != tag || at->priority != priority) {
      ++at;
      continue;
    }
    if (at->cancel != nullptr) at->cancel(at->argument);
    at = waiting_.erase(at);
    ++dropped;
  }
  std::vector<Waiting> untagged;
  std::erase_if(waiting_, [&untagged](const Waiting& one) {
    if (one.tag == nullptr) untagged.push_back(one);
    return one.tag == nullptr;
  });
  if (!untagged.empty()) {
    closing_.emplace_back([untagged] {
      for (const Waiting& one : untagged) one.job(one.argument);
    });
  }
  return dropped;
}

void PumpEnv::StartThread(Job job, void* argument) {
  waiting_.push_back({job, argument, USER, nullptr, nullptr});
}

unsigned int PumpEnv::GetThreadPoolQueueLen(Priority priority) const {
  const auto count = std::count_if(waiting_.begin(), waiting_.end(), [priority](const auto& one) {
    return one.priority == priority;
  });
  return static_cast<unsigned int>(count);
}

std::string PumpEnv::GenerateUniqueId() {
  return "00000000-0000-4000-8000-000000000000";
}

void PumpEnv::pump(std::size_t jobs_max) {
  for (std::size_t run = 0; run < jobs_max && !waiting_.empty(); ++run) {
    const Waiting next = waiting_.front();
    waiting_.pop_front();
    const std::size_t begin = files_->trace().size();
    next.job(next.argument);
    if (next.tag != nullptr && next.priority == HIGH) ++flushes_;
    if (next.tag != nullptr && next.priority == LOW) {
      compactions_.push_back({begin, files_->trace().size()});
    }
  }
}

}  // namespace muster::test
