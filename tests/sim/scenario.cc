#include "tests/sim/scenario.h"

#include <algorithm>
#include <random>
#include <span>

#include "muster/backup.h"
#include "tests/support/store_tools.h"

namespace muster::test {

Result<PassReport> perform(Store& store, const Scenario& scenario, const Step& step) {
  const auto events = std::span(scenario.events).subspan(step.begin, step.end - step.begin);
  const auto report = [](const Status& status) -> Result<PassReport> {
    return status.ok() ? Result<PassReport>(PassReport()) : Result<PassReport>(status);
  };
  switch (step.kind) {
    case Step::Kind::kLivePass: {
      // The same commands whenever it is asked for; so it ends with its window.
      std::size_t issued = 0;
      const auto uuids = [&] {
        return std::string(kLiveCommand) + std::to_string(step.begin) + "-" +
               std::to_string(++issued);
      };
      return store.reconcile(events.front().at, uuids, [](const PassReport&) { return false; });
    }
    case Step::Kind::kSent:
      return report(store.command_sent(std::span(&step.entry, 1)).status());
    case Step::Kind::kNotSent:
      return report(store.command_not_sent(step.entry, events.front().at));
    case Step::Kind::kApply:
      break;
  }
  if (step.source.empty()) return report(store.apply(events).status());
  return report(store.apply(events, SourcePosition{step.source, step.first}).status());
}

namespace {

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
  void jump_sometimes();
  bool back_up(Store& store);
  void count(const PassReport& report, std::size_t groups, std::size_t batches);
  void note(Mark mark);

  const Scenario& scenario_;
  Machine machine_;
  std::mt19937_64 random_;
  SimRun run_;
  std::size_t next_step_ = 0;
  std::size_t groups_ = 0;
  TempDir backups_;  ///< on a disk of its own, which does not crash
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

/// Machines are set right, forwards and backwards.
void Runner::jump_sometimes() {
  constexpr std::int64_t kHour = 3'600'000'000;
  const std::uint64_t kind = random_() % 8;
  if (kind > 1) return;
  machine_.env().jump(kind == 0 ? kHour : -kHour);
  ++run_.coverage.clock_jumps;
}

/// The copy is the store as its callers know it, and all that they know is durable then.
bool Runner::back_up(Store& store) {
  machine_.env().pump();
  Result<Backup> backup = Status();
  machine_.env().run_beside([&] { backup = store.backup(backups_ / "all"); });
  if (!backup.ok()) return fail(backup.status());
  Mark mark = run_.marks.back();
  mark.durable = mark.answered;
  note(mark);
  StoreOptions options;
  options.path = backups_ / std::to_string(backup->id);
  options.read_only = true;
  Status restored = restore_backup({backups_ / "all", backup->id, options.path}).status();
  if (!restored.ok()) return fail(std::move(restored));
  const StoreState& known = scenario_.after[mark.answered];
  const Result<Store> copy = Store::open(options);
  if (!copy.ok()) return fail(copy.status());
  const StoreState copied = state_of(*copy);
  if (copied != known) {
    return fail({StatusCode::kCorruption, "a backup differs: " + compared(known, copied)});
  }
  ++run_.coverage.backups;
  return true;
}

void Runner::count(const PassReport& report, std::size_t groups, std::size_t batches) {
  Coverage& coverage = run_.coverage;
  coverage.windows_max = std::max(coverage.windows_max, groups);
  coverage.folds += batches - groups;
  coverage.live_windows += report.windows;
  coverage.issued += report.commands_issued;
  coverage.forgotten += report.commands_forgotten;
}

bool Runner::take(Store& store, const Step& step, Durability durability) {
  Mark mark = run_.marks.back();
  mark.attempted = step.end;
  note(mark);
  const std::size_t batches = batches_written();
  const Result<PassReport> report = perform(store, scenario_, step);
  if (!report.ok()) {
    // Other calls also read beside the commits; the store goes on where that fails.
    if (step.kind == Step::Kind::kApply) {
      run_.after_failure = perform(store, scenario_, step).status();
    }
    return fail(report.status());
  }
  mark.answered = step.end;
  if (durability == Durability::kSync) mark.durable = step.end;
  note(mark);
  const std::size_t groups = require(store.stats(), "stats").commit_groups - groups_;
  groups_ += groups;
  count(*report, groups, batches_written() - batches);
  pump_sometimes();
  jump_sometimes();
  return true;
}

bool Runner::go_through(const Phase& phase) {
  Result<Store> store = machine_.open(phase.durability);
  if (!store.ok()) return fail(store.status());
  const std::size_t every = scenario_.steps.size() / (scenario_.backups + 1);
  while (next_step_ < phase.steps_end) {
    if (!take(*store, scenario_.steps[next_step_++], phase.durability)) return false;
    const bool wanted = run_.coverage.backups < scenario_.backups;
    if (wanted && next_step_ % every == 0 && !back_up(*store)) return false;
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
  const auto is_watermark = [](const std::string& path) { return path == "watermark.new"; };
  for (const Operation& made : run_.trace) {
    ++run_.coverage.operations[static_cast<std::size_t>(made.op)];
    run_.coverage.logs += made.op == Op::kCreate && is_log(made.path) ? 1u : 0u;
    if (!is_watermark(made.path)) continue;
    run_.coverage.watermarks_begun += made.op == Op::kRename ? 1u : 0u;
    run_.coverage.watermark_syncs += made.op == Op::kSync ? 1u : 0u;
  }
  // A begin syncs, a close does.
  run_.coverage.watermark_syncs -= std::min(
      run_.coverage.watermark_syncs, run_.coverage.watermarks_begun + scenario_.phases.size());
  run_.coverage.confirmed = static_cast<std::size_t>(
      std::count_if(scenario_.steps.begin(), scenario_.steps.end(), [](const Step& step) {
        return step.kind == Step::Kind::kSent || step.kind == Step::Kind::kNotSent;
      }));
  run_.coverage.changes = scenario_.after.back().last_change;
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
         " folds, up to " + std::to_string(coverage.windows_max) + " windows, " +
         std::to_string(coverage.live_windows) + " live windows, " +
         std::to_string(coverage.issued) + " commands issued, " +
         std::to_string(coverage.forgotten) + " forgotten, " + std::to_string(coverage.confirmed) +
         " confirmed, " + std::to_string(coverage.changes) + " rows moved, " +
         std::to_string(coverage.clock_jumps) + " jumps of the clock, " +
         std::to_string(coverage.backups) + " backups, " +
         std::to_string(coverage.watermark_syncs) + " syncs of the watermark, " +
         std::to_string(coverage.watermarks_begun) + " begun";
}

std::pair<std::size_t, std::size_t> Scenario::range_of(Sequence sequence) const {
  const auto first = std::partition_point(
      after.begin(), after.end(), [&](const auto& state) { return state.sequence < sequence; });
  const auto last = std::partition_point(
      first, after.end(), [&](const auto& state) { return state.sequence == sequence; });
  const auto place = [this](auto at) { return static_cast<std::size_t>(at - after.begin()); };
  return first == last ? std::pair<std::size_t, std::size_t>(1, 0)
                       : std::pair(place(first), place(last) - 1);
}

std::optional<std::size_t> Scenario::find(const StoreState& state, std::size_t most) const {
  std::optional<std::size_t> found;
  const auto [first, last] = range_of(state.sequence);
  for (std::size_t changes = first; changes <= last; ++changes) {
    if (after[changes] == state && (!found || changes <= most)) found = changes;
  }
  return found;
}

const Mark& SimRun::mark_at(std::size_t operations) const {
  const auto after = std::find_if(marks.begin(), marks.end(), [operations](const Mark& mark) {
    return mark.operations > operations;
  });
  return *std::prev(after);
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
    if (Status status = perform(store, scenario, rest).status(); !status.ok()) return status;
    machine.env().pump();
  }
  return {};
}

}  // namespace muster::test
