// Makes up scenarios. Every change is made in a store of its own, one by one, and the state after
// it noted.
#include <random>
#include <set>
#include <string>

#include "muster/snapshot.h"
#include "tests/sim/scenario.h"
#include "tests/support/fleet.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

constexpr std::array<const char*, 3> kSources = {"first", "second", ""};
constexpr TeamId kTeams = 2;
constexpr std::size_t kStepMax = 6;
/// Labels, profiles and the pass that found a fleet, beside its hosts.
constexpr std::size_t kFounding = 9 + kTeams * 6 + 1;
/// Of one live pass; the next one goes on behind it.
constexpr std::size_t kLiveWindowsMax = 4;
constexpr std::size_t kHandOversMax = 3;

class Author {
 public:
  explicit Author(const ScenarioPlan& plan);
  Scenario write();

 private:
  bool done() const { return scenario_.events.size() >= total_; }
  std::size_t below(std::size_t bound) { return random_() % bound; }
  std::set<std::string> rows_of_live_commands() const;
  PassReport change(const Step& step, Event event);
  void apply_some();
  void pass();
  void hand_over();

  const ScenarioPlan& plan_;
  const std::size_t founding_;
  const std::size_t total_;
  Machine machine_;
  Store store_;
  const StoreView view_;
  Fleet fleet_;
  std::mt19937_64 random_;
  std::array<std::uint64_t, kSources.size()> taken_{};
  Scenario scenario_;
};

Author::Author(const ScenarioPlan& plan)
    : plan_(plan),
      founding_(kFounding + plan.hosts),
      total_(founding_ + plan.events),
      machine_(new_disk(), plan.recorder),
      store_(require(machine_.open(Durability::kBuffered), "open")),
      view_(store_),
      fleet_({plan.seed, plan.hosts, kTeams}, view_),
      random_(plan.seed) {
  scenario_.seed = plan.seed;
  scenario_.recorder = plan.recorder;
  scenario_.backups = plan.backups;
  scenario_.after.push_back(state_of(store_));
}

PassReport Author::change(const Step& step, Event event) {
  scenario_.events.push_back(std::move(event));
  const PassReport report = require(perform(store_, scenario_, step), "a change");
  machine_.env().pump();
  scenario_.after.push_back(state_of(store_));
  return report;
}

std::set<std::string> Author::rows_of_live_commands() const {
  std::set<std::string> rows;
  const Snapshot snapshot = require(store_.snapshot(), "snapshot");
  require_ok(snapshot.visit_rows({},
                                 [&](const HostState& host, const ProfileState& row) {
                                   if (!row.command_uuid.starts_with(kLiveCommand)) return true;
                                   rows.insert(host.host_uuid + " " + row.profile_uuid + " " +
                                               row.command_uuid + " " +
                                               std::string(name_of(row.status)));
                                   return true;
                                 }),
             "rows");
  return rows;
}

/// An entry of the outbox has what one group did. So an event that could make one is a call of its
/// own, and makes the same one here and there.
void Author::apply_some() {
  const std::size_t source = below(kSources.size());
  const std::size_t begin = scenario_.events.size();
  const std::size_t end = std::min(begin + 1 + below(kStepMax), total_);
  Step step{Step::Kind::kApply, 0, kSources[source], taken_[source] + 1, begin, begin};
  const auto finish = [&] {
    if (step.end > step.begin) scenario_.steps.push_back(step);
    step.first = taken_[source] + 1;
    step.begin = step.end;
  };
  for (std::size_t place = begin; place < end; ++place) {
    const Step one{Step::Kind::kApply, 0, step.source, ++taken_[source], place, place + 1};
    const std::set<std::string> before = rows_of_live_commands();
    change(one, fleet_.next());
    const bool alone = rows_of_live_commands() != before;
    if (alone) {
      --taken_[source];
      finish();
      ++taken_[source];
    }
    step.end = place + 1;
    if (alone) finish();
  }
  finish();
}

void Author::pass() {
  const Timestamp now = scenario_.events.back().at;
  for (std::size_t window = 0; window < kLiveWindowsMax && !done(); ++window) {
    const std::size_t place = scenario_.events.size();
    scenario_.steps.push_back({Step::Kind::kLivePass, 0, {}, 1, place, place + 1});
    if (change(scenario_.steps.back(), {now, Reconciled{}}).complete) return;
  }
}

/// Not where a recorder is on: what it brings back is the events, and entries may come again.
void Author::hand_over() {
  if (plan_.recorder == Machine::Recorder::kOn) return;
  const Timestamp now = scenario_.events.back().at;
  for (const PendingCommand& entry :
       require(store_.pending_commands(0, 1 + below(kHandOversMax)), "outbox")) {
    if (done()) return;
    const bool lost = entry.kind == PendingCommand::Kind::kSend && below(4) == 0;
    const std::size_t place = scenario_.events.size();
    scenario_.steps.push_back(
        {lost ? Step::Kind::kNotSent : Step::Kind::kSent, entry.id, {}, 1, place, place + 1});
    change(scenario_.steps.back(), {now, Reconciled{}});
  }
}

Scenario Author::write() {
  while (!done()) {
    const std::size_t kind = scenario_.events.size() < founding_ ? 7 : below(8);
    if (kind == 0) {
      pass();
    } else if (kind == 1) {
      hand_over();
    } else {
      apply_some();
    }
  }
  for (std::size_t i = 1; i <= plan_.phases.size(); ++i) {
    const std::size_t end = scenario_.steps.size() * i / plan_.phases.size();
    scenario_.phases.push_back({plan_.phases[i - 1], end});
  }
  require_ok(store_.close(), "close");
  return std::move(scenario_);
}

}  // namespace

Scenario make_scenario(const ScenarioPlan& plan) {
  return Author(plan).write();
}

}  // namespace muster::test
