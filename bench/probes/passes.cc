// Passes that find nothing, and passes that others have to live with.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

#include "bench/probe.h"
#include "muster/backup.h"

namespace muster::bench {
namespace {

/// Ten teams whose hosts wait for a user channel, and one whose hosts had a profile that names a
/// label of which nothing is left, so that its rows are frozen.
class Waiters {
 public:
  Waiters(const Cell& cell, Store& store)
      : fleet_({cell.size.hosts, cell.profiles, 11}), store_(store) {}

  void found() {
    apply(fleet_.labels(at(0)));
    apply(fleet_.uploads(1, at(1)));
    each_host([&](std::uint32_t host) { return fleet_.host_added(host, at(2)); });
    each_host([&](std::uint32_t host) { return fleet_.label_report(host, at(3)); });
    pass(at(4));
    std::vector<Event> events;
    for (TeamId team = 0; team < kFrozenTeam; ++team) {
      Event upload = fleet_.upload(team, 1, 2, at(5));
      auto& profile = std::get<ProfileUploaded>(upload.body);
      profile.profile_uuid = fmt::format("user-{}", team);
      profile.identifier = profile.name = profile.profile_uuid;
      profile.scope = Scope::kUser;
      events.push_back(std::move(upload));
    }
    // Profile 0 of each team names it; only rows of hosts that leave a team freeze.
    events.push_back({at(6), LabelDeleted{"All hosts"}});
    apply(events);
    events.clear();
    for (std::uint32_t host = kFrozenTeam; host < fleet_.shape().hosts; host += 11) {
      events.push_back({at(7), HostTransferred{fleet_.host_uuid(host), 99}});
      ++frozen_;
    }
    apply(events);
    pass(at(8));
  }
  Timestamp now() const { return at(9); }
  /// One more host, whose pass is over.
  void add_host() {
    const Event event = fleet_.host_added(fleet_.shape().hosts + added_++, now());
    apply({event});
    pass(now());
  }
  /// A version more of a profile of every team, sent to everybody who waits: all of their due keys
  /// have just left the index.
  void roll_out() {
    std::vector<Event> events;
    for (TeamId team = 0; team < kFrozenTeam; ++team) {
      events.push_back(fleet_.upload(team, 1, 2 + rollouts_, now()));
    }
    ++rollouts_;
    apply(events);
    pass(now());
  }
  std::uint64_t waiting() const { return fleet_.shape().hosts - frozen_; }
  std::uint64_t frozen() const { return frozen_; }

 private:
  static constexpr TeamId kFrozenTeam = 10;

  static Timestamp at(std::int64_t minutes) {
    return Timestamp{founded_install().micros + minutes * 60'000'000};
  }
  template <typename Make>
  void each_host(const Make& make) {
    std::vector<Event> events;
    for (std::uint32_t host = 0; host < fleet_.shape().hosts; ++host) events.push_back(make(host));
    apply(events);
  }
  void apply(const std::vector<Event>& events) {
    constexpr std::size_t kSpan = 1'024;
    for (std::size_t i = 0; i < events.size(); i += kSpan) {
      const Applied applied =
          value_of(store_.apply(std::span(events).subspan(i, std::min(kSpan, events.size() - i))));
      for (const EventResult& result : applied.results) {
        require(refusal_of(result.outcome) == Refusal::kNone, "an event was refused");
      }
    }
  }
  void pass(Timestamp when) {
    const auto uuids = [this] { return fmt::format("command {}", ++commands_); };
    require(value_of(store_.reconcile(when, uuids)).complete, "a pass ended before its end");
  }

  const BenchFleet fleet_;
  Store& store_;
  std::uint64_t commands_ = 0;
  std::uint64_t frozen_ = 0;
  std::uint32_t added_ = 0;
  std::uint32_t rollouts_ = 0;
};

/// A pass that finds nothing, timed.
Clock::duration idle_pass(Store& store, Timestamp now) {
  const auto began = Clock::now();
  const PassReport report = value_of(
      store.reconcile(now, []() -> std::string { throw std::runtime_error("not an idle pass"); }));
  const auto took = Clock::now() - began;
  require(report.complete && report.hosts_changed == 0, "a pass was not idle");
  return took;
}

/// One report after the other, as one device after the other sends them, until it is stopped.
class CheckIns {
 public:
  CheckIns(const Founded& founded, std::uint32_t round)
      : founded_(founded), round_(round), thread_([this] { run(); }) {}
  CheckIns(const CheckIns&) = delete;
  CheckIns& operator=(const CheckIns&) = delete;
  ~CheckIns() { stop(); }

  void stop() {
    stopped_ = true;
    if (thread_.joinable()) thread_.join();
  }
  const Latencies& waits() const { return waits_; }
  /// In microseconds, since the last call.
  double take_longest() { return longest_.exchange(0); }
  std::uint64_t count() const { return count_; }
  const std::string& failure() const { return failure_; }

 private:
  void run() {
    try {
      while (!stopped_) {
        const std::uint32_t hosts = founded_.workload->fleet().shape().hosts;
        const Event event = founded_.workload->event(round_, 2 * (count_ % hosts) + 1);
        const auto began = Clock::now();
        founded_.engine->apply(std::span(&event, 1));
        const auto took = Clock::now() - began;
        waits_.add(took);
        longest_ = std::max(longest_.load(), static_cast<double>(took.count()) / 1e3);
        ++count_;
      }
    } catch (const std::exception& error) {
      failure_ = error.what();
    }
  }

  const Founded& founded_;
  const std::uint32_t round_;
  std::atomic<bool> stopped_ = false;
  std::uint64_t count_ = 0;
  Latencies waits_;
  std::atomic<double> longest_ = 0;
  std::string failure_;
  std::thread thread_;
};

}  // namespace

EngineResult probe_idle_pass(const Cell& cell, const std::filesystem::path& folder) {
  Founded founded;
  founded.engine = std::make_unique<MusterEngine>(
      EngineSetting{folder, cell.durability, cell.preset, cell.profiles});
  Waiters waiters(cell, founded.store());
  waiters.found();
  Store& store = founded.store();
  const std::uint32_t passes = cell.size.rounds;
  Round round;
  Latencies all;
  // Nothing came since the last one; a host came and was dealt with; everybody was.
  std::array<Latencies, 3> each;
  const auto measure = [&](Latencies& latencies) {
    const double cpu = process_cpu_seconds();
    const auto took = idle_pass(store, waiters.now());
    round.cpu_seconds += process_cpu_seconds() - cpu;
    round.wall_seconds += std::chrono::duration<double>(took).count();
    ++round.events;
    latencies.add(took);
    all.add(took);
  };
  for (std::uint32_t i = 0; i < passes; ++i) measure(each[0]);
  for (std::uint32_t i = 0; i < passes; ++i) {
    waiters.add_host();
    measure(each[1]);
  }
  constexpr std::uint32_t kPassesPerRollout = 20;
  for (std::uint32_t i = 0; i < std::max(passes / 200, 1u); ++i) {
    waiters.roll_out();
    founded.engine->after_round();
    for (std::uint32_t pass = 0; pass < kPassesPerRollout; ++pass) measure(each[2]);
  }
  const std::string digest = founded.engine->digest();
  measure(each[2]);
  const auto due = value_of(store.stats()).hosts_due;
  require(due >= waiters.waiting(), "hosts do not wait for their user channel");
  EngineResult result = probe_result(founded, round);
  require(result.digest == digest, "an idle pass moved rows");
  result.commits = all;
  result.counts = {{"hosts_waiting", static_cast<double>(waiters.waiting())},
                   {"hosts_frozen", static_cast<double>(waiters.frozen())}};
  constexpr std::array kNames = {"nothing_new", "behind_a_host", "behind_a_rollout"};
  for (std::size_t i = 0; i < each.size(); ++i) {
    result.counts[fmt::format("{}_p50_micros", kNames[i])] = each[i].percentile(0.5);
    result.counts[fmt::format("{}_max_micros", kNames[i])] = each[i].longest();
  }
  return result;
}

EngineResult probe_check_in_waits(const Cell& cell, const std::filesystem::path& folder) {
  // Founded without syncs; nothing of that is measured.
  { const Founded founding = found_store(cell, folder, "steady", Durability::kBuffered); }
  Founded founded;
  founded.workload = find_workload("steady")->make(cell.shape());
  founded.engine = std::make_unique<MusterEngine>(
      EngineSetting{folder, cell.durability, cell.preset, cell.profiles});
  const BenchFleet& fleet = founded.workload->fleet();
  const Timestamp now =
      std::get<ProfilesReported>(founded.workload->event(1, 1).body).detail_updated_at;
  RawSyncs raw(folder);
  CheckIns check_ins(founded, 1);
  const double cpu = process_cpu_seconds();
  const auto began = Clock::now();
  const std::array rollout = {fleet.upload(0, 1, 2, now), fleet.upload(1, 1, 2, now),
                              fleet.upload(2, 1, 2, now), fleet.upload(3, 1, 2, now),
                              Event{now, Reconciled{}}};
  founded.engine->apply(rollout);
  const double rollout_seconds = seconds_since(began);
  const double rollout_longest = check_ins.take_longest();
  const Event deletion{now, ProfileDeleted{fleet.profile_uuid(0, 2)}};
  founded.engine->apply(std::span(&deletion, 1));
  const double deletion_seconds = seconds_since(began) - rollout_seconds;
  const double deletion_longest = check_ins.take_longest();
  const Backup backup = value_of(founded.store().backup(folder / "backups"));
  Round round;
  round.wall_seconds = seconds_since(began);
  check_ins.stop();
  round.cpu_seconds = process_cpu_seconds() - cpu;
  require(check_ins.failure().empty(), check_ins.failure());
  round.events = check_ins.count();
  const Latencies& syncs = raw.stop();
  EngineResult result = probe_result(founded, round);
  result.commits = check_ins.waits();
  result.counts = {{"raw_sync_p50_micros", syncs.percentile(0.5)},
                   {"raw_sync_max_micros", syncs.longest()},
                   {"rollout_seconds", rollout_seconds},
                   {"rollout_longest_micros", rollout_longest},
                   {"deletion_longest_micros", deletion_longest},
                   {"deletion_seconds", deletion_seconds},
                   {"backup_longest_micros", check_ins.take_longest()},
                   {"backup_seconds", round.wall_seconds - rollout_seconds - deletion_seconds},
                   {"backup_bytes", static_cast<double>(backup.bytes)}};
  result.counts.merge(founded.engine->counts());
  return result;
}

}  // namespace muster::bench
