#include "bench/fleet.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstdio>

#include "core/command_uuid.h"
#include "core/host.h"

namespace muster::bench {
namespace {

constexpr std::string_view kSeedName = "bench";
constexpr std::string_view kEverybody = "All hosts";
constexpr std::uint32_t kGroups = 3;

std::string group_label(std::uint32_t group) {
  return fmt::format("Group {}", group);
}

std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

}  // namespace

std::uint32_t permuted(std::uint64_t seed, std::uint32_t n, std::uint32_t count) {
  // A Feistel network over the next power of four, walked until it hits one of them.
  const int half = (std::bit_width(count) + 1) / 2;
  const std::uint64_t mask = (std::uint64_t{1} << half) - 1;
  std::uint64_t value = n;
  do {
    std::uint64_t left = value >> half;
    std::uint64_t right = value & mask;
    for (std::uint64_t pass = 0; pass < 4; ++pass) {
      const std::uint64_t next = left ^ (mixed(right + (pass << 40) + (seed << 44)) & mask);
      left = right;
      right = next;
    }
    value = (left << half) | right;
  } while (value >= count);
  return static_cast<std::uint32_t>(value);
}

BenchFleet::BenchFleet(const FleetShape& shape) : shape_(shape) {
  for (TeamId team = 0; team < shape.teams; ++team) {
    for (std::uint32_t i = 0; i < shape.profiles; ++i) {
      names_.push_back({fmt::format("com.example.team{}.profile{:03}", team, i),
                        fmt::format("Team {} profile {:03}", team, i)});
    }
  }
}

std::string BenchFleet::host_uuid(std::uint32_t host) const {
  // As devices have them: upper-case hexadecimal, without order.
  const std::uint64_t high = mixed(host + 1);
  const std::uint64_t low = mixed(high);
  return fmt::format("{:08X}-{:04X}-{:04X}-{:04X}-{:012X}", high >> 32, (high >> 16) & 0xFFFF,
                     high & 0xFFFF, low >> 48, low & 0xFFFF'FFFF'FFFFULL);
}

std::vector<std::uint32_t> BenchFleet::hosts_by_uuid() const {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> hosts;
  hosts.reserve(shape_.hosts);
  for (std::uint32_t host = 0; host < shape_.hosts; ++host)
    hosts.emplace_back(mixed(host + 1), host);
  std::sort(hosts.begin(), hosts.end());
  std::vector<std::uint32_t> numbers;
  numbers.reserve(shape_.hosts);
  for (const auto& [high, host] : hosts) numbers.push_back(host);
  return numbers;
}

std::string BenchFleet::profile_uuid(TeamId team, std::uint32_t profile) const {
  return fmt::format("a{:07x}-0000-4000-8000-{:012x}", team, profile);
}

const std::string& BenchFleet::identifier(TeamId team, std::uint32_t profile) const {
  return names(team, profile).identifier;
}

std::uint32_t BenchFleet::shuffled(std::uint64_t round, std::uint32_t n) const {
  return permuted(round, n, shape_.hosts);
}

std::vector<Event> BenchFleet::labels(Timestamp at) const {
  std::vector<Event> events;
  events.push_back({at, LabelCreated{std::string(kEverybody), LabelMembership::kDynamic}});
  for (std::uint32_t group = 0; group < kGroups; ++group) {
    events.push_back({at, LabelCreated{group_label(group), LabelMembership::kDynamic}});
  }
  return events;
}

Event BenchFleet::upload(TeamId team, std::uint32_t i, std::uint32_t version, Timestamp at) const {
  ProfileUploaded profile;
  profile.profile_uuid = profile_uuid(team, i);
  profile.team_id = team;
  profile.identifier = names(team, i).identifier;
  profile.name = names(team, i).name;
  const std::uint64_t content = mixed(mixed(team * 4096 + i) + version);
  for (std::size_t byte = 0; byte < profile.checksum.size(); ++byte) {
    profile.checksum[byte] = static_cast<std::uint8_t>(content >> (8 * (byte % 8)));
  }
  profile.uploaded_at = at;
  if (i == 0) profile.labels_include_any.emplace_back(kEverybody);
  return {at, std::move(profile)};
}

std::vector<Event> BenchFleet::uploads(std::uint32_t version, Timestamp at) const {
  std::vector<Event> events;
  for (TeamId team = 0; team < shape_.teams; ++team) {
    for (std::uint32_t i = 0; i < shape_.profiles; ++i) {
      events.push_back(upload(team, i, version, at));
    }
  }
  return events;
}

Event BenchFleet::host_added(std::uint32_t host, Timestamp at) const {
  return {at, HostAdded{host_uuid(host), Platform::kDarwin, team_of(host), true, {}, false, {}}};
}

Event BenchFleet::label_report(std::uint32_t host, Timestamp at) const {
  return {at,
          HostLabelsReported{host_uuid(host),
                             {std::string(kEverybody), group_label(host / shape_.teams % kGroups)},
                             {}}};
}

Event BenchFleet::report(std::uint32_t host, Timestamp at, const Listed& listed) const {
  ProfilesReported report;
  report.host_uuid = host_uuid(host);
  report.detail_updated_at = at;
  const TeamId team = team_of(host);
  for (std::uint32_t i = listed.missing; i < shape_.profiles; ++i) {
    const bool old = i + listed.outdated >= shape_.profiles;
    report.profiles.add(names(team, i).identifier, names(team, i).name,
                        old ? core::kNeverReported : listed.installed_at);
  }
  return {at, std::move(report)};
}

Event BenchFleet::pass(std::uint64_t pass, Timestamp at) const {
  Reconciled reconciled;
  reconciled.uuid_seed = UuidSeed{std::string(kSeedName), pass};
  return {at, std::move(reconciled)};
}

std::string BenchFleet::command_uuid(std::uint64_t pass, TeamId team, std::uint32_t profile) const {
  return core::make_command_uuid(kSeedName, pass, Operation::kInstall, profile_uuid(team, profile),
                                 "");
}

Event BenchFleet::result(std::uint32_t host, std::uint64_t pass, std::uint32_t profile, bool good,
                         Timestamp at) const {
  CommandResult result;
  result.host_uuid = host_uuid(host);
  result.command_uuid = command_uuid(pass, team_of(host), profile);
  result.status = good ? "Acknowledged" : "Error";
  if (!good) {
    result.error_chain = {{4001, "ConfigProfilePluginDomain", {}, "The profile cannot be used."}};
  }
  return {at, std::move(result)};
}

}  // namespace muster::bench
