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
  const std::lock_guard lock(mutex_);
  waiting_.push_back({job, argument, priority, tag, cancel});
  scheduled_.notify_one();
}

int PumpEnv::UnSchedule(void* tag, Priority priority) {
  const std::lock_guard lock(mutex_);
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
  const std::lock_guard lock(mutex_);
  waiting_.push_back({job, argument, USER, nullptr, nullptr});
}

unsigned int PumpEnv::GetThreadPoolQueueLen(Priority priority) const {
  const std::lock_guard lock(mutex_);
  const auto count = std::count_if(waiting_.begin(), waiting_.end(), [priority](const auto& one) {
    return one.priority == priority;
  });
  return static_cast<unsigned int>(count);
}

std::string PumpEnv::GenerateUniqueId() {
  return "00000000-0000-4000-8000-000000000000";
}

void PumpEnv::run(const Waiting& job) {
  const std::size_t begin = files_->trace().size();
  job.job(job.argument);
  if (job.tag != nullptr && job.priority == HIGH) ++flushes_;
  // A compaction into the last level waits in a queue of its own.
  if (job.tag != nullptr && (job.priority == LOW || job.priority == BOTTOM)) {
    compactions_.push_back({begin, files_->trace().size()});
  }
}

void PumpEnv::pump(std::size_t jobs_max) {
  std::unique_lock lock(mutex_);
  for (std::size_t count = 0; count < jobs_max && !waiting_.empty(); ++count) {
    const Waiting next = waiting_.front();
    waiting_.pop_front();
    lock.unlock();
    run(next);
    lock.lock();
  }
}

void PumpEnv::run_beside(const std::function<void()>& call) {
  std::unique_lock lock(mutex_);
  bool done = false;
  std::thread caller([&] {
    call();
    const std::lock_guard ending(mutex_);
    done = true;
    scheduled_.notify_one();
  });
  const auto next_flush = [this] {
    return std::find_if(waiting_.begin(), waiting_.end(), [](const Waiting& one) {
      return one.tag != nullptr && one.priority == HIGH;
    });
  };
  while (!done) {
    const auto next = next_flush();
    if (next == waiting_.end()) {
      scheduled_.wait(lock);
      continue;
    }
    const Waiting flush = *next;
    waiting_.erase(next);
    lock.unlock();
    run(flush);
    lock.lock();
  }
  lock.unlock();
  caller.join();
}

}  // namespace muster::test
