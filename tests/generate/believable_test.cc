// That scenarios look like what they are called, as counts.
#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>
#include <variant>

#include "tests/generate/made_fleet.h"

namespace muster::test {
namespace {

struct Reports {
  std::uint64_t applied = 0;
  std::uint64_t unchanged = 0;
};

/// The reports of installed profiles from the second hour on.
Reports later_reports(const MadeFleet& fleet, const FleetStore& store) {
  Reports reports;
  const Timestamp later{fleet.options.start.micros + 2 * 3'600'000'000};
  for (std::size_t i = 0; i < fleet.events.size(); ++i) {
    if (!std::holds_alternative<ProfilesReported>(fleet.events[i].body)) continue;
    if (fleet.events[i].at < later) continue;
    ++(store.outcomes[i] == Outcome::kApplied ? reports.applied : reports.unchanged);
  }
  return reports;
}

StatusCounts total(const Snapshot& snapshot) {
  StatusCounts all;
  for (const TeamId team : snapshot.teams()) {
    const StatusCounts counts = snapshot.summary(team);
    all.failed += counts.failed;
    all.pending += counts.pending;
    all.verifying += counts.verifying;
    all.verified += counts.verified;
  }
  return all;
}

muster::FleetOptions fleet_of(FleetScenario scenario, std::uint32_t hosts) {
  muster::FleetOptions options = small_fleet(scenario);
  options.hosts = hosts;
  return options;
}

TEST(Believable, steadyFleetsHardlyChange) {
  const MadeFleet fleet = make_fleet(fleet_of(FleetScenario::kSteady, 200));
  const FleetStore store(fleet);
  const Reports reports = later_reports(fleet, store);
  EXPECT_GT(reports.unchanged, 200U * 5) << describe(fleet.options);
  EXPECT_LT(reports.applied * 50, reports.unchanged) << describe(fleet.options);
  const StatusCounts counts = total(store.snapshot());
  EXPECT_GT(counts.verified, 180U) << describe(fleet.options);
}

TEST(Believable, driftingFleetsChangeEveryHour) {
  const MadeFleet steady = make_fleet(fleet_of(FleetScenario::kSteady, 200));
  const MadeFleet fleet = make_fleet(fleet_of(FleetScenario::kDrift, 200));
  const FleetStore store(fleet);
  const Reports reports = later_reports(fleet, store);
  // One report finds the loss and a later one the repair.
  EXPECT_GT(reports.applied, 10U) << describe(fleet.options);
  EXPECT_GT(reports.applied, later_reports(steady, FleetStore(steady)).applied)
      << describe(fleet.options);
  EXPECT_LT(reports.applied * 20, reports.unchanged) << describe(fleet.options);
}

TEST(Believable, rolloutsReachTheFleetAndGo) {
  const MadeFleet fleet = make_fleet(fleet_of(FleetScenario::kRollout, 200));
  for (const auto& [permille, hosts] : {std::pair{490, 170U}, {740, 170U}}) {
    const FleetStore store(fleet, events_until(fleet, permille));
    StatusCounts counts;
    const Snapshot snapshot = store.snapshot();
    const auto add = [&](const ProfileInfo& profile) {
      if (profile.identifier != "com.acme.rollout.1") return true;
      const StatusCounts of_team = snapshot.profile_counts(profile.profile_uuid);
      counts.verified += of_team.verified;
      counts.failed += of_team.failed;
      return true;
    };
    ASSERT_TRUE(snapshot.visit_profiles({}, add).ok());
    EXPECT_GT(counts.verified, hosts) << describe(fleet.options) << " at " << permille;
  }
  const FleetStore store(fleet);
  const Snapshot snapshot = store.snapshot();
  std::uint64_t left = 0;
  const auto count = [&](const HostState& host) {
    const auto look = [&](const ProfileState& row) {
      return left += row.identifier == "com.acme.rollout.1", true;
    };
    return snapshot.visit_host(host.host_uuid, {}, look).ok();
  };
  ASSERT_TRUE(snapshot.visit_hosts({}, count).ok());
  EXPECT_LT(left, 20U) << describe(fleet.options) << ": only where devices were offline";
}

TEST(Believable, stormsLeaveTheBadDevicesFailed) {
  const MadeFleet fleet = make_fleet(fleet_of(FleetScenario::kStorm, 200));
  std::set<std::string> answering;
  std::set<std::string> acknowledging;
  for (const Event& event : fleet.events) {
    const auto* result = std::get_if<CommandResult>(&event.body);
    if (result == nullptr) continue;
    if (result->status == "Error") answering.insert(result->host_uuid);
    if (result->status == "Acknowledged") acknowledging.insert(result->host_uuid);
  }
  const FleetStore store(fleet);
  const Snapshot snapshot = store.snapshot();
  std::uint64_t bad = 0;
  std::uint64_t failed = 0;
  std::uint64_t retried = 0;
  for (const std::string& uuid : answering) {
    if (acknowledging.contains(uuid)) continue;
    ++bad;
    const auto host = snapshot.find_host(uuid);
    ASSERT_TRUE(host.ok() && host->has_value());
    failed += (*host)->status == DeliveryStatus::kFailed;
    bool once = false;
    const auto look = [&](const ProfileState& row) { return once |= row.retries > 0, true; };
    ASSERT_TRUE(snapshot.visit_host(uuid, {}, look).ok());
    retried += once;
  }
  EXPECT_GE(bad, 10U) << describe(fleet.options);
  EXPECT_GE(failed * 10, bad * 9) << describe(fleet.options);
  EXPECT_GE(retried * 10, bad * 9) << describe(fleet.options);
}

TEST(Believable, mixedFleetsAreMostlyFine) {
  const MadeFleet fleet = make_fleet(fleet_of(FleetScenario::kMixed, 200));
  const FleetStore store(fleet);
  const StatusCounts counts = total(store.snapshot());
  EXPECT_GT(counts.verified, 110U) << describe(fleet.options);
  EXPECT_GT(counts.pending + counts.verifying, 0U) << describe(fleet.options);
  EXPECT_GT(counts.failed, 0U) << describe(fleet.options);
  EXPECT_GT(fleet.refused, 0U) << describe(fleet.options);
  EXPECT_LT(fleet.refused * 200, fleet.events.size()) << describe(fleet.options);
}

}  // namespace
}  // namespace muster::test
