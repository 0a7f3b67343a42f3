// What random fleets reach, and that a pass leaves nothing to do. The store has no part in it.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "tests/oracle/recorded_fleet.h"

namespace muster::test {
namespace {

RecordingPlan plan_of(std::uint64_t seed, std::size_t hosts, std::size_t events) {
  RecordingPlan plan;
  plan.fleet.seed = seed_or(seed);
  plan.fleet.hosts = hosts;
  plan.events = events;
  plan.readings = 1;
  return plan;
}

TEST(Fleet, reachesEveryEventAndRefusal) {
  const RecordedFleet fleet = record_fleet(plan_of(11, 100, 20000));
  std::set<std::size_t> taken;
  std::map<Outcome, int> outcomes;
  for (std::size_t i = 0; i < fleet.events.size(); ++i) {
    ++outcomes[fleet.judged[i].outcome];
    if (fleet.judged[i].outcome == Outcome::kApplied) taken.insert(fleet.events[i].body.index());
  }
  for (std::size_t type = 0; type + 1 < kEventTypes; ++type) {
    EXPECT_TRUE(taken.contains(type)) << type_name(type) << " never changed anything";
  }
  for (const Outcome outcome :
       {Outcome::kUnknownHost, Outcome::kUnknownProfile, Outcome::kUnknownLabel,
        Outcome::kUnknownCommand, Outcome::kNoWaitingRow, Outcome::kNoInstallRow,
        Outcome::kNoHostRow, Outcome::kNoRemovalRow, Outcome::kDeliveryUnderWay,
        Outcome::kScopeChanged, Outcome::kNameTaken, Outcome::kIdentifierTaken,
        Outcome::kProfileUuidTaken, Outcome::kStaleResult, Outcome::kInvalid}) {
    EXPECT_GT(outcomes[outcome], 0) << name_of(outcome);
  }
}

TEST(Fleet, reachesEveryRowState) {
  RecordingPlan plan = plan_of(12, 100, 10000);
  plan.readings = 50;
  const RecordedFleet fleet = record_fleet(plan);
  const std::string install = R"("operation":"install","status":)";
  const std::string remove = R"("operation":"remove","status":)";
  for (const std::string& state :
       {install + "null", install + R"("pending")", install + R"("verifying")",
        install + R"("verified")", install + R"("failed")", remove + "null",
        remove + R"("pending")", remove + R"("failed")", std::string(R"("ignore_error":true)")}) {
    EXPECT_TRUE(std::any_of(fleet.readings.begin(), fleet.readings.end(), [&](const auto& reading) {
      return reading.second.rows.find(state) != std::string::npos;
    })) << state;
  }
}

TEST(Fleet, isTheSameForASeed) {
  const RecordedFleet first = record_fleet(plan_of(13, 30, 1000));
  const RecordedFleet second = record_fleet(plan_of(13, 30, 1000));
  EXPECT_EQ(first.readings.rbegin()->second.rows, second.readings.rbegin()->second.rows);
}

class Settled : public ::testing::TestWithParam<int> {};

TEST_P(Settled, afterEveryFullPass) {
  record_fleet(plan_of(static_cast<std::uint64_t>(GetParam()), 60, 4000));
}

INSTANTIATE_TEST_SUITE_P(seeds, Settled, ::testing::Range(100, 112));

}  // namespace
}  // namespace muster::test
