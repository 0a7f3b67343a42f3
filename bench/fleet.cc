#include "bench/fleet.h"

#include <bit>
#include <cstdio>

#include "base/hash.h"

namespace muster::bench {
namespace {

std::string number_text(const char* format, unsigned long long first, unsigned long long second) {
  char text[64];
  const int length = std::snprintf(text, sizeof text, format, first, second);
  return {text, static_cast<std::size_t>(length)};
}

std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

}  // namespace

std::string BenchFleet::host_uuid(std::uint32_t host) const {
  // As devices have them: upper-case hexadecimal, without order.
  const std::uint64_t high = mixed(host + 1);
  const std::uint64_t low = mixed(high);
  char text[40];
  std::snprintf(text, sizeof text, "%08X-%04X-%04X-%04X-%012llX",
                static_cast<unsigned>(high >> 32), static_cast<unsigned>(high >> 16) & 0xFFFF,
                static_cast<unsigned>(high) & 0xFFFF, static_cast<unsigned>(low >> 48),
                static_cast<unsigned long long>(low & 0xFFFF'FFFF'FFFFULL));
  return text;
}

std::string BenchFleet::profile_uuid(TeamId team, std::uint32_t profile) const {
  return number_text("a%07llx-0000-4000-8000-%012llx", team, profile);
}

std::uint32_t BenchFleet::shuffled(std::uint64_t round, std::uint32_t n) const {
  // A Feistel network over the next power of four, walked until it hits a host.
  const int half = (std::bit_width(shape_.hosts) + 1) / 2;
  const std::uint64_t mask = (std::uint64_t{1} << half) - 1;
  std::uint64_t value = n;
  do {
    std::uint64_t left = value >> half;
    std::uint64_t right = value & mask;
    for (std::uint64_t pass = 0; pass < 4; ++pass) {
      const std::uint64_t next = left ^ (mixed(right + (pass << 40) + (round << 44)) & mask);
      left = right;
      right = next;
    }
    value = (left << half) | right;
  } while (value >= shape_.hosts);
  return static_cast<std::uint32_t>(value);
}

std::vector<Event> BenchFleet::uploads(std::uint32_t version, Timestamp at) const {
  std::vector<Event> events;
  for (TeamId team = 0; team < shape_.teams; ++team) {
    for (std::uint32_t i = 0; i < shape_.profiles; ++i) {
      ProfileUploaded profile;
      profile.profile_uuid = profile_uuid(team, i);
      profile.team_id = team;
      profile.identifier = number_text("com.example.team%llu.profile%03llu", team, i);
      profile.name = number_text("Team %llu profile %03llu", team, i);
      const std::uint64_t content = mixed(mixed(team * 4096 + i) + version);
      for (std::size_t byte = 0; byte < profile.checksum.size(); ++byte) {
        profile.checksum[byte] = static_cast<std::uint8_t>(content >> (8 * (byte % 8)));
      }
      profile.uploaded_at = at;
      events.push_back({at, std::move(profile)});
    }
  }
  return events;
}

Event BenchFleet::host_added(std::uint32_t host, Timestamp at) const {
  return {at, HostAdded{host_uuid(host), Platform::kDarwin, team_of(host), true, {}, false, {}}};
}

Event BenchFleet::report(std::uint32_t host, Timestamp at, Timestamp installed_at,
                         std::uint32_t missing) const {
  ProfilesReported report;
  report.host_uuid = host_uuid(host);
  report.detail_updated_at = at;
  const TeamId team = team_of(host);
  for (std::uint32_t i = missing; i < shape_.profiles; ++i) {
    report.profiles.add(number_text("com.example.team%llu.profile%03llu", team, i),
                        number_text("Team %llu profile %03llu", team, i), installed_at);
  }
  return {at, std::move(report)};
}

Event BenchFleet::label_report(std::uint32_t host, Timestamp at) const {
  return {at, HostLabelsReported{host_uuid(host), {}, {}}};
}

}  // namespace muster::bench
