// What a simulated store goes through, and one run of it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "muster/event.h"
#include "muster/store.h"
#include "tests/sim/machine.h"

namespace muster::test {

/// Events that are applied with one call.
struct Step {
  std::string source;       ///< empty: they come without a position
  std::uint64_t first = 1;  ///< position of the first one in the source
  std::size_t begin = 0;    ///< the events [begin, end) of the scenario
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
  std::size_t events = 60;  ///< after the founding ones
  std::vector<Durability> phases = {Durability::kSync};
  Machine::Recorder recorder = Machine::Recorder::kOff;
};

struct Scenario {
  std::uint64_t seed = 0;
  Machine::Recorder recorder = Machine::Recorder::kOff;
  std::vector<Event> events;
  std::vector<Step> steps;
  std::vector<Phase> phases;
  std::vector<StoreState> after;  ///< [k]: after the first k events, applied one by one
};

/// A random fleet's events, from two sources and from none, in calls of one to six.
Scenario make_scenario(const ScenarioPlan& plan);

/// What is known of the store from some operation on.
struct Mark {
  std::size_t operations = 0;  ///< done before
  std::size_t attempted = 0;   ///< events given to the store
  std::size_t answered = 0;    ///< events whose call has returned
  std::size_t durable = 0;     ///< events promised to be durable
};

struct Coverage {
  std::array<std::size_t, kOps> operations{};
  std::size_t flushes = 0;
  std::vector<PumpEnv::Span> compactions;
  std::size_t logs = 0;         ///< write-ahead logs made
  std::size_t folds = 0;        ///< batches between the steps' groups
  std::size_t windows_max = 0;  ///< groups of one call
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

/// Applies what comes after the first `done` events; steps of a source from their first event on.
Status apply_rest(Machine& machine, Store& store, const Scenario& scenario, std::size_t done);

}  // namespace muster::test
