// A profile that every host has is deleted while hosts check in. With MUSTER_FLEET it is the
// measurement behind docs/limits.md: what the deletion takes, and how long check-ins wait.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <iostream>
#include <mutex>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "muster/snapshot.h"
#include "tests/matrix/fleet_files.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kCheckInSpan = 1'024;

std::string host_name(std::uint32_t number) {
  return "host " + std::to_string(number);
}
std::string profile_name(std::uint32_t number) {
  return "profile " + std::to_string(number);
}

Event check_in(const muster::FleetOptions& fleet, std::uint32_t host, std::int64_t seconds) {
  ProfilesReported report;
  report.host_uuid = host_name(host);
  report.detail_updated_at = at(seconds);
  for (std::uint32_t i = 0; i < fleet.profiles; ++i) {
    report.profiles.add(profile_name(i), profile_name(i), at(seconds));
  }
  return {at(seconds), std::move(report)};
}

/// Every host has a row for every profile, and its command.
void found_fleet(Store& store, const muster::FleetOptions& fleet) {
  std::vector<Event> events;
  for (std::uint32_t i = 0; i < fleet.profiles; ++i) {
    ProfileUploaded profile;
    profile.profile_uuid = profile.identifier = profile.name = profile_name(i);
    profile.uploaded_at = at(0);
    profile.checksum[0] = static_cast<std::uint8_t>(i + 1);
    events.push_back({at(0), std::move(profile)});
  }
  for (std::uint32_t i = 0; i < fleet.hosts; ++i) {
    events.push_back({at(1), HostAdded{host_name(i), Platform::kDarwin, 0, true, {}, false, {}}});
    if (events.size() < kCheckInSpan) continue;
    require(store.apply(events), "hosts");
    events.clear();
  }
  events.push_back({at(2), Reconciled{}});
  require(store.apply(events), "the first pass");
  ASSERT_EQ(require(store.stats(), "stats").rows, std::uint64_t{fleet.hosts} * fleet.profiles);
}

/// Hosts check in, one after the other in random order, until it is told to stop.
class CheckIns {
 public:
  CheckIns(Store& store, const muster::FleetOptions& fleet)
      : store_(store), fleet_(fleet), random_(fleet.seed), thread_([this] { go(); }) {}

  struct Waits {
    std::uint64_t count = 0;
    std::chrono::microseconds longest{0};
  };
  /// Since the last call.
  Waits take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(waits_, {});
  }
  /// Returns how many were refused.
  std::uint64_t stop() {
    stop_ = true;
    thread_.join();
    return refused_;
  }

 private:
  void go() {
    for (std::int64_t second = 60; !stop_; ++second) {
      const Event event =
          check_in(fleet_, static_cast<std::uint32_t>(random_() % fleet_.hosts), second);
      const auto began = Clock::now();
      const Applied applied = require(store_.apply(std::span(&event, 1)), "check-in");
      const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began);
      if (refusal_of(applied.results.front().outcome) != Refusal::kNone) ++refused_;
      const std::lock_guard lock(mutex_);
      ++waits_.count;
      waits_.longest = std::max(waits_.longest, took);
    }
  }

  Store& store_;
  const muster::FleetOptions fleet_;
  std::mt19937_64 random_;
  std::mutex mutex_;
  Waits waits_;
  std::atomic<std::uint64_t> refused_ = 0;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

std::string held(const Store& store) {
  const StoreMetrics metrics = store.metrics();
  return "cache " + std::to_string(metrics.cache_bytes >> 20) + " MiB, write buffers " +
         std::to_string(metrics.write_buffer_bytes >> 20) + " MiB";
}

/// In MiB; 0 where the system does not tell.
std::uint64_t memory(std::string_view which) {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with(which)) return std::stoull(line.substr(which.size() + 1)) / 1'024;
  }
  return 0;
}

TEST(Deletion, ofAProfileOfAllBesideCheckIns) {
  const muster::FleetOptions fleet = matrix_fleet_options();
  std::cout << matrix_hint() << '\n';
  const TempDir folder;
  StoreOptions options;
  options.path = folder / "store";
  store::Tuning tuning;
  if (fleet.hosts < 10'000) tuning.window_hosts = 4;
  Store store = open_store(options, tuning);
  ASSERT_NO_FATAL_FAILURE(found_fleet(store, fleet));
  CheckIns check_ins(store, fleet);
  while (store.metrics().events < fleet.hosts + 200) std::this_thread::yield();
  const CheckIns::Waits before = check_ins.take();
  const std::uint64_t resident = memory("VmRSS:");
  std::cout << "before: " << held(store) << ", peak of founding " << memory("VmHWM:") << " MiB\n";
  std::ofstream("/proc/self/clear_refs") << 5;  // the peak begins here

  const auto began = Clock::now();
  const Event deletion{at(3), ProfileDeleted{profile_name(0)}};
  const Applied applied = require(store.apply(std::span(&deletion, 1)), "deletion");
  const std::chrono::duration<double> took = Clock::now() - began;
  const CheckIns::Waits during = check_ins.take();
  const std::uint64_t peak = memory("VmHWM:");
  std::cout << "after: " << held(store) << '\n';
  EXPECT_EQ(check_ins.stop(), 0U);

  EXPECT_EQ(applied.results.front().outcome, Outcome::kApplied);
  // A small fleet's deletion may be over before a check-in comes.
  if (fleet.hosts >= 10'000) {
    EXPECT_GT(during.count, 0U);
  }
  const StatusCounts left = require(store.snapshot(), "snapshot").profile_counts(profile_name(0));
  EXPECT_EQ(left.verified + left.verifying + left.failed, 0U);
  EXPECT_EQ(findings_of(store).size(), 0U) << to_text(findings_of(store));
  std::cout << took.count() << " s; resident before " << resident << " MiB, peak " << peak
            << " MiB; check-ins before " << before.count << ", longest " << before.longest.count()
            << " us; during " << during.count << ", longest " << during.longest.count() << " us\n";
}

}  // namespace
}  // namespace muster::test
