// The devices of a made-up fleet: what is installed on them, and how they answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/numbers.h"
#include "generate/random.h"
#include "generate/scenario.h"
#include "generate/server.h"
#include "muster/event.h"

namespace muster::generate {

enum class Presence : std::uint8_t {
  kAway,  ///< not enrolled yet
  kEnrolled,
  kUnenrolled,  ///< will come back
  kForgotten,   ///< an operator deleted the host; the device does not know
};

/// 8 bytes each: there are many.
struct Installed {
  core::VersionNumber version{};
  std::int32_t seconds = 0;  ///< of the installation, since the fleet's start
};

struct Device {
  std::vector<std::uint32_t> queue;  ///< commands to answer, in order
  std::vector<Installed> installed;
  std::uint32_t offline_until = 0;  ///< seconds since the fleet's start
  std::uint16_t label_flips = 0;    ///< memberships that differ from the device's traits
  Presence presence = Presence::kAway;
  bool session = false;    ///< an appointment to answer is made
  bool heartbeat = false;  ///< reports every hour from its first enrolment on
  bool repeat = false;     ///< the next answer is the last one again
  bool said_error = false;
};

enum class Answer : std::uint8_t { kAcknowledged, kNotNow, kError, kFormatError };

class Devices {
 public:
  Devices(const FleetOptions& options, const Rates& rates, const Server& server);

  Device& operator[](HostIndex index) { return devices_[index]; }
  const Device& operator[](HostIndex index) const { return devices_[index]; }

  // Traits: they follow from the seed.
  Platform platform(HostIndex index) const;
  TeamId first_team(HostIndex index) const;
  bool bad(HostIndex index) const;
  bool first_user_channel(HostIndex index) const;
  std::uint32_t phase_seconds(HostIndex index) const;  ///< of its reports, in the hour

  HostAdded added(HostIndex index, TeamId team) const;
  /// The labels that exist in the catalog and that the device is in.
  std::vector<std::string> labels(HostIndex index) const;
  /// Everything that is installed, foreign profiles first.
  ReportedProfiles report(HostIndex index) const;

  /// How the device takes the command.
  Answer decide(HostIndex index, std::uint32_t command, Random& random) const;
  /// The event for it; changes what is installed.
  EventBody answered(HostIndex index, std::uint32_t command, Answer answer, Timestamp at,
                     bool as_status);
  bool lose_profile(HostIndex index, Random& random);
  bool restore_old(HostIndex index, Random& random);

 private:
  std::uint64_t trait_of(std::uint64_t kind, HostIndex index) const;
  bool fails_always(HostIndex index, core::VersionNumber version) const;
  std::int32_t seconds_at(Timestamp at) const;
  void install(Device& device, core::VersionNumber version, Timestamp at) const;
  bool remove(Device& device, core::VersionNumber version) const;
  std::vector<ErrorChainEntry> chain(HostIndex index, const Command& command) const;

  const FleetOptions& options_;
  const Rates& rates_;
  const Server& server_;
  std::vector<Device> devices_;
};

}  // namespace muster::generate
