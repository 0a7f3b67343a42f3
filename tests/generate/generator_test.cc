// Generated recordings: always the same for their options, and agreeing with the store to the last
// row.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "base/hash.h"
#include "generate/simulation.h"
#include "muster/recording.h"
#include "tests/generate/made_fleet.h"

namespace muster::test {
namespace {

/// Our own writers stay below this.
constexpr std::size_t kLineBytesMax = 1u << 20;

constexpr FleetScenario kScenarios[] = {FleetScenario::kSteady, FleetScenario::kRollout,
                                        FleetScenario::kStorm, FleetScenario::kDrift,
                                        FleetScenario::kMixed};

struct Golden {
  FleetScenario scenario;
  std::string text;     ///< XXH3-128
  std::string content;  ///< of the store after the replay
};

/// Always of seed 1. Whoever changes what is generated counts recording_id() on.
const Golden kGolden[] = {
    {FleetScenario::kSteady, "045e2513532747ad599c3a6876dfc234",
     "76be9d0a1408e524d1f2abfe9c79ad07"},
    {FleetScenario::kRollout, "bb909dfadb14164c1776879b7e5aafe6",
     "cd0dcfb0ecfda8b7053b49447a69ab5c"},
    {FleetScenario::kStorm, "91530894d329264360addec44a0e58aa", "2c3d7ca508e14b8a32ab9672fd44faa3"},
    {FleetScenario::kDrift, "fafb6725d02a0b748bf891a057cc6f8e", "433728102d5b35fafcc834eb43f39043"},
    {FleetScenario::kMixed, "ba28384d451739ce6aa9d7a0792e6cb2", "f133ceb00ad5b0f2fbc7462c8f429ac5"},
};

TEST(Generator, makesTheSameFleetsEverywhere) {
  for (const Golden& golden : kGolden) {
    muster::FleetOptions options = small_fleet(golden.scenario);
    options.seed = 1;
    const MadeFleet fleet = make_fleet(options);
    const std::string scenario(name_of(golden.scenario));
    EXPECT_EQ(to_string(base::hash128(fleet.text)), golden.text) << scenario;
    EXPECT_EQ(FleetStore(fleet).digest(), golden.content) << scenario;
  }
}

TEST(Generator, makesAnotherFleetForEveryOption) {
  const muster::FleetOptions usual = small_fleet(FleetScenario::kMixed);
  std::vector<muster::FleetOptions> variants(7, usual);
  variants[0].hosts += 1;
  variants[1].profiles += 1;
  variants[2].teams += 1;
  variants[3].hours += 1;
  variants[4].seed += 1;
  variants[5].scenario = FleetScenario::kDrift;
  variants[6].start.micros += 1'000'000;
  const MadeFleet fleet = make_fleet(usual);
  EXPECT_EQ(make_fleet(usual).text, fleet.text) << describe(usual);
  std::set<std::string> ids = {fleet.id};
  std::set<std::string> texts = {fleet.text};
  for (const muster::FleetOptions& options : variants) {
    const MadeFleet other = make_fleet(options);
    EXPECT_TRUE(ids.insert(other.id).second) << other.id;
    EXPECT_TRUE(texts.insert(other.text).second) << other.id;
  }
}

TEST(Generator, replaysWithoutDivergencesAndWithTheRefusalsThatItCounts) {
  const std::set<Outcome> expected = {Outcome::kNoHostRow, Outcome::kNoWaitingRow,
                                      Outcome::kNoRemovalRow, Outcome::kStaleResult};
  for (const FleetScenario scenario : kScenarios) {
    const MadeFleet fleet = make_fleet(small_fleet(scenario));
    const FleetStore store(fleet);
    EXPECT_TRUE(store.divergences.empty()) << describe(fleet.options) << store.divergences.front();
    std::uint64_t refused = 0;
    for (std::size_t i = 0; i < fleet.events.size(); ++i) {
      if (refusal_of(store.outcomes[i]) == Refusal::kNone) continue;
      ++refused;
      const std::string line = to_canonical_line(fleet.events[i]);
      EXPECT_TRUE(expected.contains(store.outcomes[i]))
          << describe(fleet.options) << ": " << name_of(store.outcomes[i]) << " for " << line;
      const EventBody& body = fleet.events[i].body;
      EXPECT_TRUE(std::holds_alternative<CommandResult>(body) ||
                  std::holds_alternative<InstallResult>(body))
          << describe(fleet.options) << ": " << line;
    }
    EXPECT_EQ(refused, fleet.refused) << describe(fleet.options);
  }
}

TEST(Generator, writesWhatAReaderTakesBack) {
  for (const FleetScenario scenario : kScenarios) {
    const MadeFleet fleet = make_fleet(small_fleet(scenario));
    Timestamp last = fleet.options.start;
    for (const Event& event : fleet.events) {
      const std::string line = to_canonical_line(event);
      EXPECT_EQ(to_canonical_line(parse_canonical_line(line)), line);
      EXPECT_GE(event.at, last) << describe(fleet.options) << ": " << line;
      last = event.at;
    }
  }
}

TEST(Generator, mixesAllEvents) {
  const MadeFleet fleet = make_fleet(small_fleet(FleetScenario::kMixed));
  std::set<std::size_t> types;
  for (const Event& event : fleet.events) types.insert(event.body.index());
  for (std::size_t type = 0; type < kEventTypes; ++type) {
    const bool impossible = type_name(type) == "unreadable";
    EXPECT_NE(types.contains(type), impossible) << describe(fleet.options) << type_name(type);
  }
}

std::string row_text(const ProfileState& row) {
  return row.profile_uuid + " " + std::string(name_of(row.operation)) + " " +
         std::string(name_of(row.status)) + " " + std::to_string(row.retries) + " " +
         row.command_uuid + " " + row.detail + "\n";
}

/// The rows that the simulation believes the host to have.
std::string rows_text(const generate::Server& server, const core::Host& host) {
  std::string text;
  for (const core::Slot& slot : host.slots) {
    ProfileState row;
    row.profile_uuid = server.catalog().version(slot.version()).profile_uuid;
    row.operation = slot.operation();
    row.status = slot.status();
    row.retries = slot.retries();
    row.detail = host.detail_of(slot);
    const auto command = static_cast<std::uint32_t>(core::to_integer(slot.command()));
    if (command != 0) row.command_uuid = server.command_uuid(command);
    text += row_text(row);
  }
  return text;
}

TEST(Generator, knowsEveryRowOfTheStore) {
  const muster::FleetOptions options = small_fleet(FleetScenario::kMixed);
  const FleetStore store(make_fleet(options));
  const Snapshot snapshot = store.snapshot();
  generate::Simulation simulation(options);
  while (simulation.next()) {
  }
  std::uint64_t hosts = 0;
  for (generate::HostIndex index = 0; index < options.hosts; ++index) {
    const core::Host* host = simulation.server().host(index);
    if (host == nullptr) continue;
    ++hosts;
    std::string stored;
    const auto add = [&](const ProfileState& row) { return stored += row_text(row), true; };
    ASSERT_TRUE(snapshot.visit_host(host->uuid, {}, add).ok());
    EXPECT_EQ(rows_text(simulation.server(), *host), stored) << describe(options) << host->uuid;
  }
  EXPECT_GT(hosts, 20U);
  std::uint64_t stored = 0;
  ASSERT_TRUE(snapshot.visit_hosts({}, [&](const HostState&) { return ++stored, true; }).ok());
  EXPECT_EQ(stored, hosts);
}

TEST(Generator, splitsLargePassesIntoRanges) {
  muster::FleetOptions options = small_fleet(FleetScenario::kSteady);
  options.hosts = 2'500;
  options.profiles = 8;
  options.hours = 1;
  const MadeFleet fleet = make_fleet(options);
  std::size_t ranges = 0;
  for (const Event& event : fleet.events) {
    const auto* pass = std::get_if<Reconciled>(&event.body);
    if (pass == nullptr || !pass->after) continue;
    ++ranges;
    EXPECT_LT(to_canonical_line(event).size(), kLineBytesMax);
  }
  EXPECT_GE(ranges, 2U) << describe(options);
  const Timestamp end{options.start.micros + std::int64_t{options.hours} * 3'600'000'000};
  EXPECT_LT(fleet.events.back().at, end) << describe(options) << ": many hosts take no longer";
  const FleetStore store(fleet);
  EXPECT_TRUE(store.divergences.empty()) << describe(options) << store.divergences.front();
}

TEST(Generator, keepsLinesShortWhereHostsHaveManyProfiles) {
  muster::FleetOptions options = small_fleet(FleetScenario::kMixed);
  options.hosts = 12;
  options.profiles = kFleetProfilesMax;
  options.teams = 2;
  options.hours = 2;
  Result<FleetGenerator> generator = FleetGenerator::make(options);
  ASSERT_TRUE(generator.ok());
  std::size_t longest = 0;
  while (const auto event = generator->next()) {
    longest = std::max(longest, to_canonical_line(*event).size());
  }
  EXPECT_GT(longest, kLineBytesMax / 8) << describe(options);
  EXPECT_LT(longest, kLineBytesMax) << describe(options);
}

struct BadOptions {
  std::string names;
  muster::FleetOptions options;
};

TEST(Generator, namesTheOptionThatCannotBe) {
  std::vector<BadOptions> cases;
  const auto add = [&](std::string names, auto change) {
    muster::FleetOptions options;
    change(options);
    cases.push_back({std::move(names), options});
  };
  add("hosts is 0", [](auto& options) { options.hosts = 0; });
  add("hosts is 10000001", [](auto& options) { options.hosts = kFleetHostsMax + 1; });
  add("profiles is 0", [](auto& options) { options.profiles = 0; });
  add("profiles is 1001", [](auto& options) { options.profiles = kFleetProfilesMax + 1; });
  add("teams is 0", [](auto& options) { options.teams = 0; });
  add("teams is 1001", [](auto& options) { options.teams = kFleetTeamsMax + 1; });
  add("30000 profiles", [](auto& options) { options.teams = 1'000; });
  add("hours is 0", [](auto& options) { options.hours = 0; });
  add("hours is 8785", [](auto& options) { options.hours = kFleetHoursMax + 1; });
  add("start is 2026-01-05T08:00:00.5Z", [](auto& options) { options.start.micros += 500'000; });
  add("start is 1969", [](auto& options) { options.start.micros = -1'000'000; });
  add("scenario", [](auto& options) { options.scenario = static_cast<FleetScenario>(6); });
  for (const BadOptions& bad : cases) {
    const Result<FleetGenerator> generator = FleetGenerator::make(bad.options);
    ASSERT_FALSE(generator.ok()) << bad.names;
    EXPECT_EQ(generator.status().code(), StatusCode::kInvalidArgument);
    EXPECT_NE(generator.status().message().find(bad.names), std::string::npos)
        << generator.status().message();
  }
}

TEST(Scenarios, haveNames) {
  for (const FleetScenario scenario : kScenarios) {
    EXPECT_EQ(fleet_scenario_of(name_of(scenario)), scenario);
  }
  EXPECT_EQ(fleet_scenario_of("calm"), std::nullopt);
}

}  // namespace
}  // namespace muster::test
