#include "tests/oracle/recorded_fleet.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <variant>

namespace muster::test {

std::string replay_hint(const FleetOptions& options) {
  return "seed " + std::to_string(options.seed) + ", " + std::to_string(options.hosts) +
         " hosts; again with MUSTER_SEED=" + std::to_string(options.seed) + "\n";
}

std::vector<std::string> known_profiles(const NaiveEngine& engine) {
  std::set<std::string> uuids;
  for (const auto& version : engine.catalog().versions()) uuids.insert(version->profile_uuid);
  return {uuids.begin(), uuids.end()};
}

Readings read_all(Subject& subject, const std::vector<std::string>& profile_uuids, TeamId teams) {
  Readings readings;
  readings.rows = subject.export_rows();
  readings.hosts = subject.export_hosts();
  for (TeamId team = 0; team <= teams; ++team) readings.summaries[team] = subject.summary(team);
  for (const std::string& uuid : profile_uuids) {
    readings.counts[uuid] = subject.profile_counts(uuid);
  }
  return readings;
}

RecordedFleet record_fleet(const RecordingPlan& plan) {
  RecordedFleet fleet;
  fleet.options = plan.fleet;
  fleet.engine = std::make_unique<NaiveEngine>(Policy(), kFleetSource);
  NaiveEngine& engine = *fleet.engine;
  const EngineView view(engine);
  Fleet source(plan.fleet, view);
  const std::size_t total = plan.events + plan.fleet.hosts;
  const std::size_t distance =
      std::max<std::size_t>(1, total / std::max<std::size_t>(1, plan.readings));
  for (std::size_t i = 1; i <= total; ++i) {
    fleet.events.push_back(source.next());
    const Event& event = fleet.events.back();
    fleet.judged.push_back(engine.apply(event, i));
    if (const auto* pass = std::get_if<Reconciled>(&event.body);
        pass != nullptr && !pass->after && !pass->through &&
        refusal_of(fleet.judged.back().outcome) == Refusal::kNone) {
      const auto host = engine.find_unsettled(event.at);
      EXPECT_FALSE(host.has_value())
          << replay_hint(plan.fleet) << "event " << i << " leaves host " << host.value_or("");
    }
    if (i % distance == 0 || i == total) {
      fleet.readings[i] = read_all(engine, known_profiles(engine), plan.fleet.teams);
    }
  }
  return fleet;
}

}  // namespace muster::test
