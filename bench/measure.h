// What a stretch of work took.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace muster::bench {

/// Of the whole process, background threads included; in seconds.
double process_cpu_seconds();
double thread_cpu_seconds();
std::uint64_t resident_bytes();

/// Times of calls in buckets of 4 %, from 100 ns to 1,000 s.
class Latencies {
 public:
  Latencies();
  void add(std::chrono::nanoseconds took);
  /// In microseconds: the upper bound of the bucket where the share of the calls is reached.
  double percentile(double share) const;
  double longest() const { return longest_; }

 private:
  std::vector<std::uint64_t> counts_;
  std::uint64_t total_ = 0;
  double longest_ = 0;
};

}  // namespace muster::bench
