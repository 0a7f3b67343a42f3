// An environment below RocksDB in which nothing happens by itself: jobs wait until the test runs
// them on its own thread, time passes when somebody asks for it, and identities are constant. So
// one seed gives one sequence of operations.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/system_clock.h>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/sim/file_system.h"

namespace muster::test {

class VirtualClock;

class PumpEnv : public rocksdb::EnvWrapper {
 public:
  using Job = void (*)(void*);
  /// Operations [begin, end) of the file system, made by one job.
  struct Span {
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  explicit PumpEnv(const std::shared_ptr<SimFileSystem>& files);
  ~PumpEnv() override;

  /// Runs jobs in the order in which they were scheduled, those too that they schedule themselves,
  /// until none waits or `jobs_max` have run: a compaction that fails for want of space schedules
  /// itself for ever.
  void pump(std::size_t jobs_max = kJobsMax);
  /// For a call that waits for flushes: makes it on a thread of its own, and runs flushes here
  /// until it is done. Whoever runs, the other waits, so the order stays certain.
  void run_beside(const std::function<void()>& call);
  /// The clock of the machine is set: by so much forwards, or backwards.
  void jump(std::int64_t micros);
  std::size_t flushes() const { return flushes_; }  ///< jobs that have run
  const std::vector<Span>& compactions() const { return compactions_; }

  const char* Name() const override { return "muster.test.PumpEnv"; }
  void Schedule(Job job, void* argument, Priority priority, void* tag, Job cancel) override;
  /// A database calls this when it is closed, and then waits for its jobs without a tag, which
  /// nobody can run meanwhile but a thread. The closing thread waits, so the order stays certain.
  int UnSchedule(void* tag, Priority priority) override;
  void StartThread(Job job, void* argument) override;
  void SetBackgroundThreads(int, Priority) override {}
  void IncBackgroundThreadsIfNeeded(int, Priority) override {}
  int GetBackgroundThreads(Priority) override { return 1; }
  unsigned int GetThreadPoolQueueLen(Priority priority) const override;
  std::string GenerateUniqueId() override;
  std::uint64_t NowMicros() override { return system_clock_->NowMicros(); }
  std::uint64_t NowNanos() override { return system_clock_->NowNanos(); }
  void SleepForMicroseconds(int micros) override { system_clock_->SleepForMicroseconds(micros); }
  rocksdb::Status GetCurrentTime(std::int64_t* seconds) override {
    return system_clock_->GetCurrentTime(seconds);
  }

 private:
  static constexpr std::size_t kJobsMax = 100;
  struct Waiting {
    Job job = nullptr;
    void* argument = nullptr;
    Priority priority = LOW;
    void* tag = nullptr;
    Job cancel = nullptr;
  };

  void run(const Waiting& job);

  std::shared_ptr<SimFileSystem> files_;
  std::shared_ptr<VirtualClock> clock_;
  mutable std::mutex mutex_;  ///< guards waiting_
  std::condition_variable scheduled_;
  std::deque<Waiting> waiting_;
  std::vector<std::thread> closing_;
  std::size_t flushes_ = 0;
  std::vector<Span> compactions_;
};

}  // namespace muster::test
