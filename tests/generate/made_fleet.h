// A generated fleet with everything that tests ask of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "muster/event.h"
#include "muster/fleet_generator.h"
#include "muster/snapshot.h"
#include "muster/store.h"
#include "tests/support/files.h"

namespace muster::test {

struct MadeFleet {
  muster::FleetOptions options;
  std::string id;
  std::vector<Event> events;
  std::uint64_t refused = 0;  ///< as the generator counts
  std::string text;           ///< canonical lines
};

/// 40 hosts, 6 profiles, 3 teams, 12 hours. MUSTER_SEED takes the place of the usual seed.
muster::FleetOptions small_fleet(FleetScenario scenario);
MadeFleet make_fleet(const muster::FleetOptions& options);
std::string describe(const muster::FleetOptions& options);

/// A store that took the first `events` of the fleet's events.
class FleetStore {
 public:
  explicit FleetStore(const MadeFleet& fleet, std::size_t events = SIZE_MAX);

  Snapshot snapshot() const;
  std::string digest() const;

  std::vector<Outcome> outcomes;  ///< one an event
  std::vector<std::string> divergences;

 private:
  TempDir folder_;
  Store store_;
};

/// How many events at or before this share of the time, of a thousand.
std::size_t events_until(const MadeFleet& fleet, std::int64_t permille);

}  // namespace muster::test
