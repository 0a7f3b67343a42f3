#include "generate/devices.h"

#include <algorithm>
#include <utility>

#include "base/time.h"
#include "generate/names.h"

namespace muster::generate {
namespace {

enum Trait : std::uint64_t {
  kPlatform = 100,
  kTeam,
  kBad,
  kUserChannel,
  kPhase,
  kForeign,
  kForeignDate,
  kFlakyVersion,
  kFlakyDevice,
  kComplaint,
  kLabel = 200,  // and the following ones, one a label
};

constexpr std::uint32_t kSecondsPerHour = 3'600;
constexpr std::int32_t kYear = 365 * 86'400;

bool mac(Platform platform) {
  return platform == Platform::kDarwin;
}

bool phone(Platform platform) {
  return platform == Platform::kIos || platform == Platform::kIpados;
}

std::string_view word_of(Answer answer) {
  switch (answer) {
    case Answer::kAcknowledged:
      return "Acknowledged";
    case Answer::kNotNow:
      return "NotNow";
    case Answer::kError:
      return "Error";
    case Answer::kFormatError:
      return "CommandFormatError";
  }
  return "";
}

}  // namespace

Devices::Devices(const FleetOptions& options, const Rates& rates, const Server& server)
    : options_(options), rates_(rates), server_(server), devices_(options.hosts) {}

std::uint64_t Devices::trait_of(std::uint64_t kind, HostIndex index) const {
  return trait(options_.seed, kind, index);
}

Platform Devices::platform(HostIndex index) const {
  const std::uint32_t percent = scaled(trait_of(kPlatform, index), 100);
  if (percent < 80) return Platform::kDarwin;
  if (percent < 92) return Platform::kIos;
  return percent < 98 ? Platform::kIpados : Platform::kWindows;
}

/// Of two draws the lesser: first teams are larger.
TeamId Devices::first_team(HostIndex index) const {
  const std::uint64_t bits = trait_of(kTeam, index);
  return std::min(scaled(bits, options_.teams), scaled(scramble(bits + 1), options_.teams));
}

bool Devices::bad(HostIndex index) const {
  return scaled(trait_of(kBad, index), kMillion) < rates_.bad_devices;
}

bool Devices::first_user_channel(HostIndex index) const {
  return mac(platform(index)) &&
         scaled(trait_of(kUserChannel, index), kMillion) >= rates_.no_user_channel;
}

std::uint32_t Devices::phase_seconds(HostIndex index) const {
  return scaled(trait_of(kPhase, index), kSecondsPerHour);
}

HostAdded Devices::added(HostIndex index, TeamId team) const {
  HostAdded event;
  event.host_uuid = server_.uuid(index);
  event.platform = platform(index);
  event.team_id = team;
  event.user_channel = first_user_channel(index);
  return event;
}

std::vector<std::string> Devices::labels(HostIndex index) const {
  const Platform on = platform(index);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kLabels.size(); ++i) {
    const LabelName& label = kLabels[i];
    if (!(label.macs && mac(on)) && !(label.phones && phone(on))) continue;
    const bool usual = scaled(trait_of(kLabel + i, index), kMillion) < label.members;
    const bool flipped = ((devices_[index].label_flips >> i) & 1) != 0;
    if (usual == flipped || server_.catalog().find_label(label.name) == nullptr) continue;
    names.emplace_back(label.name);
  }
  return names;
}

ReportedProfiles Devices::report(HostIndex index) const {
  ReportedProfiles profiles;
  const auto date = [&](std::int64_t seconds) {
    return Timestamp{options_.start.micros + seconds * base::kMicrosPerSecond};
  };
  const std::uint64_t foreign = trait_of(kForeign, index);
  const std::uint64_t dates = trait_of(kForeignDate, index);
  for (std::size_t i = 0; i < kForeignProfiles.size(); ++i) {
    if (((foreign >> (2 * i)) & 3) != 0) continue;
    const ForeignProfile& profile = kForeignProfiles[i];
    const auto age = static_cast<std::int64_t>(scaled(scramble(dates + i), kYear));
    profiles.add(profile.identifier, profile.display_name, date(-age - 1));
  }
  for (const Installed& installed : devices_[index].installed) {
    const core::ProfileVersion& version = server_.catalog().version(installed.version);
    profiles.add(version.identifier, version.name, date(installed.seconds));
  }
  return profiles;
}

bool Devices::fails_always(HostIndex index, core::VersionNumber version) const {
  const std::uint64_t number = core::to_integer(version);
  const std::uint64_t flaky = trait(options_.seed, kFlakyVersion, number);
  if (scaled(flaky, kMillion) >= rates_.flaky_versions) return false;
  return scaled(scramble(trait_of(kFlakyDevice, index) + number), kMillion) < rates_.flaky_devices;
}

Answer Devices::decide(HostIndex index, std::uint32_t command, Random& random) const {
  if (bad(index)) return Answer::kError;
  if (random.chance(rates_.not_now)) return Answer::kNotNow;
  const Command& wanted = server_.command(command);
  if (wanted.operation == Operation::kInstall && fails_always(index, wanted.version)) {
    return Answer::kError;
  }
  if (!random.chance(rates_.errors)) return Answer::kAcknowledged;
  return random.chance(50'000) ? Answer::kFormatError : Answer::kError;
}

std::int32_t Devices::seconds_at(Timestamp at) const {
  return static_cast<std::int32_t>((at.micros - options_.start.micros) / base::kMicrosPerSecond);
}

void Devices::install(Device& device, core::VersionNumber version, Timestamp at) const {
  const core::Catalog& catalog = server_.catalog();
  const std::uint32_t identifier = catalog.version(version).identifier_number;
  for (Installed& installed : device.installed) {
    if (catalog.version(installed.version).identifier_number != identifier) continue;
    installed = {version, seconds_at(at)};
    return;
  }
  device.installed.push_back({version, seconds_at(at)});
}

bool Devices::remove(Device& device, core::VersionNumber version) const {
  const core::Catalog& catalog = server_.catalog();
  const std::uint32_t identifier = catalog.version(version).identifier_number;
  return std::erase_if(device.installed, [&](const Installed& installed) {
           return catalog.version(installed.version).identifier_number == identifier;
         }) > 0;
}

std::vector<ErrorChainEntry> Devices::chain(HostIndex index, const Command& command) const {
  const core::ProfileVersion& version = server_.catalog().version(command.version);
  if (command.operation == Operation::kRemove) return {remove_error(version.name)};
  const std::uint64_t number = core::to_integer(version.number);
  const std::uint64_t bits = scramble(trait_of(kComplaint, index) + number);
  return {install_error(bits, version.name)};
}

EventBody Devices::answered(HostIndex index, std::uint32_t number, Answer answer, Timestamp at,
                            bool as_status) {
  Device& device = devices_[index];
  const Command& command = server_.command(number);
  CommandResult event;
  event.host_uuid = server_.uuid(index);
  event.command_uuid = server_.command_uuid(number);
  event.status = word_of(answer);
  if (answer == Answer::kError || answer == Answer::kFormatError) {
    event.error_chain = chain(index, command);
  } else if (answer == Answer::kAcknowledged && command.operation == Operation::kInstall) {
    install(device, command.version, at);
  } else if (answer == Answer::kAcknowledged && !remove(device, command.version)) {
    event.status = word_of(Answer::kError);
    const std::string& identifier = server_.catalog().version(command.version).identifier;
    event.error_chain = std::vector{not_installed_error(identifier)};
  }
  if (!as_status || command.operation == Operation::kRemove || answer == Answer::kNotNow) {
    return event;
  }
  InstallResult result;
  result.host_uuid = std::move(event.host_uuid);
  result.command_uuid = std::move(event.command_uuid);
  result.status = event.error_chain ? DeliveryStatus::kFailed : DeliveryStatus::kVerifying;
  if (event.error_chain) result.detail = *event.error_chain->front().us_english_description;
  return result;
}

bool Devices::lose_profile(HostIndex index, Random& random) {
  auto& installed = devices_[index].installed;
  if (installed.empty()) return false;
  const std::uint32_t lost = random.below(static_cast<std::uint32_t>(installed.size()));
  installed.erase(installed.begin() + lost);
  return true;
}

bool Devices::restore_old(HostIndex index, Random& random) {
  auto& installed = devices_[index].installed;
  if (installed.empty()) return false;
  const std::uint32_t old = random.below(static_cast<std::uint32_t>(installed.size()));
  installed[old].seconds = -static_cast<std::int32_t>(random.between(1, kYear));
  return true;
}

}  // namespace muster::generate
