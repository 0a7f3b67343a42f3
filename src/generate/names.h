// The words of a made-up fleet.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "muster/event.h"
#include "muster/types.h"

namespace muster::generate {

/// Upper-case uuids in the order of `index`, so that the order of hosts is the order of their
/// numbers.
std::string host_uuid(std::uint64_t seed, std::uint32_t hosts, std::uint32_t index);
std::string command_uuid(std::uint64_t seed, std::uint32_t number);
std::string profile_uuid(std::uint64_t seed, std::uint32_t number);
Checksum checksum(std::uint64_t seed, std::uint64_t which);

struct ProfileName {
  std::string identifier;
  std::string name;
};
/// The n-th profile of a team. Teams share identifiers and names.
ProfileName profile_name(std::uint32_t n);
/// A profile that is rolled out later.
ProfileName rollout_name(std::uint32_t n);

struct LabelName {
  std::string_view name;
  LabelMembership membership = LabelMembership::kDynamic;
  std::uint32_t members = 0;  ///< of a million devices that can have it
  bool macs = true;
  bool phones = false;
};
/// Bits of label sets are positions here. The last ones are made in the course of time.
inline constexpr std::array<LabelName, 12> kLabels = {{
    {"macOS", LabelMembership::kDynamic, 1'000'000, true, false},
    {"iOS", LabelMembership::kDynamic, 1'000'000, false, true},
    {"macOS 15", LabelMembership::kDynamic, 700'000, true, false},
    {"Apple silicon", LabelMembership::kHostVitals, 850'000, true, false},
    {"Design department", LabelMembership::kManual, 120'000, true, true},
    {"Engineering", LabelMembership::kManual, 350'000, true, true},
    {"Executives", LabelMembership::kManual, 20'000, true, true},
    {"Pilot group", LabelMembership::kManual, 50'000, true, true},
    {"On the road", LabelMembership::kDynamic, 150'000, true, false},
    {"Low disk space", LabelMembership::kDynamic, 40'000, true, false},
    {"Office move", LabelMembership::kManual, 100'000, true, true},
    {"Browser outdated", LabelMembership::kDynamic, 200'000, true, false},
}};
inline constexpr std::uint32_t kLabelsAtBegin = 10;
inline constexpr std::uint32_t kMacLabel = 0;
inline constexpr std::uint32_t kDesignLabel = 4;
inline constexpr std::uint32_t kEngineeringLabel = 5;
inline constexpr std::uint32_t kPilotLabel = 7;
/// A label that devices move in and out of.
inline constexpr std::uint32_t kRestlessLabel = 8;

/// Profiles that the fleet's server does not manage.
struct ForeignProfile {
  std::string_view identifier;
  std::string_view display_name;
};
inline constexpr std::array<ForeignProfile, 5> kForeignProfiles = {{
    {"com.example.school.wifi", "School Wi-Fi"},
    {"org.printers.setup", "Printer set-up"},
    {"com.vendor.vpn.personal", "Personal VPN"},
    {"com.apple.beta.seed", "Beta software"},
    {"net.home.certificates", "Home certificates"},
}};

/// What a device says when it cannot install or remove the profile.
ErrorChainEntry install_error(std::uint64_t bits, std::string_view profile_name);
ErrorChainEntry remove_error(std::string_view profile_name);
/// The device does not have the profile.
ErrorChainEntry not_installed_error(std::string_view identifier);

}  // namespace muster::generate
