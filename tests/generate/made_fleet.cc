#include "tests/generate/made_fleet.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>

#include "muster/recording.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

constexpr std::size_t kSpan = 512;

}  // namespace

muster::FleetOptions small_fleet(FleetScenario scenario) {
  muster::FleetOptions options;
  options.hosts = 40;
  options.profiles = 6;
  options.teams = 3;
  options.hours = 12;
  options.seed = seed_or(1);
  options.scenario = scenario;
  return options;
}

std::string describe(const muster::FleetOptions& options) {
  return std::string(name_of(options.scenario)) + ", " + std::to_string(options.hosts) +
         " hosts; again with MUSTER_SEED=" + std::to_string(options.seed);
}

MadeFleet make_fleet(const muster::FleetOptions& options) {
  Result<FleetGenerator> generator = FleetGenerator::make(options);
  EXPECT_TRUE(generator.ok()) << generator.status().to_string();
  MadeFleet fleet;
  fleet.options = options;
  fleet.id = generator->recording_id();
  while (auto event = generator->next()) {
    fleet.text += to_canonical_line(*event) + "\n";
    fleet.events.push_back(std::move(*event));
  }
  fleet.refused = generator->refused();
  return fleet;
}

FleetStore::FleetStore(const MadeFleet& fleet, std::size_t events)
    : store_(open_store(buffered(folder_ / "store"))) {
  const std::span<const Event> all(fleet.events.data(), std::min(events, fleet.events.size()));
  for (std::size_t begin = 0; begin < all.size(); begin += kSpan) {
    const auto span = all.subspan(begin, std::min(kSpan, all.size() - begin));
    for (const EventResult& result : apply(store_, span, fleet.id, begin + 1).results) {
      outcomes.push_back(result.outcome);
      if (result.divergences) divergences.push_back(result.divergences->example);
    }
  }
}

Snapshot FleetStore::snapshot() const {
  Result<Snapshot> snapshot = store_.snapshot();
  EXPECT_TRUE(snapshot.ok()) << snapshot.status().to_string();
  return std::move(snapshot).value();
}

std::string FleetStore::digest() const {
  return digest_of(store_);
}

std::size_t events_until(const MadeFleet& fleet, std::int64_t permille) {
  const std::int64_t micros = std::int64_t{fleet.options.hours} * 3'600'000 * permille;
  const Timestamp until{fleet.options.start.micros + micros};
  const auto later = [&](const Event& event) { return event.at > until; };
  return static_cast<std::size_t>(std::find_if(fleet.events.begin(), fleet.events.end(), later) -
                                  fleet.events.begin());
}

}  // namespace muster::test
