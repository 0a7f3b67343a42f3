#include "store/layout.h"

#include "base/contract.h"
#include "core/host.h"

namespace muster::store {
namespace {

constexpr std::uint64_t kSignOffset = std::uint64_t{1} << 63;

template <typename Unsigned>
void append_big_endian(std::string& key, Unsigned value) {
  for (int shift = static_cast<int>(sizeof value) * 8 - 8; shift >= 0; shift -= 8) {
    key.push_back(static_cast<char>(static_cast<std::uint8_t>(value >> shift)));
  }
}

template <typename Unsigned>
std::optional<Unsigned> parse_big_endian(std::string_view bytes) {
  if (bytes.size() != sizeof(Unsigned)) return std::nullopt;
  Unsigned value = 0;
  for (const char byte : bytes) {
    value = static_cast<Unsigned>((value << 8) | static_cast<std::uint8_t>(byte));
  }
  return value;
}

template <typename Unsigned>
std::string prefixed(char prefix, Unsigned number) {
  std::string key(1, prefix);
  append_big_endian(key, number);
  return key;
}

std::uint64_t sortable(Timestamp time) {
  return static_cast<std::uint64_t>(time.micros) ^ kSignOffset;
}

}  // namespace

std::string_view name_of(Family family) {
  for (const FamilyInfo& info : kFamilies) {
    if (info.family == family) return info.name;
  }
  return "unknown";
}

std::string label_key(core::LabelNumber number) {
  return prefixed(kLabelPrefix, core::to_integer(number));
}
std::string version_key(core::VersionNumber number) {
  return prefixed(kVersionPrefix, core::to_integer(number));
}
std::string profile_key(core::ProfileNumber number) {
  return prefixed(kProfilePrefix, core::to_integer(number));
}
std::string team_key(TeamId team) {
  return prefixed(kTeamPrefix, team);
}

std::string command_key(core::CommandNumber number) {
  return prefixed('n', core::to_integer(number));
}
std::string command_uuid_key(std::string_view uuid) {
  return std::string(1, kCommandUuidPrefix).append(uuid);
}

std::string group_key(std::uint64_t group) {
  std::string key;
  append_big_endian(key, group);
  return key;
}

std::string change_key(std::uint64_t number) {
  std::string key;
  append_big_endian(key, number);
  return key;
}

std::string outbox_key(std::uint64_t id) {
  std::string key;
  append_big_endian(key, id);
  return key;
}

std::string times_page_key(std::uint32_t page) {
  return prefixed(kTimesPagePrefix, page);
}

std::string due_key(Timestamp due, std::string_view host_uuid) {
  MUSTER_ASSERT(due != core::kNotDue);
  if (due == core::kDueNow) return std::string(1, kDueNowPrefix).append(host_uuid);
  return prefixed(kDueLaterPrefix, sortable(due)).append(host_uuid);
}

std::string due_later_prefix(Timestamp deadline) {
  return prefixed(kDueLaterPrefix, sortable(deadline));
}

std::optional<DueKey> parse_due_key(std::string_view key) {
  if (key.empty()) return std::nullopt;
  if (key[0] == kDueNowPrefix) return DueKey{core::kDueNow, key.substr(1)};
  if (key[0] != kDueLaterPrefix || key.size() < 9) return std::nullopt;
  const std::uint64_t bits = *parse_big_endian<std::uint64_t>(key.substr(1, 8)) ^ kSignOffset;
  return DueKey{Timestamp{static_cast<std::int64_t>(bits)}, key.substr(9)};
}

std::string failed_prefix(core::ProfileNumber profile) {
  std::string key;
  append_big_endian(key, core::to_integer(profile));
  return key;
}

std::string failed_key(core::ProfileNumber profile, std::string_view host_uuid) {
  return failed_prefix(profile).append(host_uuid);
}

std::optional<FailedKey> parse_failed_key(std::string_view key) {
  if (key.size() < 4) return std::nullopt;
  return FailedKey{core::ProfileNumber{*parse_big_endian<std::uint32_t>(key.substr(0, 4))},
                   key.substr(4)};
}

std::optional<std::uint32_t> parse_u32(std::string_view bytes) {
  return parse_big_endian<std::uint32_t>(bytes);
}
std::optional<std::uint64_t> parse_u64(std::string_view bytes) {
  return parse_big_endian<std::uint64_t>(bytes);
}

std::string after_prefix(std::string_view prefix) {
  std::string key(prefix);
  while (!key.empty()) {
    const auto last = static_cast<std::uint8_t>(key.back());
    if (last != 0xFF) {
      key.back() = static_cast<char>(last + 1);
      return key;
    }
    key.pop_back();
  }
  return key;
}

}  // namespace muster::store
