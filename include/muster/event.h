// Everything that can happen to a fleet, in the words of the canonical recording
// (docs/recording.md). An Event owns all its data and may be kept, copied and moved.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "muster/report_text.h"
#include "muster/reported_profiles.h"
#include "muster/types.h"

namespace muster {

/// No-op if the label exists; its created_at is the event's time, rounded half up to seconds.
struct LabelCreated {
  std::string label;
  LabelMembership membership = LabelMembership::kDynamic;
};

/// Memberships go; profiles that name the label keep a broken reference.
struct LabelDeleted {
  std::string label;
};

/// Inserts a profile, or edits the one of the same (team_id, identifier).
struct ProfileUploaded {
  std::string profile_uuid;
  TeamId team_id = 0;
  std::string identifier;
  std::string name;
  Checksum checksum{};
  Timestamp uploaded_at;
  Scope scope = Scope::kSystem;
  /// At most one of the two include lists; beside it, optionally, the exclude list. All gates must
  /// pass. An empty list is as if absent.
  std::vector<std::string> labels_include_all;
  std::vector<std::string> labels_include_any;
  std::vector<std::string> labels_exclude_any;
  std::optional<Timestamp> secrets_updated_at;
  bool per_host_variables = false;
};

struct ProfileDeleted {
  std::string profile_uuid;
};

/// A new host, or another platform and team for a known one (its rows stay).
struct HostAdded {
  std::string host_uuid;
  Platform platform = Platform::kDarwin;
  TeamId team_id = 0;
  bool enrolled = true;
  std::optional<Timestamp> enrolled_at;  ///< default: the event's time
  bool user_channel = false;
  std::optional<Timestamp> detail_updated_at;  ///< default: 2000-01-01T00:00:00Z
};

/// A known host enrols (again): its rows go.
struct HostEnrolled {
  std::string host_uuid;
  std::optional<Timestamp> enrolled_at;  ///< default: the event's time
  std::optional<bool> user_channel;      ///< default: the stored value stays
};

struct HostUnenrolled {
  std::string host_uuid;
};

struct HostDeleted {
  std::string host_uuid;
};

struct HostTransferred {
  std::string host_uuid;
  TeamId team_id = 0;
};

/// Replaces the host's memberships. Names of no label are ignored and counted as divergences.
struct HostLabelsReported {
  std::string host_uuid;
  std::vector<std::string> labels;
  std::optional<Timestamp> label_updated_at;  ///< default: the event's time
};

/// One command that a recorded reconcile pass issued, with the hosts that got it.
struct IssuedCommand {
  Operation operation = Operation::kInstall;
  std::string profile_uuid;
  std::string command_uuid;
  std::vector<std::string> hosts;
};

/// One pass of the reconciler over every enrolled host, or over a bytewise range of host uuids.
struct Reconciled {
  /// The command uuids to use. Absent: they are derived from (recording, event number, ...).
  std::optional<std::vector<IssuedCommand>> commands;
  std::optional<std::string> after;    ///< exclusive
  std::optional<std::string> through;  ///< inclusive
  /// Absent: the recording that is being replayed and the event's number there.
  std::optional<UuidSeed> uuid_seed;
};

/// Handing a command over failed: its pending rows go back to unsent, without a command.
struct CommandNotSent {
  std::string command_uuid;
  std::optional<std::vector<std::string>> hosts;  ///< default: every host
};

struct UserChannelChanged {
  std::string host_uuid;
  bool user_channel = false;
};

enum class LateResults : std::uint8_t {
  kUpstream = 1,     ///< a result moves whatever row carries the command, as the original does
  kIgnoreStale = 2,  ///< a result is refused when its row no longer waits for the command
};

/// New policy values from here on; an absent one stays.
struct PolicyChanged {
  std::optional<std::int64_t> max_retries_apple;
  std::optional<std::int64_t> grace_seconds;
  std::optional<std::int64_t> user_channel_wait_seconds;
  std::optional<LateResults> late_results;
};

struct ErrorChainEntry {
  std::int64_t error_code = 0;
  std::string error_domain;
  std::optional<std::string> localized_description;
  std::optional<std::string> us_english_description;
};

/// A device's answer to a command. `status` is the device's word: Acknowledged, Error,
/// CommandFormatError, NotNow, Idle or any other text.
struct CommandResult {
  std::string host_uuid;
  std::string command_uuid;
  std::string status;
  std::optional<std::string> detail;  ///< default: one line an entry of the chain
  std::optional<std::vector<ErrorChainEntry>> error_chain;
};

/// An install result given as a delivery status.
struct InstallResult {
  std::string host_uuid;
  std::string command_uuid;
  DeliveryStatus status = DeliveryStatus::kUnsent;
  std::string detail;
};

/// The device's list of installed profiles. Of two with one identifier the last counts.
struct ProfilesReported {
  std::string host_uuid;
  Timestamp detail_updated_at;
  ReportedProfiles profiles;
};

struct ProfileResent {
  std::string host_uuid;
  std::string profile_uuid;
};

/// The same for every host where the profile failed. `status` must be "failed".
struct ProfileBatchResent {
  std::string profile_uuid;
  std::string status;
};

/// An entry of a recording that is not an event. It is refused with its reason and keeps its place
/// in the recording, so that positions count every entry.
struct Unreadable {
  std::string reason;
};

using EventBody =
    std::variant<LabelCreated, LabelDeleted, ProfileUploaded, ProfileDeleted, HostAdded,
                 HostEnrolled, HostUnenrolled, HostDeleted, HostTransferred, HostLabelsReported,
                 Reconciled, CommandNotSent, UserChannelChanged, PolicyChanged, CommandResult,
                 InstallResult, ProfilesReported, ProfileResent, ProfileBatchResent, Unreadable>;

struct Event {
  Timestamp at;  ///< server time; comes in with the event, never from a clock
  EventBody body;
  ReportText text = {};
};

/// The `type` of the canonical recording: "profiles_reported". "unreadable" for Unreadable.
std::string_view type_name(const Event& event);

inline constexpr std::size_t kEventTypes = std::variant_size_v<EventBody>;
/// The same of one of EventBody's alternatives, 0 to kEventTypes - 1.
std::string_view type_name(std::size_t alternative);

}  // namespace muster
