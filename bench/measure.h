// What a stretch of work took.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

namespace muster::bench {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point began);

/// Of the whole process, background threads included; in seconds.
double process_cpu_seconds();
double thread_cpu_seconds();
std::uint64_t resident_bytes();
/// What the machine has, or what the process's own control group (version 1 or 2) leaves of it.
std::uint64_t memory_bytes();
/// That the process caused to be written to the disk, writes that wait in the system included.
std::uint64_t written_bytes();
/// How often the other threads of the process began to wait, all together.
std::uint64_t voluntary_switches();

/// Waits until background threads have nothing to do any more; at most half a minute. What they
/// use meanwhile is counted by process_cpu_seconds().
void wait_for_idle();

/// Times of calls in buckets of 4 %, from 100 ns to 1,000 s.
class Latencies {
 public:
  Latencies();
  void add(std::chrono::nanoseconds took);
  /// In microseconds: the upper bound of the bucket where the share of the calls is reached.
  double percentile(double share) const;
  double longest() const { return longest_; }
  std::uint64_t count() const { return total_; }

 private:
  std::vector<std::uint64_t> counts_;
  std::uint64_t total_ = 0;
  double longest_ = 0;
};

/// Appends 4 KiB to a file of its own and syncs it, as a thread that runs for as long as this
/// object lives: what the disk itself needed in the same seconds.
class RawSyncs {
 public:
  explicit RawSyncs(const std::filesystem::path& folder);
  RawSyncs(const RawSyncs&) = delete;
  RawSyncs& operator=(const RawSyncs&) = delete;
  ~RawSyncs();

  /// Ends the thread.
  const Latencies& stop();

 private:
  class Worker;
  std::unique_ptr<Worker> worker_;
};

/// Processor time of this process, in seconds, while so many small writes a second are appended to
/// a file of their own and synced, one by one: what the kernel alone takes for a rate.
double raw_sync_cpu_seconds(const std::filesystem::path& folder, double per_second,
                            std::uint64_t writes);

double median(std::vector<double> values);  ///< 0 of none

}  // namespace muster::bench
