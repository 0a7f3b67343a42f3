#include "bench/measure.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>

namespace muster::bench {
namespace {

constexpr double kLeastMicros = 0.1;
constexpr double kGrowth = 1.04;
constexpr std::size_t kBuckets = 600;

double seconds_of(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

}  // namespace

double process_cpu_seconds() {
  return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}
double thread_cpu_seconds() {
  return seconds_of(CLOCK_THREAD_CPUTIME_ID);
}

std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

Latencies::Latencies() : counts_(kBuckets) {}

void Latencies::add(std::chrono::nanoseconds took) {
  const double micros = static_cast<double>(took.count()) / 1e3;
  const double place = std::log(std::max(micros, kLeastMicros) / kLeastMicros) / std::log(kGrowth);
  ++counts_[std::min(static_cast<std::size_t>(place), kBuckets - 1)];
  ++total_;
  longest_ = std::max(longest_, micros);
}

double Latencies::percentile(double share) const {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(total_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += counts_[i];
    if (seen >= wanted && seen > 0) {
      return std::min(longest_, kLeastMicros * std::pow(kGrowth, static_cast<double>(i + 1)));
    }
  }
  return longest_;
}

}  // namespace muster::bench
