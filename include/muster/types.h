// The words of the field: hosts, profiles, delivery statuses, and how an event was judged.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace muster {

/// A point in time: microseconds since the Unix epoch, UTC.
struct Timestamp {
  std::int64_t micros = 0;
  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

/// Years 0001 to 9999: what RFC 3339 can say. Events with other times are invalid.
inline constexpr Timestamp kTimestampMin{-62'135'596'800'000'000};
inline constexpr Timestamp kTimestampMax{253'402'300'799'999'999};

/// RFC 3339 in UTC with as many fraction digits as needed: 2025-06-01T07:41:37.08371Z.
std::string to_string(Timestamp time);
/// RFC 3339 with any offset and 0 to 9 fraction digits, of which six are kept.
std::optional<Timestamp> parse_time(std::string_view text);

/// A team. 0 is "no team", a scope of its own.
using TeamId = std::uint32_t;

/// Number of events that a store has taken: refused ones count, repeats of what it has do not.
using Sequence = std::uint64_t;

/// Where command uuids that nobody recorded are made from (docs/recording.md).
struct UuidSeed {
  std::string recording;
  std::uint64_t event = 0;
};

enum class Platform : std::uint8_t { kDarwin = 1, kIos = 2, kIpados = 3, kWindows = 4 };

/// What a row waits for or has reached. kUnsent is the original's NULL: the next reconcile pass
/// sends it.
enum class DeliveryStatus : std::uint8_t {
  kUnsent = 0,
  kPending = 1,
  kVerifying = 2,
  kVerified = 3,
  kFailed = 4,
};

enum class Operation : std::uint8_t { kInstall = 1, kRemove = 2 };

/// The channel that a profile is delivered on.
enum class Scope : std::uint8_t { kSystem = 1, kUser = 2 };

enum class LabelMembership : std::uint8_t { kDynamic = 1, kManual = 2, kHostVitals = 3 };

/// MD5 of a profile's document.
using Checksum = std::array<std::uint8_t, 16>;

/// 128 bits, printed as 32 hex digits, most significant first.
struct Digest {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend bool operator==(const Digest&, const Digest&) = default;
};

std::string to_string(const Digest& digest);
std::string to_string(const Checksum& checksum);

/// How the rules judged one event (SEMANTICS 13, A4). Numbers are printed: never renumbered.
enum class Outcome : std::uint8_t {
  kApplied = 1,            ///< something changed
  kUnchanged = 2,          ///< fine, and nothing had to change
  kDuplicate = 3,          ///< this position of its source was applied before
  kRepeated = 4,           ///< a statement that was taken before (SourcePosition::statements)
  kTooOld = 5,             ///< a statement from before what is remembered of its host
  kUnknownHost = 10,       ///< not_found
  kUnknownProfile = 11,    ///< not_found
  kUnknownLabel = 12,      ///< not_found
  kUnknownCommand = 13,    ///< not_found: no reconcile pass issued it
  kNoWaitingRow = 14,      ///< not_found: a failed install that no row of the host carries
  kNoInstallRow = 15,      ///< not_found: nothing on the host to send again
  kNoHostRow = 20,         ///< no_rows: an acknowledged install of a host that is gone
  kNoRemovalRow = 21,      ///< no_rows: a failed removal that no row of the host carries
  kDeliveryUnderWay = 30,  ///< conflict: the row waits already
  kScopeChanged = 31,      ///< conflict: an edit may not move a profile to another channel
  kNameTaken = 32,         ///< conflict: another profile of the team has the name
  kIdentifierTaken = 33,   ///< conflict: (team, identifier) is known under another uuid
  kProfileUuidTaken = 34,  ///< conflict: the uuid belongs to another (team, identifier)
  kStaleResult = 35,       ///< conflict: LateResults::kIgnoreStale and the row waits no more
  kCommandUuidTaken = 36,  ///< conflict: the uuid names another (operation, profile)
  kInvalid = 40,           ///< invalid: the event cannot be read or breaks a limit
  kRateLimited = 50,       ///< rate_limited: too many events of the host; it was not taken
};

/// The class of a refusal, as recordings and vectors name it.
enum class Refusal : std::uint8_t {
  kNone,
  kNotFound,
  kConflict,
  kNoRows,
  kInvalid,
  kRateLimited,
};

Refusal refusal_of(Outcome outcome);
std::string_view name_of(Outcome outcome);   ///< "unknown_host"
std::string_view describe(Outcome outcome);  ///< a sentence for people
std::string_view name_of(Refusal refusal);   ///< "not_found"; "" for kNone

std::string_view name_of(Platform platform);
std::string_view name_of(DeliveryStatus status);  ///< "null" for kUnsent
std::string_view name_of(Operation operation);
std::string_view name_of(Scope scope);
std::string_view name_of(LabelMembership membership);

std::optional<Platform> platform_of(std::string_view name);
std::optional<DeliveryStatus> delivery_status_of(std::string_view name);  ///< not "null"

/// Defaults of StoreLimits, and for all but labels also the most that a store can hold.
inline constexpr std::size_t kIdBytesMax = 1024;        ///< uuids, identifiers, names, labels
inline constexpr std::size_t kRowsPerHostMax = 4096;    ///< also profiles a team
inline constexpr std::size_t kLabelsPerHostMax = 4096;  ///< labels in one report
inline constexpr std::size_t kDetailBytesMax = 65535;   ///< longer details are cut, not refused
inline constexpr int kRetriesMax = 254;                 ///< highest max_retries_apple

}  // namespace muster
