// One failing operation anywhere: the store says why and takes nothing more; after a power loss it
// keeps its promise.
#include <gtest/gtest.h>
#include <rocksdb/version.h>

#include <algorithm>
#include <array>
#include <iostream>

#include "tests/sim/replay.h"
#include "tests/sim/sweep.h"
#include "tests/support/sanitized.h"

namespace muster::test {
namespace {

using rocksdb::IOStatus;

struct Failure {
  const char* name;
  bool full;  ///< ENOSPC, else EIO
  bool from_then_on;
};
constexpr std::array kFailures = {Failure{"eio", false, false}, Failure{"enospc", true, false},
                                  Failure{"eio_on", false, true}, Failure{"enospc_on", true, true}};
/// What the power loss after the failure leaves, in turn.
constexpr std::array kKindsAfter = {ImageKind::kSynced, ImageKind::kTorn, ImageKind::kEverything,
                                    ImageKind::kGarbled, ImageKind::kNamesLost};
/// No divisor of it is in the numbers of failures or of kinds: all pairs have their turn.
constexpr std::size_t kStride = kSanitized ? 13 : 3;
constexpr const char* kCause = "the simulated disk fails";

IOStatus error_of(const Failure& failure) {
  if (!failure.full) return IOStatus::IOError(kCause);
  // As RocksDB's own file system tells of a full disk.
  IOStatus status = IOStatus::NoSpace(kCause);
  status.SetRetryable(true);
  return status;
}

/// Files that nobody needs any more stay where they are, a log that was recovered keeps its length;
/// nobody reads OPTIONS files.
bool may_be_passed_over(const SimRun& run, std::size_t operation, Op failed) {
  const auto about_options = [&run](std::size_t number) {
    return run.trace[number].path.find("OPTIONS") != std::string::npos;
  };
  return failed == Op::kRemove || failed == Op::kTruncate || about_options(operation) ||
         (failed == Op::kSyncDirectory && operation > 0 && about_options(operation - 1));
}

/// RocksDB 7.8.3 with its assertions on, as Debian has it, ends the process where a compaction
/// fails before its output has a key: at the file's making, and anywhere where all keys were
/// deleted, so that the file goes again. What this leaves is what a crash at the operation leaves.
/// RocksDB 9.10.0 as tools/dev builds it goes on.
bool aborts(const SimRun& usual, std::size_t operation) {
  if constexpr (ROCKSDB_MAJOR > 7) return false;
  const Operation& made = usual.trace[operation];
  if (!made.path.ends_with(".sst") || made.op == Op::kRemove) return false;
  for (const PumpEnv::Span& span : usual.coverage.compactions) {
    if (operation < span.begin || operation >= span.end) continue;
    const auto begin = usual.trace.begin();
    return made.op == Op::kCreate ||
           std::any_of(begin + static_cast<std::ptrdiff_t>(span.begin),
                       begin + static_cast<std::ptrdiff_t>(span.end), [&made](const auto& other) {
                         return other.op == Op::kRemove && other.path == made.path;
                       });
  }
  return false;
}

class FailureSweep {
 public:
  explicit FailureSweep(const Scenario& scenario)
      : scenario_(scenario), sweep_(scenario, SweepPlan()) {}

  void try_at(std::size_t operation);
  const std::vector<std::string>& violations() const { return sweep_.report().violations; }

  std::size_t runs = 0;
  std::size_t refused = 0;
  std::size_t passed_over = 0;  ///< no call told of them

 private:
  const Scenario& scenario_;
  Sweep sweep_;
};

void FailureSweep::try_at(std::size_t operation) {
  const Failure& failure = kFailures[operation % kFailures.size()];
  const std::string replay =
      replay_command(scenario_.seed, "MUSTER_FAIL_AT", std::to_string(operation));
  SCOPED_TRACE(std::string(failure.name) + ", again with: " + replay);
  Op failed = Op::kNothing;
  const auto meddle = [&](std::size_t number, const Operation& made) {
    if (number == operation) failed = made.op;
    const bool fails = number == operation || (number > operation && failure.from_then_on);
    return fails ? error_of(failure) : IOStatus::OK();
  };
  const SimRun run = run_scenario(scenario_, meddle);
  ++runs;
  if (run.failure.ok()) {
    ++passed_over;
    EXPECT_TRUE(may_be_passed_over(run, operation, failed))
        << "no call told that it failed: " << name_of(failed) << " " << run.trace[operation].path;
  } else {
    ++refused;
    EXPECT_EQ(run.failure.code(), StatusCode::kIoError) << run.failure.to_string();
    EXPECT_NE(run.failure.message().find(kCause), std::string::npos) << run.failure.to_string();
    EXPECT_TRUE(run.after_failure.ok() ||
                run.after_failure.message().find(kCause) != std::string::npos)
        << run.after_failure.to_string();
  }
  Disk disk = new_disk();
  for (const Operation& made : run.trace) disk.perform(made);
  const ImageKind kind = kKindsAfter[operation % kKindsAfter.size()];
  sweep_.check(disk.after_power_loss(kind, operation), bounds_of(run.marks.back(), kind), replay);
}

TEST(FailureSweep, stopsTheStoreAndLosesNothing) {
  const auto only = failure_to_replay();
  for (const std::uint64_t seed : seeds_from(5)) {
    const Scenario scenario =
        make_scenario({seed, 24, 150, {Durability::kSync, Durability::kSync}});
    const SimRun usual = run_scenario(scenario);
    const std::size_t operations = usual.trace.size();
    FailureSweep sweep(scenario);
    for (std::size_t operation = 0; operation < operations && !HasFailure(); ++operation) {
      const bool wanted = only ? operation == *only : operation % kStride == seed % kStride;
      if (wanted && !aborts(usual, operation)) sweep.try_at(operation);
    }
    for (const std::string& violation : sweep.violations()) ADD_FAILURE() << violation;
    std::cout << "seed " << seed << ", " << sweep.runs << " failures at " << operations
              << " operations, " << sweep.refused << " stopped the store, " << sweep.passed_over
              << " passed over" << std::endl;
  }
}

}  // namespace
}  // namespace muster::test
