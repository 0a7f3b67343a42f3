// What people ask of the store.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

#include "bench/probe.h"

namespace muster::bench {
namespace {

constexpr std::uint64_t kPageHosts = 100;
constexpr std::uint64_t kLookupsPerPage = 20;

/// Looks hosts up, and now and then turns to a page, each on a snapshot of the moment.
class Reader {
 public:
  explicit Reader(const Founded& founded) : founded_(founded), thread_([this] { run(); }) {}
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { stop(); }

  void stop() {
    stopped_ = true;
    if (thread_.joinable()) thread_.join();
  }
  const Latencies& lookups() const { return lookups_; }
  const Latencies& pages() const { return pages_; }
  double calls() const { return static_cast<double>(calls_); }
  const std::string& failure() const { return failure_; }

 private:
  void run() {
    try {
      for (; !stopped_; ++calls_) {
        const std::uint32_t host = founded_.workload->fleet().shuffled(
            7, static_cast<std::uint32_t>(calls_ % founded_.workload->fleet().shape().hosts));
        const auto began = Clock::now();
        if (calls_ % kLookupsPerPage == 0) {
          page(founded_.workload->fleet().host_uuid(host));
          pages_.add(Clock::now() - began);
        } else {
          look_up(founded_.workload->fleet().host_uuid(host));
          lookups_.add(Clock::now() - began);
        }
      }
    } catch (const std::exception& error) {
      failure_ = error.what();
    }
  }
  void look_up(const std::string& uuid) const {
    const Snapshot snapshot = value_of(founded_.store().snapshot());
    std::size_t rows = 0;
    require(value_of(snapshot.find_host(uuid)).has_value(), "a host is missing");
    require_ok(snapshot.visit_host(uuid, {}, [&](const ProfileState&) {
      ++rows;
      return true;
    }));
    require(rows == founded_.workload->fleet().shape().profiles, "a host lacks rows");
  }
  void page(const std::string& after) const {
    const Snapshot snapshot = value_of(founded_.store().snapshot());
    std::string last = after;
    require_ok(snapshot.visit_hosts({after, kPageHosts}, [&](const HostState& host) {
      require(host.host_uuid > last, "hosts are out of order");
      last = host.host_uuid;
      return true;
    }));
  }

  const Founded& founded_;
  std::atomic<bool> stopped_ = false;
  std::uint64_t calls_ = 0;
  Latencies lookups_;
  Latencies pages_;
  std::string failure_;
  std::thread thread_;
};

double reports_per_second(const Founded& founded, std::uint32_t round, std::uint32_t batch,
                          Round& measured) {
  const std::vector<Event> events = events_of(*founded.workload, round, 100'000);
  const double cpu = process_cpu_seconds();
  const auto began = Clock::now();
  for (std::size_t at = 0; at < events.size(); at += batch) {
    founded.engine->apply(
        std::span(events).subspan(at, std::min<std::size_t>(batch, events.size() - at)));
  }
  const double seconds = seconds_since(began);
  measured.events += events.size();
  measured.wall_seconds += seconds;
  measured.cpu_seconds += process_cpu_seconds() - cpu;
  return static_cast<double>(events.size()) / seconds;
}

}  // namespace

EngineResult probe_reads(const Cell& cell, const std::filesystem::path& folder) {
  const Founded founded = found_store(cell, folder, "steady");
  Round alone;
  Round beside;
  std::vector<double> share;
  double reads = 0;
  Latencies lookups;
  Latencies pages;
  for (std::uint32_t i = 0; i < cell.size.rounds; ++i) {
    const double without = reports_per_second(founded, 2 * i, cell.batch, alone);
    Reader reader(founded);
    const double with = reports_per_second(founded, 2 * i + 1, cell.batch, beside);
    reader.stop();
    require(reader.failure().empty(), reader.failure());
    share.push_back(with / without);
    reads += reader.calls();
    lookups = reader.lookups();
    pages = reader.pages();
  }
  EngineResult result = probe_result(founded, beside);
  compare_with_witness(founded, {}, result.digest);  // a steady report moves no row
  result.commits = lookups;
  result.counts = {{"reads_per_second", reads / beside.wall_seconds},
                   {"reports_share_beside_reads", median(share)},
                   {"lookup_p99_micros", lookups.percentile(0.99)},
                   {"page_p50_micros", pages.percentile(0.5)},
                   {"page_p99_micros", pages.percentile(0.99)}};
  return result;
}

EngineResult probe_summary(const Cell& cell, const std::filesystem::path& folder) {
  const Founded founded = found_store(cell, folder, "steady");
  const BenchFleet& fleet = founded.workload->fleet();
  Round round;
  Latencies latencies;
  const double cpu = process_cpu_seconds();
  for (std::uint32_t i = 0; i < cell.size.rounds; ++i) {
    const TeamId team = i % fleet.shape().teams;
    const std::string profile = fleet.profile_uuid(team, i % cell.profiles);
    const std::uint64_t hosts =
        (cell.size.hosts + fleet.shape().teams - 1 - team) / fleet.shape().teams;
    const auto began = Clock::now();
    const Snapshot snapshot = value_of(founded.store().snapshot());
    const StatusCounts summary = snapshot.summary(team);
    const StatusCounts counts = snapshot.profile_counts(profile);
    const auto took = Clock::now() - began;
    latencies.add(took);
    round.wall_seconds += std::chrono::duration<double>(took).count();
    require(summary.verified == hosts && counts.verified == hosts, "a summary is wrong");
  }
  round.cpu_seconds = process_cpu_seconds() - cpu;
  round.events = cell.size.rounds;
  EngineResult result = probe_result(founded, round);
  compare_with_witness(founded, {}, result.digest);
  result.commits = latencies;
  return result;
}

EngineResult probe_failed_hosts(const Cell& cell, const std::filesystem::path& folder) {
  const Founded founded = found_store(cell, folder, "retry_storm");
  apply_round(founded, 0, cell.batch);
  const BenchFleet& fleet = founded.workload->fleet();
  const std::uint64_t failed = (cell.size.hosts + 19) / 20;  // of team 0: every twentieth host
  Round round;
  Latencies latencies;
  const double cpu = process_cpu_seconds();
  for (std::uint32_t i = 0; i < cell.size.rounds; ++i) {
    const std::string profile = fleet.profile_uuid(0, i % cell.profiles);
    std::uint64_t seen = 0;
    const auto began = Clock::now();
    const Snapshot snapshot = value_of(founded.store().snapshot());
    require_ok(snapshot.visit_failed(profile, {"", kPageHosts}, [&](std::string_view uuid) {
      const auto host = value_of(snapshot.find_host(uuid));
      require(host && host->status == DeliveryStatus::kFailed, "a host did not fail");
      ++seen;
      return true;
    }));
    const auto took = Clock::now() - began;
    latencies.add(took);
    round.wall_seconds += std::chrono::duration<double>(took).count();
    require(seen == std::min(kPageHosts, failed), "a page is not full");
  }
  round.cpu_seconds = process_cpu_seconds() - cpu;
  round.events = cell.size.rounds;
  EngineResult result = probe_result(founded, round);
  compare_with_witness(founded, std::array{0u}, result.digest);
  result.commits = latencies;
  return result;
}

}  // namespace muster::bench
