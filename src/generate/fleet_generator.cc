#include "muster/fleet_generator.h"

#include <string>
#include <utility>

#include "base/time.h"
#include "generate/simulation.h"

namespace muster {
namespace {

/// Part of every recording's id: a generator that makes other events counts on.
constexpr std::string_view kIdBegin = "muster-generate/1/";

constexpr Timestamp kStartMax{253'086'163'200'000'000};  // 9990-01-01

Status check(std::string_view option, std::uint64_t value, std::uint64_t most) {
  if (value >= 1 && value <= most) return {};
  return Status(StatusCode::kInvalidArgument, std::string(option) + " is " + std::to_string(value) +
                                                  ": it can be 1 to " + std::to_string(most));
}

Status check(const FleetOptions& options) {
  for (const Status& checked : {check("hosts", options.hosts, kFleetHostsMax),
                                check("profiles", options.profiles, kFleetProfilesMax),
                                check("teams", options.teams, kFleetTeamsMax),
                                check("hours", options.hours, kFleetHoursMax)}) {
    if (!checked.ok()) return checked;
  }
  const std::uint64_t profiles = std::uint64_t{options.teams} * options.profiles;
  if (profiles > kFleetCatalogProfilesMax) {
    return Status(StatusCode::kInvalidArgument,
                  "teams with their profiles make " + std::to_string(profiles) +
                      " profiles: there can be " + std::to_string(kFleetCatalogProfilesMax));
  }
  if (options.start < Timestamp{0} || options.start > kStartMax ||
      options.start.micros % base::kMicrosPerSecond != 0) {
    return Status(StatusCode::kInvalidArgument,
                  "start is " + to_string(options.start) +
                      ": it has to be a whole second of the years 1970 to 9989");
  }
  if (options.scenario < FleetScenario::kSteady || options.scenario > FleetScenario::kMixed) {
    return Status(StatusCode::kInvalidArgument, "scenario is none of the five");
  }
  return {};
}

std::string id_of(const FleetOptions& options) {
  std::string id(kIdBegin);
  id += name_of(options.scenario);
  for (const auto& [name, value] : {std::pair<const char*, std::uint64_t>{"hosts", options.hosts},
                                    {"profiles", options.profiles},
                                    {"teams", options.teams},
                                    {"hours", options.hours},
                                    {"seed", options.seed}}) {
    id += "," + std::string(name) + "=" + std::to_string(value);
  }
  if (options.start != kFleetStart) id += ",start=" + to_string(options.start);
  return id;
}

}  // namespace

class FleetGenerator::Impl {
 public:
  explicit Impl(const FleetOptions& options) : simulation(options), id(id_of(options)) {}

  generate::Simulation simulation;
  std::string id;
};

FleetGenerator::FleetGenerator(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
FleetGenerator::FleetGenerator(FleetGenerator&&) noexcept = default;
FleetGenerator& FleetGenerator::operator=(FleetGenerator&&) noexcept = default;
FleetGenerator::~FleetGenerator() = default;

Result<FleetGenerator> FleetGenerator::make(const FleetOptions& options) {
  if (Status checked = check(options); !checked.ok()) return checked;
  return FleetGenerator(std::make_unique<Impl>(options));
}

std::optional<Event> FleetGenerator::next() {
  return impl_->simulation.next();
}

const std::string& FleetGenerator::recording_id() const {
  return impl_->id;
}

std::uint64_t FleetGenerator::refused() const {
  return impl_->simulation.server().refused();
}

Timestamp FleetGenerator::now() const {
  return impl_->simulation.now();
}

}  // namespace muster
