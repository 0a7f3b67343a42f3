// A random fleet's recording with what the naive engine makes of it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "muster/event.h"
#include "muster/snapshot.h"
#include "tests/support/naive_engine.h"
#include "tests/support/fleet.h"
#include "tests/support/subject.h"

namespace muster::test {

inline constexpr const char* kFleetSource = "fleet";

/// Everything that can be read, after some event.
struct Readings {
  std::string rows;
  std::string hosts;
  std::map<TeamId, StatusCounts> summaries;
  std::map<std::string, StatusCounts> counts;  ///< by profile_uuid, deleted ones too
};

/// Counts of `profile_uuids`, summaries of the teams up to and with `teams`.
Readings read_all(Subject& subject, const std::vector<std::string>& profile_uuids, TeamId teams);

/// Every profile_uuid that an engine has met.
std::vector<std::string> known_profiles(const NaiveEngine& engine);

struct RecordedFleet {
  FleetOptions options;
  std::vector<Event> events;
  std::vector<Judged> judged;                ///< one an event
  std::map<std::size_t, Readings> readings;  ///< by the number of events before
  std::unique_ptr<NaiveEngine> engine;       ///< at the end
};

struct RecordingPlan {
  FleetOptions fleet;
  std::size_t events = 0;    ///< after the founding ones
  std::size_t readings = 0;  ///< taken at even distances, and at the end
};

/// Fails the running test where a second visit after a full pass would move something.
RecordedFleet record_fleet(const RecordingPlan& plan);

/// How to find the failure again.
std::string replay_hint(const FleetOptions& options);

/// Shows a fleet the rows of an engine.
class EngineView : public FleetView {
 public:
  explicit EngineView(const NaiveEngine& engine) : engine_(engine) {}
  std::vector<ProfileState> rows(std::string_view host_uuid) const override {
    return engine_.rows(host_uuid);
  }

 private:
  const NaiveEngine& engine_;
};

}  // namespace muster::test
