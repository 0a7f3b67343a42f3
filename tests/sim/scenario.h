// What a simulated store goes through, and one run of it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "muster/event.h"
#include "muster/store.h"
#include "tests/sim/machine.h"

namespace muster::test {

/// One call of the store. Its changes are events that are applied; or one that has no event: a
/// window of a live pass, an entry of the outbox that was handed over, or that could not be.
struct Step {
  enum class Kind : std::uint8_t { kApply, kLivePass, kSent, kNotSent };
  Kind kind = Kind::kApply;
  OutboxId entry = 0;
  std::string source;       ///< empty: events come without a position
  std::uint64_t first = 1;  ///< position of the first one in the source
  std::size_t begin = 0;    ///< the changes [begin, end) of the scenario
  std::size_t end = 0;
};

/// The store is opened, takes its steps, is closed.
struct Phase {
  Durability durability = Durability::kSync;
  std::size_t steps_end = 0;  ///< from the end of the phase before
};

struct ScenarioPlan {
  std::uint64_t seed = 1;
  std::size_t hosts = 24;
  std::size_t events = 60;  ///< after the founding ones; also the changes that have none
  std::vector<Durability> phases = {Durability::kSync};
  Machine::Recorder recorder = Machine::Recorder::kOff;
  std::size_t backups = 0;  ///< that are made between the steps
};

struct Scenario {
  std::uint64_t seed = 0;
  Machine::Recorder recorder = Machine::Recorder::kOff;
  std::size_t backups = 0;
  std::vector<Event> events;  ///< one a change; of those that have none, the time counts
  std::vector<Step> steps;
  std::vector<Phase> phases;
  std::vector<StoreState> after;  ///< [k]: after the first k changes, made one by one

  /// [first, last] of `after` with so many events; none: first > last.
  std::pair<std::size_t, std::size_t> range_of(Sequence sequence) const;
  /// How many changes give the state, `most` where several do; nothing: it is none of them.
  std::optional<std::size_t> find(const StoreState& state, std::size_t most) const;
};

/// How the uuids of commands of live passes begin.
inline constexpr std::string_view kLiveCommand = "live-";

/// A random fleet's events, from two sources and from none, in calls of one to six, and between
/// them live passes and what becomes of their commands.
Scenario make_scenario(const ScenarioPlan& plan);

/// What a live pass reports; empty for other steps.
Result<PassReport> perform(Store& store, const Scenario& scenario, const Step& step);

/// What is known of the store from some operation on.
struct Mark {
  std::size_t operations = 0;  ///< done before
  std::size_t attempted = 0;   ///< changes that the store was asked for
  std::size_t answered = 0;    ///< changes whose call has returned
  std::size_t durable = 0;     ///< changes promised to be durable
};

struct Coverage {
  std::array<std::size_t, kOps> operations{};
  std::size_t flushes = 0;
  std::vector<PumpEnv::Span> compactions;
  std::size_t logs = 0;         ///< write-ahead logs made
  std::size_t folds = 0;        ///< batches between the steps' groups
  std::size_t windows_max = 0;  ///< groups of one call
  std::size_t live_windows = 0;
  std::size_t issued = 0;     ///< commands of live passes
  std::size_t forgotten = 0;  ///< of these
  std::size_t confirmed = 0;  ///< entries of the outbox
  std::size_t changes = 0;    ///< transitions of rows
  std::size_t clock_jumps = 0;
  std::size_t backups = 0;
  std::size_t watermark_syncs = 0;  ///< but those of opens and closes
  std::size_t watermarks_begun = 0;
};
std::string to_text(const Coverage& coverage);

struct SimRun {
  std::vector<Operation> trace;
  std::vector<Mark> marks;
  Coverage coverage;
  Status failure;  ///< the first error that the store told of, opening and closing included
  /// What the next call of apply said; nothing where it was not an apply that failed.
  std::optional<Status> after_failure;
  std::size_t reads = 0;
  const Mark& mark_at(std::size_t operations) const;
};

/// From an empty disk until the scenario's end or the first error. Jobs wait a random while.
SimRun run_scenario(const Scenario& scenario, const SimFileSystem::Meddle& meddle = {},
                    const SimFileSystem::MeddleReads& reads = {});

/// Makes what comes after the first `done` changes; steps of a source from their first event on.
Status apply_rest(Machine& machine, Store& store, const Scenario& scenario, std::size_t done);

}  // namespace muster::test
