// A made-up fleet as a stream of events: for demonstrations, tests and measurements.
//
// The fleet is simulated device by device against Muster's own rules, so that every result in the
// stream answers a command that an earlier pass lists: a replay with the default policy has no
// divergence, and refuses only what would be refused in a real fleet, such as the answers of
// devices that somebody deleted. The same options give the same events on every machine.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "muster/event.h"
#include "muster/status.h"
#include "muster/types.h"

namespace muster {

enum class FleetScenario : std::uint8_t {
  kSteady = 1,   ///< enrolment, then almost nothing but hourly reports
  kRollout = 2,  ///< one more profile for everybody, then its edit, then its deletion
  kStorm = 3,    ///< every tenth device fails everything; a third of the fleet enrols at once
  kDrift = 4,    ///< each hour, devices lose profiles or come back with old ones
  kMixed = 5,    ///< days of a real fleet, all of this and more at usual rates
};

std::string_view name_of(FleetScenario scenario);  ///< "steady"
std::optional<FleetScenario> fleet_scenario_of(std::string_view name);

/// 2026-01-05T08:00:00Z.
inline constexpr Timestamp kFleetStart{1'767'600'000'000'000};

inline constexpr std::uint32_t kFleetHostsMax = 10'000'000;
inline constexpr std::uint32_t kFleetProfilesMax = 1'000;          ///< a team, at the begin
inline constexpr std::uint32_t kFleetCatalogProfilesMax = 20'000;  ///< of all teams, at the begin
inline constexpr std::uint32_t kFleetTeamsMax = 1'000;
inline constexpr std::uint32_t kFleetHoursMax = 8'784;

struct FleetOptions {
  std::uint32_t hosts = 1'000;  ///< devices that are there at some time; 1 to kFleetHostsMax
  std::uint32_t profiles = 30;  ///< a team; labels keep some of them from some hosts
  std::uint32_t teams = 3;      ///< 1 to kFleetTeamsMax; the first one is "no team", number 0
  std::uint32_t hours = 24;     ///< simulated; 1 to kFleetHoursMax
  std::uint64_t seed = 1;       ///< other seeds, other fleets
  FleetScenario scenario = FleetScenario::kMixed;
  Timestamp start = kFleetStart;  ///< whole seconds; years 1970 to 9990
};

/// Makes the events one by one. Memory grows with hosts and their profiles (about 1.2 KiB a host
/// with 30 profiles), not with time. For one thread at a time.
class FleetGenerator {
 public:
  /// kInvalidArgument names the option that is outside its limits.
  static Result<FleetGenerator> make(const FleetOptions& options);
  FleetGenerator(FleetGenerator&&) noexcept;
  FleetGenerator& operator=(FleetGenerator&&) noexcept;
  ~FleetGenerator();

  /// The next event, in order of time; nothing at the end.
  std::optional<Event> next();

  /// For the recording's header. Differs wherever options differ.
  const std::string& recording_id() const;
  /// Events handed out that a store with the default policy refuses.
  std::uint64_t refused() const;
  /// How far the simulation is: from options.start to options.start + hours.
  Timestamp now() const;

  class Impl;
  explicit FleetGenerator(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace muster
