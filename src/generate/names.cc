#include "generate/names.h"

#include <cstddef>

#include "generate/random.h"

namespace muster::generate {
namespace {

constexpr std::uint64_t kHostTrait = 1;
constexpr std::uint64_t kCommandTrait = 2;
constexpr std::uint64_t kProfileTrait = 3;
constexpr std::uint64_t kChecksumTrait = 4;

struct Words {
  std::string_view identifier;
  std::string_view name;
};

constexpr std::array<Words, 30> kProfiles = {{
    {"wifi", "Acme Wi-Fi"},
    {"filevault", "Disk encryption"},
    {"passcode", "Password policy"},
    {"vpn", "Acme VPN"},
    {"firewall", "Firewall"},
    {"dock", "Dock layout"},
    {"certificates.root", "Root certificates"},
    {"softwareupdate", "Software updates"},
    {"fonts", "Brand fonts"},
    {"mail", "Mail account"},
    {"gatekeeper", "Gatekeeper"},
    {"screensaver", "Screen saver"},
    {"restrictions", "Restrictions"},
    {"proxy", "Web proxy"},
    {"browser", "Browser policy"},
    {"ssoextension", "Single sign-on"},
    {"pppc", "Privacy preferences"},
    {"systemextensions", "System extensions"},
    {"notifications", "Notification settings"},
    {"loginwindow", "Login window"},
    {"printers", "Office printers"},
    {"dns", "Encrypted DNS"},
    {"energy", "Energy saver"},
    {"ethernet", "802.1X Ethernet"},
    {"calendar", "Shared calendars"},
    {"bluetooth", "Bluetooth policy"},
    {"airdrop", "AirDrop policy"},
    {"backgrounditems", "Background items"},
    {"timeserver", "Time server"},
    {"agent", "Fleetd configuration"},
}};

struct Complaint {
  std::string_view domain;
  std::int64_t code = 0;
  std::string_view text;  ///< with the profile's name in place of '%'
};

constexpr std::array<Complaint, 7> kInstallErrors = {{
    {"CPProfileManager", -102, "The profile '%' could not be installed."},
    {"MCInstallationErrorDomain", 4001, "Profile installation failed for '%'."},
    {"ConfigProfilePluginDomain", -319, "The payload of '%' could not be installed."},
    {"MCProfileErrorDomain", 1000, "The profile '%' is invalid."},
    {"MCWiFiErrorDomain", 15001, "The network of '%' could not be set up."},
    {"MDMClientError", 96, "'%' must be installed on the user channel."},
    {"NSPOSIXErrorDomain", 28, "No space left on the device while installing '%'."},
}};

void append_hex(std::string& out, std::uint64_t value, int digits, std::string_view alphabet) {
  for (int digit = digits - 1; digit >= 0; --digit) {
    out += alphabet[(value >> (4 * digit)) & 0xF];
  }
}

/// A version 4 uuid with the first 32 bits as given.
std::string uuid_of(std::uint32_t first, std::uint64_t middle, std::uint64_t last,
                    std::string_view alphabet) {
  std::string uuid;
  uuid.reserve(37);
  append_hex(uuid, first, 8, alphabet);
  uuid += '-';
  append_hex(uuid, middle, 4, alphabet);
  uuid += "-4";
  append_hex(uuid, middle >> 16, 3, alphabet);
  uuid += '-';
  append_hex(uuid, 8 | ((middle >> 32) & 3), 1, alphabet);
  append_hex(uuid, middle >> 40, 3, alphabet);
  uuid += '-';
  append_hex(uuid, last, 12, alphabet);
  return uuid;
}

constexpr std::string_view kLower = "0123456789abcdef";
constexpr std::string_view kUpper = "0123456789ABCDEF";

std::string lower_uuid(std::uint64_t seed, std::uint64_t kind, std::uint32_t number) {
  const std::uint64_t bits = trait(seed, kind, number);
  const std::uint64_t more = scramble(bits + 1);
  return uuid_of(static_cast<std::uint32_t>(bits >> 32), more, scramble(more + 1), kLower);
}

ErrorChainEntry entry_of(const Complaint& complaint, std::string_view name) {
  std::string text(complaint.text);
  text.replace(text.find('%'), 1, name);
  ErrorChainEntry entry;
  entry.error_code = complaint.code;
  entry.error_domain = complaint.domain;
  entry.localized_description = text;
  entry.us_english_description = std::move(text);
  return entry;
}

}  // namespace

std::string host_uuid(std::uint64_t seed, std::uint32_t hosts, std::uint32_t index) {
  const auto stride = static_cast<std::uint32_t>((std::uint64_t{1} << 32) / hosts - (hosts == 1));
  const std::uint64_t bits = trait(seed, kHostTrait, index);
  return uuid_of(index * stride + scaled(bits, stride), scramble(bits + 1), scramble(bits + 2),
                 kUpper);
}

std::string command_uuid(std::uint64_t seed, std::uint32_t number) {
  return lower_uuid(seed, kCommandTrait, number);
}

std::string profile_uuid(std::uint64_t seed, std::uint32_t number) {
  return "a" + lower_uuid(seed, kProfileTrait, number);
}

Checksum checksum(std::uint64_t seed, std::uint64_t which) {
  Checksum sum{};
  std::uint64_t bits = trait(seed, kChecksumTrait, which);
  for (std::size_t i = 0; i < sum.size(); ++i) {
    sum[i] = static_cast<std::uint8_t>(bits >> 56);
    bits = scramble(bits + 1);
  }
  return sum;
}

ProfileName profile_name(std::uint32_t n) {
  const Words& words = kProfiles[n % kProfiles.size()];
  const std::uint32_t round = n / static_cast<std::uint32_t>(kProfiles.size());
  ProfileName name{"com.acme." + std::string(words.identifier), std::string(words.name)};
  if (round > 0) {
    name.identifier += "." + std::to_string(round + 1);
    name.name += " " + std::to_string(round + 1);
  }
  return name;
}

ProfileName rollout_name(std::uint32_t n) {
  const std::string number = std::to_string(n);
  return {"com.acme.rollout." + number, "Roll-out " + number};
}

ErrorChainEntry install_error(std::uint64_t bits, std::string_view profile_name) {
  return entry_of(kInstallErrors[scaled(bits, kInstallErrors.size())], profile_name);
}

ErrorChainEntry remove_error(std::string_view profile_name) {
  return entry_of({"MDMClientError", 104, "The profile '%' could not be removed."}, profile_name);
}

ErrorChainEntry not_installed_error(std::string_view identifier) {
  return entry_of({"MDMClientError", 89, "Profile with identifier '%' not found."}, identifier);
}

}  // namespace muster::generate
