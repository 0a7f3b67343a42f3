// What stands where: column families and the shapes of their keys. Numbers and names are on disk;
// they are written by hand and never reused. schema/FORMAT.md is the reader's version.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/numbers.h"
#include "muster/types.h"

namespace muster::store {

inline constexpr std::uint32_t kFormatVersion = 1;

enum class Family : std::uint8_t {
  kMeta = 1,
  kCatalog = 2,
  kHosts = 3,
  kCommands = 4,
  kGroups = 5,
  kPages = 6,
  kDue = 7,
  kFailed = 8,
  kChanges = 9,
  kOutbox = 10,
  kStatements = 11,
};

struct FamilyInfo {
  Family family;
  const char* name;
  bool digested;  ///< its records count in the store digest; meta's do where it has their sum
};

inline constexpr std::array<FamilyInfo, 11> kFamilies = {{
    {Family::kMeta, "meta", false},
    {Family::kCatalog, "catalog", true},
    {Family::kHosts, "hosts", true},
    {Family::kCommands, "commands", true},
    {Family::kGroups, "groups", false},
    {Family::kPages, "pages", false},
    {Family::kDue, "due", true},
    {Family::kFailed, "failed", true},
    {Family::kChanges, "changes", false},
    {Family::kOutbox, "outbox", true},
    {Family::kStatements, "statements", true},
}};

/// All of it follows from records of other families.
constexpr bool is_derived(Family family) {
  return family == Family::kDue || family == Family::kFailed;
}

/// Pseudo family of the arrays of times, for the store digest only.
inline constexpr std::uint32_t kTimesDigest = 100;

std::string_view name_of(Family family);

// meta
inline constexpr std::string_view kFormatKey = "format";
inline constexpr std::string_view kPolicyKey = "policy";
inline constexpr std::string_view kFanOutKey = "fanout";
inline constexpr std::string_view kFanOutProgressKey = "fanout-progress";

// catalog: a letter, then the number (u32 BE) or nothing
std::string label_key(core::LabelNumber number);
std::string version_key(core::VersionNumber number);
std::string profile_key(core::ProfileNumber number);
std::string team_key(TeamId team);
inline constexpr std::string_view kCatalogCountersKey = "C";
inline constexpr char kLabelPrefix = 'L';
inline constexpr char kVersionPrefix = 'V';
inline constexpr char kProfilePrefix = 'P';
inline constexpr char kTeamPrefix = 'T';

// commands: 'n' and the number (u64 BE); 'u' and the uuid
std::string command_key(core::CommandNumber number);
std::string command_uuid_key(std::string_view uuid);
inline constexpr char kCommandPrefix = 'n';
inline constexpr char kCommandUuidPrefix = 'u';

// groups: the group's number (u64 BE)
std::string group_key(std::uint64_t group);

// pages: 't' and the page number (u32 BE); 's'
std::string times_page_key(std::uint32_t page);
inline constexpr std::string_view kStatePageKey = "s";
inline constexpr char kTimesPagePrefix = 't';

// due: 0x00, host; or 0x01, deadline (u64 BE, offset 2^63), host
std::string due_key(Timestamp due, std::string_view host_uuid);
std::string due_later_prefix(Timestamp deadline);  ///< all keys below: deadlines before it
struct DueKey {
  Timestamp due;  ///< core::kDueNow or a deadline
  std::string_view host_uuid;
};
std::optional<DueKey> parse_due_key(std::string_view key);
inline constexpr char kDueNowPrefix = 0;
inline constexpr char kDueLaterPrefix = 1;

// failed: profile number (u32 BE), host
std::string failed_key(core::ProfileNumber profile, std::string_view host_uuid);
std::string failed_prefix(core::ProfileNumber profile);
struct FailedKey {
  core::ProfileNumber profile{};
  std::string_view host_uuid;
};
std::optional<FailedKey> parse_failed_key(std::string_view key);

// changes: the change's number (u64 BE)
std::string change_key(std::uint64_t number);

// outbox: the entry's number (u64 BE)
std::string outbox_key(std::uint64_t id);

// statements: core::holder_of()

/// The number behind a one-letter prefix or at the start, for keys that end with it.
std::optional<std::uint32_t> parse_u32(std::string_view bytes);
std::optional<std::uint64_t> parse_u64(std::string_view bytes);

/// The least key that is greater than every key with the prefix; empty: there is none.
std::string after_prefix(std::string_view prefix);

}  // namespace muster::store
