// Power loss at every operation, and at operations of the recovery after it.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <iostream>

#include "tests/sim/replay.h"
#include "tests/sim/sweep.h"
#include "tests/support/sanitized.h"
#include "tests/support/tally.h"

namespace muster::test {
namespace {

const std::vector<ImageKind> kAllKinds = {ImageKind::kSynced,    ImageKind::kEverything,
                                          ImageKind::kNamesLost, ImageKind::kTorn,
                                          ImageKind::kGarbled,   ImageKind::kSplit};

constexpr std::size_t kBackups = 2;

/// Without this much a scenario would prove little.
void expect_coverage(const Coverage& coverage) {
  EXPECT_GE(coverage.flushes, 3u);
  EXPECT_GE(coverage.compactions.size(), 1u);
  EXPECT_GE(coverage.folds, 1u);
  EXPECT_GE(coverage.windows_max, 5u);
  EXPECT_GE(coverage.logs, 2u);
  EXPECT_GE(coverage.live_windows, 2u);
  EXPECT_GE(coverage.issued, 3u);
  EXPECT_GT(coverage.changes, kChangesKept);
  EXPECT_GE(coverage.clock_jumps, 2u);
  EXPECT_EQ(coverage.backups, kBackups);
  EXPECT_GE(coverage.watermark_syncs, 2u);
  EXPECT_GE(coverage.watermarks_begun, 3u);
  for (const Op op :
       {Op::kCreate, Op::kAppend, Op::kSync, Op::kSyncDirectory, Op::kRename, Op::kRemove}) {
    EXPECT_GT(coverage.operations[static_cast<std::size_t>(op)], 0u) << name_of(op);
  }
}

void sweep(ScenarioPlan plan, const SweepPlan& sweep_plan) {
  plan.backups = kBackups;
  const Scenario scenario = make_scenario(plan);
  const SimRun run = run_scenario(scenario);
  ASSERT_TRUE(run.failure.ok()) << run.failure.to_string();
  expect_coverage(run.coverage);
  const auto begin = std::chrono::steady_clock::now();
  const SweepReport report = Sweep(scenario, sweep_plan).go(run, crash_path_to_replay());
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  std::cout << "seed " << plan.seed << ", " << run.trace.size() << " operations ("
            << to_text(run.coverage) << ")\n"
            << report.images << " images, " << report.distinct << " distinct, "
            << report.in_recovery << " of them by crashes in recovery, " << report.within_fan_out
            << " within a fan-out (" << report.seen_within_fan_out << " read as they were); "
            << static_cast<int>(static_cast<double>(report.distinct) / taken.count()) << " opened/s"
            << std::endl;
  tally("live_windows", run.coverage.live_windows);
  tally("commands_forgotten", run.coverage.forgotten);
  tally("outbox_confirmed", run.coverage.confirmed);
  tally("clock_jumps", run.coverage.clock_jumps);
  tally("backups", run.coverage.backups);
  tally("crash_images", report.distinct - report.in_recovery);
  tally("crashes_in_recovery", report.in_recovery);
  for (const std::string& violation : report.violations) ADD_FAILURE() << violation;
  if (!usual_seeds() || kSanitized) return;
  EXPECT_GE(report.within_fan_out, 1u);
  EXPECT_GE(report.seen_within_fan_out, 1u);
  EXPECT_GE(report.in_recovery, sweep_plan.recovery_every == 0 ? 0u : 10u);
}

TEST(CrashSweep, atEveryOperation) {
  for (const std::uint64_t seed : seeds_from(1, kSanitized ? 1 : 3)) {
    sweep({seed, 24, 150, {Durability::kSync}}, {kAllKinds, kSanitized ? 30u : 1u, 0, 1, 1, 3});
  }
}

/// Nothing is synced before the store is closed; then it is opened again.
TEST(CrashSweep, buffered) {
  for (const std::uint64_t seed : seeds_from(2)) {
    sweep({seed, 24, 300, {Durability::kBuffered, Durability::kSync}},
          {kAllKinds, kSanitized ? 120u : 1u, 0, 1, 1, 3});
  }
}

TEST(CrashSweep, inRecovery) {
  for (const std::uint64_t seed : seeds_from(3)) {
    sweep({seed, 24, 300, {Durability::kSync, Durability::kBuffered}},
          {kAllKinds, kSanitized ? 480u : 40u, 12, 4, 3, 3});
  }
}

/// What was recorded and not committed is applied at open; the segments give the state again.
TEST(CrashSweep, recording) {
  for (const std::uint64_t seed : seeds_from(6)) {
    sweep({seed, 24, 300, {Durability::kSync, Durability::kSync}, Machine::Recorder::kOn},
          {kAllKinds, kSanitized ? 192u : 4u, 40, 8, 2, 3});
  }
}

TEST(CrashSweep, sameSeedSameOperations) {
  ScenarioPlan plan = {seeds_from(4).front(), 24, 150, {Durability::kSync, Durability::kBuffered}};
  plan.backups = kBackups;
  const SimRun first = run_scenario(make_scenario(plan));
  const SimRun second = run_scenario(make_scenario(plan));
  ASSERT_EQ(first.trace.size(), second.trace.size());
  for (std::size_t i = 0; i < first.trace.size(); ++i) {
    const Operation& one = first.trace[i];
    const Operation& other = second.trace[i];
    ASSERT_EQ(to_text(one), to_text(other)) << "operation " << i;
    ASSERT_EQ(one.file, other.file) << "operation " << i;
    // Tables and the MANIFEST name a random session of RocksDB, of constant length.
    if (is_log(one.path)) {
      ASSERT_EQ(one.bytes, other.bytes) << "operation " << i;
    }
  }
}

TEST(CrashSweep, readsItsOwnPaths) {
  const CrashPath path = {{132, ImageKind::kTorn}, {14, ImageKind::kNamesLost}};
  EXPECT_EQ(to_text(path), "132:torn/14:names_lost");
  EXPECT_EQ(to_text(parse_crash_path(to_text(path)).value_or(CrashPath())), to_text(path));
  for (const char* wrong : {"132", "132:", "132:burnt", ":torn", "132torn"}) {
    EXPECT_FALSE(parse_crash_path(wrong).has_value()) << wrong;
  }
}

}  // namespace
}  // namespace muster::test
