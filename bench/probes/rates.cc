// Streams of single events: as many as possible, and as few as there really are.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <numeric>
#include <thread>

#include "bench/probe.h"

namespace muster::bench {
namespace {

/// Submits events one by one, `in_flight` of them unanswered at most. Returns the seconds.
double submit_all(Store& store, std::vector<Event> events, std::uint32_t in_flight) {
  std::mutex mutex;
  std::condition_variable room;
  std::uint32_t waiting = 0;
  bool refused = false;
  const auto began = Clock::now();
  for (Event& event : events) {
    {
      std::unique_lock lock(mutex);
      room.wait(lock, [&] { return waiting < in_flight; });
      ++waiting;
    }
    std::vector<Event> one;
    one.push_back(std::move(event));
    require_ok(store.submit(std::move(one), std::nullopt, [&](Result<Applied> applied) {
      const std::lock_guard lock(mutex);
      refused =
          refused || !applied.ok() || refusal_of(applied->results[0].outcome) != Refusal::kNone;
      --waiting;
      room.notify_one();
    }));
  }
  std::unique_lock lock(mutex);
  room.wait(lock, [&] { return waiting == 0; });
  require(!refused, "an event was refused");
  return seconds_since(began);
}

/// What the disk needs for one sync, now and alone.
double raw_sync_micros(const std::filesystem::path& folder) {
  RawSyncs raw(folder);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  return raw.stop().percentile(0.5);
}

struct Submitted {
  double events_per_second = 0;
  double syncs_per_event = 0;
};

Submitted submit_round(const Founded& founded, std::uint32_t round, std::uint32_t in_flight,
                       std::uint64_t limit, Round& measured) {
  founded.engine->apply(founded.workload->before(round));
  wait_for_idle();
  std::vector<Event> events = events_of(*founded.workload, round, limit);
  const auto count = static_cast<double>(events.size());
  const std::uint64_t syncs = founded.store().metrics().syncs;
  const double cpu = process_cpu_seconds();
  const double seconds = submit_all(founded.store(), std::move(events), in_flight);
  measured.wall_seconds += seconds;
  measured.cpu_seconds += process_cpu_seconds() - cpu;
  measured.events += static_cast<std::uint64_t>(count);
  const std::uint64_t synced = founded.store().metrics().syncs - syncs;
  measured.use.syncs += synced;
  return {count / seconds, static_cast<double>(synced) / count};
}

}  // namespace

EngineResult probe_submit(const Cell& cell, const std::filesystem::path& folder) {
  constexpr std::uint32_t kInFlight = 256;
  constexpr std::uint64_t kAlone = 200;
  const Founded synced = found_store(cell, folder / "sync", "full_change", Durability::kSync);
  const Founded buffered =
      found_store(cell, folder / "buffered", "full_change", Durability::kBuffered);
  std::vector<double> raw_syncs;
  Round measured;
  Round other;
  std::vector<double> share;
  for (std::uint32_t round = 0; round <= cell.size.rounds; ++round) {
    if (round == 1) measured = other = Round();
    raw_syncs.push_back(raw_sync_micros(folder));
    const Submitted sync = submit_round(synced, round, kInFlight, UINT64_MAX, measured);
    const Submitted buffer = submit_round(buffered, round, kInFlight, UINT64_MAX, other);
    if (round > 0) share.push_back(sync.events_per_second / buffer.events_per_second);
  }
  std::vector<std::uint32_t> rounds(cell.size.rounds + 1);
  std::iota(rounds.begin(), rounds.end(), 0u);
  compare_with_witness(synced, rounds, synced.engine->digest());
  Round alone;
  const Submitted single = submit_round(synced, cell.size.rounds + 1, 1,
                                        std::min<std::uint64_t>(kAlone, cell.size.hosts), alone);
  submit_round(buffered, cell.size.rounds + 1, 1, std::min<std::uint64_t>(kAlone, cell.size.hosts),
               other);
  EngineResult result = probe_result(synced, measured);
  require(result.digest == buffered.engine->digest(), "the synced store differs from the other");
  const auto events = static_cast<double>(measured.events);
  result.counts = {
      {"sync_to_buffered", median(share)},
      {"sync_to_buffered_least", *std::min_element(share.begin(), share.end())},
      {"sync_to_buffered_most", *std::max_element(share.begin(), share.end())},
      {"events_per_sync", events / static_cast<double>(measured.use.syncs)},
      {"syncs_per_event_alone", single.syncs_per_event},
      {"events_per_second_alone", single.events_per_second},
      {"raw_sync_p50_micros", median(raw_syncs)},
  };
  return result;
}

namespace {

constexpr double kCheckInsPerSecond = 28;
constexpr std::size_t kReports = 2;  // of labels and of profiles, in one span as they come

/// Check-ins one behind the other as time passes, without what ends after the last of them.
Round as_time_passes(std::size_t check_ins, const std::function<void(std::size_t)>& check_in) {
  Round round;
  const double cpu = process_cpu_seconds();
  const auto began = Clock::now();
  for (std::size_t i = 0; i < check_ins; ++i) {
    std::this_thread::sleep_until(
        began + std::chrono::duration_cast<Clock::duration>(
                    std::chrono::duration<double>(static_cast<double>(i) / kCheckInsPerSecond)));
    check_in(i);
  }
  round.wall_seconds = seconds_since(began);
  round.cpu_seconds = process_cpu_seconds() - cpu;
  round.events = check_ins * kReports;
  return round;
}

double share_of(const Round& round) {
  return round.cpu_seconds / round.wall_seconds;
}

struct SharedCommits {
  double share_of_a_core = 0;
  double syncs_per_second = 0;
  double longest_micros = 0;  ///< from a submission to its answer
};

/// By submit(), to a store in which check-ins wait up to 250 ms to share a commit.
SharedCommits submitted_as_time_passes(Store& store, std::span<const Event> events) {
  Latencies latencies;
  const std::uint64_t syncs = store.metrics().syncs;
  const Round round = as_time_passes(events.size() / kReports, [&](std::size_t i) {
    const auto span = events.subspan(i * kReports, kReports);
    const auto asked = Clock::now();
    require_ok(store.submit({span.begin(), span.end()}, std::nullopt,
                            [&latencies, asked](const Result<Applied>& applied) {
                              require_ok(applied.status());
                              latencies.add(Clock::now() - asked);
                            }));
  });
  const auto synced = static_cast<double>(store.metrics().syncs - syncs);
  require_ok(store.close());
  return {share_of(round), synced / round.wall_seconds, latencies.longest()};
}

}  // namespace

EngineResult probe_real_rate(const Cell& cell, const std::filesystem::path& folder) {
  Founded founded = found_store(cell, folder, "steady");
  const auto check_ins = static_cast<std::uint64_t>(kCheckInsPerSecond * cell.size.rounds);
  const std::vector<Event> events = events_of(*founded.workload, 0, kReports * check_ins);
  wait_for_idle();
  Latencies latencies;
  const Round round = as_time_passes(check_ins, [&](std::size_t i) {
    const auto call_began = Clock::now();
    founded.engine->apply(std::span(events).subspan(i * kReports, kReports));
    latencies.add(Clock::now() - call_began);
  });
  wait_for_idle();
  const std::uint64_t switches = voluntary_switches();
  const double idle_cpu = process_cpu_seconds();
  std::this_thread::sleep_for(std::chrono::seconds(1));
  const std::uint64_t wakeups = std::max(voluntary_switches(), switches) - switches;
  const double idle_cpu_seconds = process_cpu_seconds() - idle_cpu;
  const std::uint64_t raw_syncs = std::min<std::uint64_t>(check_ins, 10 * kCheckInsPerSecond);
  const double raw_cpu = raw_sync_cpu_seconds(folder, kCheckInsPerSecond, raw_syncs);
  EngineResult result = probe_result(founded, round);
  result.commits = latencies;
  compare_with_witness(founded, {}, result.digest);  // a steady report moves no row

  founded.engine.reset();
  StoreOptions options = store_options({folder, cell.durability, cell.preset, cell.profiles});
  options.submit_delay_millis = 250;
  Store store = value_of(Store::open(options));
  wait_for_idle();
  const SharedCommits shared =
      submitted_as_time_passes(store, events_of(*founded.workload, 1, kReports * check_ins));
  result.counts = {
      {"cpu_share_of_a_core", share_of(round)},
      {"raw_cpu_share_of_a_core", raw_cpu / static_cast<double>(raw_syncs) * kCheckInsPerSecond},
      {"shared_commits_cpu_share_of_a_core", shared.share_of_a_core},
      {"shared_commits_syncs_per_second", shared.syncs_per_second},
      {"shared_commits_longest_micros", shared.longest_micros},
      {"idle_wakeups_per_second", static_cast<double>(wakeups)},
      {"idle_cpu_seconds", idle_cpu_seconds}};
  return result;
}

}  // namespace muster::bench
