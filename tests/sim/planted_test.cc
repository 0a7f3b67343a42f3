// Faults that the sweep has to find: without them nobody knows whether it can. The store does all
// as it should, and the disk that is examined after a crash is of another kind than it was told.
#include <gtest/gtest.h>

#include <iostream>
#include <ostream>
#include <string_view>

#include "tests/sim/sweep.h"

namespace muster::test {
namespace {

struct PlantedFault {
  const char* name;
  void (*plant)(SimRun& run);
  Durability durability = Durability::kSync;
};

std::ostream& operator<<(std::ostream& out, const PlantedFault& fault) {
  return out << fault.name;
}

/// Operations of one kind on files whose path has `part`.
std::vector<Operation*> operations(SimRun& run, Op op, std::string_view part) {
  std::vector<Operation*> found;
  for (Operation& made : run.trace) {
    if (made.op == op && made.path.find(part) != std::string::npos) found.push_back(&made);
  }
  EXPECT_GE(found.size(), 2u) << name_of(op) << " " << part;
  return found;
}

/// Answered ok, and not done.
void swallow(SimRun& run, Op op, std::string_view part) {
  for (Operation* operation : operations(run, op, part)) operation->op = Op::kNothing;
}

Operation& middle_one(SimRun& run, Op op, std::string_view part) {
  const std::vector<Operation*> found = operations(run, op, part);
  return *found[found.size() / 2];
}

void answered_before_sync(SimRun& run) {
  for (Mark& mark : run.marks) mark.durable = mark.answered;
}

void log_syncs_lie(SimRun& run) {
  swallow(run, Op::kSync, ".log");
}

void one_log_sync_lies(SimRun& run) {
  middle_one(run, Op::kSync, ".log").op = Op::kNothing;
}

void tables_are_not_synced(SimRun& run) {
  swallow(run, Op::kSync, ".sst");
}

void manifests_are_not_synced(SimRun& run) {
  swallow(run, Op::kSync, "MANIFEST");
}

void directories_are_not_synced(SimRun& run) {
  swallow(run, Op::kSyncDirectory, "");
}

void renames_lose_their_target(SimRun& run) {
  for (Operation* rename : operations(run, Op::kRename, ".dbtmp")) rename->op = Op::kRemove;
}

void an_append_loses_its_last_block(SimRun& run) {
  Operation& append = middle_one(run, Op::kAppend, ".log");
  append.bytes.resize((append.bytes.size() - 1) / 512 * 512);
}

void a_log_is_removed_too_early(SimRun& run) {
  const std::vector<Operation*> removed = operations(run, Op::kRemove, ".log");
  const std::string path = removed.back()->path;
  for (Operation& made : run.trace) {
    if (made.op != Op::kSync || made.path != path) continue;
    made = {Op::kRemove, path, {}, 0, {}, 0};
    break;
  }
  removed.back()->op = Op::kNothing;
}

/// Before it there is nothing to find.
std::size_t first_difference(const SimRun& run, const SimRun& planted) {
  std::size_t first = 0;
  while (first < run.trace.size() && run.trace[first].op == planted.trace[first].op &&
         run.trace[first].bytes == planted.trace[first].bytes) {
    ++first;
  }
  return first == run.trace.size() ? 0 : first;
}

class PlantedFaults : public testing::TestWithParam<PlantedFault> {};

TEST_P(PlantedFaults, areFound) {
  const Scenario scenario = make_scenario({1, 24, 200, {GetParam().durability}});
  const SimRun usual = run_scenario(scenario);
  SimRun run = usual;
  GetParam().plant(run);
  SweepPlan plan;
  plan.kinds = {ImageKind::kSynced};
  plan.violations_max = 1;
  plan.begin = first_difference(usual, run);
  const SweepReport report = Sweep(scenario, plan).go(run);
  EXPECT_FALSE(report.violations.empty());
  for (const std::string& violation : report.violations) {
    std::cout << "found at image " << report.images << ": "
              << violation.substr(0, violation.find('\n')) << "\n";
  }
}

INSTANTIATE_TEST_SUITE_P(
    faults, PlantedFaults,
    testing::Values(PlantedFault{"AnsweredBeforeSync", answered_before_sync, Durability::kBuffered},
                    PlantedFault{"LogSyncsLie", log_syncs_lie},
                    PlantedFault{"OneLogSyncLies", one_log_sync_lies},
                    PlantedFault{"TablesAreNotSynced", tables_are_not_synced},
                    PlantedFault{"ManifestsAreNotSynced", manifests_are_not_synced},
                    PlantedFault{"DirectoriesAreNotSynced", directories_are_not_synced},
                    PlantedFault{"RenamesLoseTheirTarget", renames_lose_their_target},
                    PlantedFault{"AnAppendLosesItsLastBlock", an_append_loses_its_last_block},
                    PlantedFault{"ALogIsRemovedTooEarly", a_log_is_removed_too_early}),
    [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace muster::test
