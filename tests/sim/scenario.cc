#include "tests/sim/scenario.h"

#include <algorithm>
#include <random>
#include <span>

#include "tests/support/fleet.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

constexpr std::array<const char*, 3> kSources = {"first", "second", ""};
constexpr TeamId kTeams = 2;
constexpr std::size_t kStepMax = 6;
/// Labels, profiles and the pass that found a fleet, beside its hosts.
constexpr std::size_t kFounding = 9 + kTeams * 6 + 1;

Result<Applied> apply(Store& store, const Scenario& scenario, const Step& step) {
  const auto events = std::span(scenario.events).subspan(step.begin, step.end - step.begin);
  if (step.source.empty()) return store.apply(events);
  return store.apply(events, SourcePosition{step.source, step.first});
}

class Runner {
 public:
  Runner(const Scenario& scenario, const SimFileSystem::Meddle& meddle,
         const SimFileSystem::MeddleReads& reads)
      : scenario_(scenario), machine_(new_disk(), scenario.recorder), random_(scenario.seed) {
    machine_.files().set_meddle(meddle, reads);
  }
  SimRun go();

 private:
  bool go_through(const Phase& phase);
  bool take(Store& store, const Step& step, Durability durability);
  bool fail(Status status);
  std::size_t batches_written() const;
  void pump_sometimes();
  void note(Mark mark);

  const Scenario& scenario_;
  Machine machine_;
  std::mt19937_64 random_;
  SimRun run_;
  std::size_t next_step_ = 0;
  std::size_t groups_ = 0;
};

void Runner::note(Mark mark) {
  mark.operations = machine_.files().trace().size();
  run_.marks.push_back(mark);
}

bool Runner::fail(Status status) {
  run_.failure = std::move(status);
  machine_.leave_behind();
  return false;
}

/// A group or a fold is one append to a log.
std::size_t Runner::batches_written() const {
  const std::vector<Operation>& trace = machine_.files().trace();
  return static_cast<std::size_t>(std::count_if(trace.begin(), trace.end(), [](const auto& made) {
    return made.op == Op::kAppend && is_log(made.path);
  }));
}

void Runner::pump_sometimes() {
  const std::uint64_t kind = random_() % 4;
  if (kind == 1) machine_.env().pump(1);
  if (kind > 1) machine_.env().pump();
}

bool Runner::take(Store& store, const Step& step, Durability durability) {
  Mark mark = run_.marks.back();
  mark.attempted = step.end;
  note(mark);
  const std::size_t batches = batches_written();
  const Result<Applied> applied = apply(store, scenario_, step);
  if (!applied.ok()) {
    run_.after_failure = apply(store, scenario_, step).status();
    return fail(applied.status());
  }
  mark.answered = step.end;
  if (durability == Durability::kSync) mark.durable = step.end;
  note(mark);
  const std::size_t groups = require(store.stats(), "stats").commit_groups - groups_;
  groups_ += groups;
  run_.coverage.windows_max = std::max(run_.coverage.windows_max, groups);
  run_.coverage.folds += batches_written() - batches - groups;
  pump_sometimes();
  return true;
}

bool Runner::go_through(const Phase& phase) {
  Result<Store> store = machine_.open(phase.durability);
  if (!store.ok()) return fail(store.status());
  for (; next_step_ < phase.steps_end; ++next_step_) {
    if (!take(*store, scenario_.steps[next_step_], phase.durability)) return false;
  }
  machine_.env().pump();
  if (Status closed = store->close(); !closed.ok()) return fail(std::move(closed));
  Mark mark = run_.marks.back();
  mark.durable = mark.answered;
  note(mark);
  return true;
}

SimRun Runner::go() {
  note({});
  for (const Phase& phase : scenario_.phases) {
    if (!go_through(phase)) break;
  }
  run_.trace = machine_.files().trace();
  run_.reads = machine_.files().reads();
  for (const Operation& made : run_.trace) {
    ++run_.coverage.operations[static_cast<std::size_t>(made.op)];
    run_.coverage.logs += made.op == Op::kCreate && is_log(made.path) ? 1u : 0u;
  }
  run_.coverage.flushes = machine_.env().flushes();
  run_.coverage.compactions = machine_.env().compactions();
  return std::move(run_);
}

}  // namespace

std::string to_text(const Coverage& coverage) {
  std::string text;
  for (std::size_t op = 0; op < kOps; ++op) {
    if (coverage.operations[op] == 0) continue;
    text += std::to_string(coverage.operations[op]) + " " +
            std::string(name_of(static_cast<Op>(op))) + ", ";
  }
  return text + std::to_string(coverage.flushes) + " flushes, " +
         std::to_string(coverage.compactions.size()) + " compactions, " +
         std::to_string(coverage.logs) + " logs, " + std::to_string(coverage.folds) +
         " folds, up to " + std::to_string(coverage.windows_max) + " windows";
}

const Mark& SimRun::mark_at(std::size_t operations) const {
  const auto after = std::find_if(marks.begin(), marks.end(), [operations](const Mark& mark) {
    return mark.operations > operations;
  });
  return *std::prev(after);
}

Scenario make_scenario(const ScenarioPlan& plan) {
  Scenario scenario;
  scenario.seed = plan.seed;
  scenario.recorder = plan.recorder;
  Machine machine(new_disk(), plan.recorder);
  Store store = require(machine.open(Durability::kBuffered), "open");
  const StoreView view(store);
  Fleet fleet({plan.seed, plan.hosts, kTeams}, view);
  std::mt19937_64 random(plan.seed);
  std::array<std::uint64_t, kSources.size()> taken{};
  scenario.after.push_back(state_of(store));
  const std::size_t total = kFounding + plan.hosts + plan.events;
  while (scenario.events.size() < total) {
    const std::size_t source = random() % kSources.size();
    const std::size_t begin = scenario.events.size();
    const std::size_t count = std::min<std::size_t>(1 + random() % kStepMax, total - begin);
    const Step step{kSources[source], taken[source] + 1, begin, begin + count};
    for (std::size_t i = 0; i < count; ++i) {
      scenario.events.push_back(fleet.next());
      const Step one{step.source, ++taken[source], begin + i, begin + i + 1};
      require(apply(store, scenario, one), "apply");
      machine.env().pump();
      scenario.after.push_back(state_of(store));
    }
    scenario.steps.push_back(step);
  }
  for (std::size_t i = 1; i <= plan.phases.size(); ++i) {
    const std::size_t end = scenario.steps.size() * i / plan.phases.size();
    scenario.phases.push_back({plan.phases[i - 1], end});
  }
  require_ok(store.close(), "close");
  return scenario;
}

SimRun run_scenario(const Scenario& scenario, const SimFileSystem::Meddle& meddle,
                    const SimFileSystem::MeddleReads& reads) {
  return Runner(scenario, meddle, reads).go();
}

Status apply_rest(Machine& machine, Store& store, const Scenario& scenario, std::size_t done) {
  for (const Step& step : scenario.steps) {
    if (step.end <= done) continue;
    Step rest = step;
    if (step.source.empty()) rest.begin = std::max(step.begin, done);
    if (Status status = apply(store, scenario, rest).status(); !status.ok()) return status;
    machine.env().pump();
  }
  return {};
}

}  // namespace muster::test
