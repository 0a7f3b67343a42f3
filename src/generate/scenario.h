// What makes one scenario another one: all rates, and what operators do when.
#pragma once

#include <cstdint>
#include <span>

#include "muster/fleet_generator.h"

namespace muster::generate {

/// All numbers are of a million.
struct Rates {
  // Of the devices.
  std::uint32_t founders = kEverybody;  ///< enrol in the first hour; others all through
  std::uint32_t enrol_storm = 0;        ///< of the others: within ten minutes at half time
  std::uint32_t bad_devices = 0;        ///< fail every command
  std::uint32_t no_user_channel = 0;    ///< Macs that enrol without one
  // Of the answers.
  std::uint32_t not_now = 0;         ///< the device asks to wait
  std::uint32_t errors = 0;          ///< by chance
  std::uint32_t flaky_versions = 0;  ///< profile versions that have trouble somewhere
  std::uint32_t flaky_devices = 0;   ///< devices on which a flaky version never installs
  std::uint32_t repeated = 0;        ///< the same answer comes twice
  std::uint32_t as_status = 0;       ///< handed on as a delivery status
  // Of the devices, an hour.
  std::uint32_t goes_offline = 0;  ///< for hours
  std::uint32_t loses_profile = 0;
  std::uint32_t restores_old = 0;  ///< comes back from a backup with an old version
  std::uint32_t changes_labels = 0;
  std::uint32_t transferred = 0;
  std::uint32_t wiped = 0;  ///< enrols again out of the blue
  std::uint32_t unenrolled = 0;
  std::uint32_t deleted = 0;
  std::uint32_t gets_user_channel = 0;  ///< where there is none
  std::uint32_t resent = 0;             ///< where something failed
  // Of the passes that issue commands.
  std::uint32_t not_sent = 0;

  static constexpr std::uint32_t kEverybody = 1'000'000;
};

enum class Deed : std::uint8_t {
  kRollOut,        ///< a new profile for all teams
  kUpload,         ///< a new profile for one team
  kUploadAgain,    ///< everything as it is: a habit of deployment scripts
  kEdit,           ///< new content for a profile of one team
  kEditRollOut,    ///< of the newest roll-out, for all teams
  kRotateSecret,   ///< the same content with new secrets
  kDelete,         ///< one team's profile
  kDeleteRollOut,  ///< the newest one, for all teams
  kCreateLabel,
  kDeleteLabel,  ///< profiles that name it are broken
  kMend,         ///< broken profiles are uploaded without the label
  kBatchResend,
  kChangePolicy,
  kRestorePolicy,
  kNotSent,   ///< handing over a command of the next pass fails
  kTransfer,  ///< these concern one host
  kUnenrol,
  kDeleteHost,
  kSwitchUserChannel,
  kResend,
};

struct PlannedDeed {
  std::uint32_t permille = 0;  ///< of the recording's time, or of each day of longer ones
  Deed deed = Deed::kEdit;
};

struct Scenario {
  Rates rates;
  std::span<const PlannedDeed> deeds;
};

const Scenario& scenario_of(FleetScenario scenario);

}  // namespace muster::generate
