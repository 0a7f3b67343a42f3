// One failing operation or read anywhere: the store says why and takes nothing more; after a power
// loss it keeps its promise.
#include <gtest/gtest.h>
#include <rocksdb/version.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iostream>
#include <map>
#include <numeric>

#include "tests/sim/replay.h"
#include "tests/sim/sweep.h"
#include "tests/support/sanitized.h"
#include "tests/support/store_tools.h"
#include "tests/support/tally.h"
#include "tests/support/watchdog.h"

namespace muster::test {
namespace {

using rocksdb::IOStatus;

/// What is left on the disk of an operation that fails.
enum class Left {
  kHalf,     ///< of an append; nothing of others
  kNothing,  ///< of an append, either
  kAll,      ///< it was done, and the caller is told otherwise
  kLost,     ///< a sync gives up for ever what it had to write; else as kHalf
};

struct Failure {
  const char* name;
  bool full;  ///< ENOSPC, else EIO
  bool from_then_on;
  Left left;
};
constexpr std::array kFailures = {
    Failure{"eio", false, false, Left::kHalf},
    Failure{"enospc", true, false, Left::kHalf},
    Failure{"eio_on", false, true, Left::kHalf},
    Failure{"enospc_on", true, true, Left::kHalf},
    Failure{"eio_nothing_done", false, false, Left::kNothing},
    Failure{"eio_all_done", false, false, Left::kAll},
    Failure{"eio_sync_loses", false, false, Left::kLost},
};
/// What the power loss after the failure leaves, in turn.
constexpr std::array kKindsAfter = {ImageKind::kSynced, ImageKind::kTorn, ImageKind::kEverything,
                                    ImageKind::kGarbled, ImageKind::kNamesLost};
constexpr std::size_t kPointStride = kSanitized ? 26 : 4;
constexpr std::size_t kReadStride = kSanitized ? 21 : 4;
/// Of the images of crashes, and of the operations of each open.
constexpr std::size_t kImageStride = kSanitized ? 797 : 199;
constexpr std::size_t kOpenStride = 5;
// So that each failure comes before each power loss.
static_assert(std::gcd(kPointStride, kFailures.size() * kKindsAfter.size()) == 1);
static_assert(std::gcd(kOpenStride, kFailures.size()) == 1);
/// One with a recorder, one without that is buffered.
constexpr std::size_t kSeeds = kSanitized ? 1 : 2;
/// A run takes a part of a second. What is promised is 5 s, on a machine that does nothing else.
constexpr std::chrono::seconds kHangs(kSanitized ? 300 : 60);
constexpr const char* kCause = "the simulated disk fails";

IOStatus error_of(bool full) {
  if (!full) return IOStatus::IOError(kCause);
  // As RocksDB's own file system tells of a full disk.
  IOStatus status = IOStatus::NoSpace(kCause);
  status.SetRetryable(true);
  return status;
}

void leave(Left left, Operation& operation) {
  if (left == Left::kAll) return;
  if (operation.op == Op::kSync && left == Left::kLost) {
    operation.op = Op::kLosingSync;
  } else if (operation.op == Op::kAppend && left != Left::kNothing) {
    operation.bytes.resize(operation.bytes.size() / 2);
  } else {
    operation.op = Op::kNothing;
  }
}

/// Files that nobody needs any more stay where they are, a log that was recovered keeps its length;
/// nobody reads OPTIONS files.
bool may_be_passed_over(const std::vector<Operation>& trace, std::size_t operation, Op failed) {
  const auto about_options = [&trace](std::size_t number) {
    return trace[number].path.find("OPTIONS") != std::string::npos;
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
  /// Read `number` fails; every second time all behind it, too.
  void try_read(std::size_t number);
  /// The power is lost at an operation; while the store is opened again, one fails.
  void try_opens(const SimRun& usual, std::size_t operation);
  const std::vector<std::string>& violations() const { return sweep_.report().violations; }

  std::size_t runs = 0;
  std::size_t refused = 0;
  std::size_t asked_again = 0;           ///< stores that had failed and were given more
  std::size_t passed_over = 0;           ///< no call told of them
  std::size_t opens = 0;                 ///< runs that failed while a crash image was opened
  std::chrono::milliseconds longest{0};  ///< of a run
  /// Runs by failure, and by what failed.
  std::map<std::string, std::map<std::string, std::size_t>> tried;

 private:
  SimRun run_watched(const SimFileSystem::Meddle& meddle, const SimFileSystem::MeddleReads& reads,
                     const std::string& replay);
  void expect_told(const SimRun& run);
  void try_open(const Disk& image, std::size_t number, const Bounds& bounds,
                const std::string& replay);
  void lose_power(const SimRun& run, std::size_t turn, const std::string& replay);

  const Scenario& scenario_;
  Sweep sweep_;
};

SimRun FailureSweep::run_watched(const SimFileSystem::Meddle& meddle,
                                 const SimFileSystem::MeddleReads& reads,
                                 const std::string& replay) {
  ++runs;
  const Watchdog watchdog(replay, kHangs);
  SimRun run = run_scenario(scenario_, meddle, reads);
  longest = std::max(longest, watchdog.alive());
  return run;
}

void FailureSweep::expect_told(const SimRun& run) {
  ++refused;
  EXPECT_EQ(run.failure.code(), StatusCode::kIoError) << run.failure.to_string();
  EXPECT_NE(run.failure.message().find(kCause), std::string::npos) << run.failure.to_string();
  if (!run.after_failure) return;
  ++asked_again;
  EXPECT_FALSE(run.after_failure->ok()) << "the store went on";
  EXPECT_NE(run.after_failure->message().find(kCause), std::string::npos)
      << run.after_failure->to_string();
}

void FailureSweep::lose_power(const SimRun& run, std::size_t turn, const std::string& replay) {
  Disk disk = new_disk();
  for (const Operation& made : run.trace) disk.perform(made);
  const ImageKind kind = kKindsAfter[turn % kKindsAfter.size()];
  sweep_.check(disk.after_power_loss(kind, turn), bounds_of(run.marks.back(), kind), replay);
}

void FailureSweep::try_at(std::size_t operation) {
  const Failure& failure = kFailures[operation % kFailures.size()];
  const std::string replay =
      replay_command(scenario_.seed, "MUSTER_FAIL_AT", std::to_string(operation));
  SCOPED_TRACE(std::string(failure.name) + ", again with: " + replay);
  Op failed = Op::kNothing;
  const auto meddle = [&](std::size_t number, Operation& made) {
    if (number == operation) failed = made.op;
    const bool fails = number == operation || (number > operation && failure.from_then_on);
    if (!fails) return IOStatus::OK();
    leave(failure.left, made);
    return error_of(failure.full);
  };
  const SimRun run = run_watched(meddle, {}, replay);
  if (run.failure.ok()) {
    ++passed_over;
    EXPECT_TRUE(may_be_passed_over(run.trace, operation, failed))
        << "no call told that it failed: " << name_of(failed) << " " << run.trace[operation].path;
  } else {
    expect_told(run);
  }
  ++tried[failure.name][std::string(name_of(failed))];
  lose_power(run, operation, replay);
}

void FailureSweep::try_read(std::size_t number) {
  const std::string replay =
      replay_command(scenario_.seed, "MUSTER_FAIL_READ", std::to_string(number));
  SCOPED_TRACE("a read fails, again with: " + replay);
  const bool from_then_on = number / kReadStride % 2 == 0;
  std::string failed;
  const auto meddle = [&](std::size_t read, const std::string& path) {
    if (read == number) failed = path;
    const bool fails = read == number || (read > number && from_then_on);
    return fails ? error_of(false) : IOStatus::OK();
  };
  const SimRun run = run_watched({}, meddle, replay);
  if (run.failure.ok()) {
    ++passed_over;
    // RocksDB reads tables also to tell of a compaction that begins, and reads again what it could
    // not read ahead. That it all came out right is seen behind the power loss.
    const bool once_of_a_table = !from_then_on && failed.ends_with(".sst");
    EXPECT_TRUE(once_of_a_table || failed.find("OPTIONS") != std::string::npos)
        << "no call told that reading it failed: " << failed;
  } else {
    expect_told(run);
  }
  ++tried[from_then_on ? "eio_on" : "eio"]["read"];
  lose_power(run, number, replay);
}

void FailureSweep::try_opens(const SimRun& usual, std::size_t operation) {
  const ImageKind kind = kKindsAfter[operation % kKindsAfter.size()];
  Disk disk = new_disk();
  for (std::size_t i = 0; i < operation; ++i) disk.perform(usual.trace[i]);
  const Disk image = disk.after_power_loss(kind, operation);
  std::size_t operations = 0;
  {
    Machine machine(image.copy(), scenario_.recorder);
    Store store = require(machine.open(Durability::kSync), "open");
    operations = machine.files().trace().size();
    machine.env().pump();
    require_ok(store.close(), "close");
  }
  // Another power loss follows, so what the process alone had is not sure.
  const Mark& mark = usual.mark_at(operation);
  const Bounds bounds = {mark.durable, mark.attempted, mark.durable};
  const std::string replay =
      replay_command(scenario_.seed, "MUSTER_FAIL_OPEN", std::to_string(operation));
  for (std::size_t number = operation % kOpenStride; number < operations; number += kOpenStride) {
    SCOPED_TRACE("operation " + std::to_string(number) +
                 " of the open fails, again with: " + replay);
    try_open(image, number, bounds, replay);
  }
}

void FailureSweep::try_open(const Disk& image, std::size_t number, const Bounds& bounds,
                            const std::string& replay) {
  const Failure& failure = kFailures[number % kFailures.size()];
  Machine machine(image.copy(), scenario_.recorder);
  Op failed = Op::kNothing;
  bool opening = true;
  machine.files().set_meddle([&](std::size_t at, Operation& made) {
    if (at == number) failed = made.op;
    const bool fails = at == number || (at > number && failure.from_then_on);
    if (!fails || !opening) return IOStatus::OK();
    leave(failure.left, made);
    return error_of(failure.full);
  });
  std::optional<Watchdog> watchdog(std::in_place, replay, kHangs);
  Result<Store> store = machine.open(Durability::kSync);
  longest = std::max(longest, watchdog->alive());
  watchdog.reset();
  opening = false;
  ++runs;
  ++opens;
  if (store.ok()) {
    ++passed_over;
    EXPECT_TRUE(may_be_passed_over(machine.files().trace(), number, failed))
        << "the open did not tell that it failed: " << name_of(failed) << " "
        << machine.files().trace()[number].path;
    machine.env().pump();
    EXPECT_TRUE(store->close().ok());
  } else {
    ++refused;
    EXPECT_EQ(store.status().code(), StatusCode::kIoError) << store.status().to_string();
    EXPECT_NE(store.status().message().find(kCause), std::string::npos)
        << store.status().to_string();
    machine.leave_behind();
  }
  ++tried[failure.name][std::string(name_of(failed))];
  const ImageKind kind = kKindsAfter[number / kOpenStride % kKindsAfter.size()];
  sweep_.check(machine.files().disk().after_power_loss(kind, number), bounds, replay);
}

/// What failed how often, a line a failure.
void print(const std::map<std::string, std::map<std::string, std::size_t>>& tried) {
  for (const auto& [failure, operations] : tried) {
    std::cout << "  " << failure << ':';
    for (const auto& [operation, count] : operations) {
      std::cout << ' ' << count << ' ' << operation;
    }
    std::cout << std::endl;
  }
}

/// With a recorder, so that its files fail, too; or where commits are not synced.
ScenarioPlan plan_of(std::uint64_t seed) {
  ScenarioPlan plan{seed, 24, 150, {Durability::kSync, Durability::kSync}};
  if (seed % 2 == 1) plan.recorder = Machine::Recorder::kOn;
  if (seed % 4 > 1) plan.phases.front() = Durability::kBuffered;
  plan.backups = 1;
  return plan;
}

TEST(FailureSweep, stopsTheStoreAndLosesNothing) {
  const auto only = number_to_replay("MUSTER_FAIL_AT");
  const auto only_read = number_to_replay("MUSTER_FAIL_READ");
  const auto only_open = number_to_replay("MUSTER_FAIL_OPEN");
  std::chrono::milliseconds longest{0};
  for (const std::uint64_t seed : seeds_from(5, kSeeds)) {
    const Scenario scenario = make_scenario(plan_of(seed));
    const SimRun usual = run_scenario(scenario);
    const std::size_t operations = usual.trace.size();
    FailureSweep sweep(scenario);
    const auto wanted = [&](std::size_t number, std::size_t stride, const auto& chosen) {
      if (only || only_read || only_open) return chosen == number;
      return number % stride == seed % stride;
    };
    for (std::size_t operation = 0; operation < operations && !HasFailure(); ++operation) {
      if (wanted(operation, kPointStride, only) && !aborts(usual, operation)) {
        sweep.try_at(operation);
      }
      if (wanted(operation, kImageStride, only_open)) sweep.try_opens(usual, operation);
    }
    for (std::size_t read = 0; read < usual.reads && !HasFailure(); ++read) {
      if (wanted(read, kReadStride, only_read)) sweep.try_read(read);
    }
    for (const std::string& violation : sweep.violations()) ADD_FAILURE() << violation;
    tally("failures", sweep.runs);
    std::cout << "seed " << seed << ", " << sweep.runs << " failures at " << operations
              << " operations and " << usual.reads << " reads, " << sweep.opens
              << " of them while a crash image was opened; " << sweep.refused
              << " stopped the store, " << sweep.asked_again << " were asked again, "
              << sweep.passed_over << " passed over; the longest run took " << sweep.longest.count()
              << " ms" << std::endl;
    longest = std::max(longest, sweep.longest);
    print(sweep.tried);
    if (only || only_read || only_open || kSanitized) continue;
    EXPECT_EQ(sweep.tried.size(), kFailures.size());
    EXPECT_GT(sweep.tried["eio_sync_loses"]["sync"], 0U);
    EXPECT_GT(sweep.tried["eio"]["read"], 0U);
    EXPECT_GT(sweep.tried["eio_on"]["read"], 0U);
  }
  tally("longest_failure_millis", static_cast<std::uint64_t>(longest.count()));
}

}  // namespace
}  // namespace muster::test
