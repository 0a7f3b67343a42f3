#include "bench/measure.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <fstream>
#include <stdexcept>
#include <thread>

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

/// The number behind a name in one of the system's files; 0: it is not there.
std::uint64_t number_in(const std::filesystem::path& path, const std::string& name) {
  std::ifstream file(path);
  for (std::string word; file >> word;) {
    std::uint64_t value = 0;
    if (word == name && file >> value) return value;
  }
  return 0;
}

}  // namespace

double seconds_since(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

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

std::uint64_t memory_bytes() {
  const auto machine = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) *
                       static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  std::ifstream groups("/proc/self/cgroup");
  // NUMBER:CONTROLLERS:PATH; version 2 is number 0 and names none.
  for (std::string line; std::getline(groups, line);) {
    const std::string path = line.substr(line.rfind(':') + 1);
    std::ifstream limit;
    if (line.find(":memory:") != std::string::npos) {
      limit.open("/sys/fs/cgroup/memory" + path + "/memory.limit_in_bytes");
    } else if (line.starts_with("0::")) {
      limit.open("/sys/fs/cgroup" + path + "/memory.max");
    }
    // Without one it is a huge number, or the word "max".
    std::uint64_t bytes = 0;
    if (limit >> bytes) return std::min(machine, bytes);
  }
  return machine;
}

std::uint64_t written_bytes() {
  return number_in("/proc/self/io", "write_bytes:");
}

std::uint64_t voluntary_switches() {
  std::uint64_t sum = 0;
  const std::string own = std::to_string(::gettid());
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    if (task.path().filename() == own) continue;
    sum += number_in(task.path() / "status", "voluntary_ctxt_switches:");
  }
  return sum;
}

void wait_for_idle() {
  constexpr auto kLook = std::chrono::milliseconds(20);
  constexpr double kIdleSeconds = 0.0005;
  // A compaction that waits for the disk looks idle for a while.
  constexpr int kIdleLooks = 6;
  int idle = 0;
  for (int looks = 0; looks < 3'000 && idle < kIdleLooks; ++looks) {
    const double before = process_cpu_seconds();
    std::this_thread::sleep_for(kLook);
    idle = process_cpu_seconds() - before < kIdleSeconds ? idle + 1 : 0;
  }
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

namespace {

int open_raw_file(const std::filesystem::path& folder) {
  const int file = ::open((folder / "raw-syncs").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
  if (file < 0) throw std::runtime_error("no file for raw syncs in " + folder.string());
  return file;
}

}  // namespace

class RawSyncs::Worker {
 public:
  explicit Worker(const std::filesystem::path& folder) : file_(open_raw_file(folder)) {
    thread_ = std::thread([this] { run(); });
  }
  ~Worker() {
    stop();
    ::close(file_);
  }
  const Latencies& stop() {
    stopped_ = true;
    if (thread_.joinable()) thread_.join();
    return latencies_;
  }

 private:
  void run() {
    const std::array<char, 4096> block{};
    // One at a time and not all the time: the disk has to have room for what is measured beside it.
    for (; !stopped_; std::this_thread::sleep_for(std::chrono::milliseconds(5))) {
      const auto began = Clock::now();
      if (::write(file_, block.data(), block.size()) < 0 || ::fdatasync(file_) != 0) return;
      latencies_.add(Clock::now() - began);
    }
  }

  int file_;
  std::atomic<bool> stopped_ = false;
  Latencies latencies_;
  std::thread thread_;
};

RawSyncs::RawSyncs(const std::filesystem::path& folder)
    : worker_(std::make_unique<Worker>(folder)) {}
RawSyncs::~RawSyncs() = default;
const Latencies& RawSyncs::stop() {
  return worker_->stop();
}

double raw_sync_cpu_seconds(const std::filesystem::path& folder, double per_second,
                            std::uint64_t writes) {
  const std::array<char, 256> block{};
  const int file = open_raw_file(folder);
  const double cpu = process_cpu_seconds();
  bool written = true;
  for (std::uint64_t i = 0; written && i < writes; ++i) {
    std::this_thread::sleep_for(std::chrono::duration<double>(1 / per_second));
    written = ::write(file, block.data(), block.size()) >= 0 && ::fdatasync(file) == 0;
  }
  const double took = process_cpu_seconds() - cpu;
  ::close(file);
  if (!written) throw std::runtime_error("raw syncs fail in " + folder.string());
  return took;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace muster::bench
