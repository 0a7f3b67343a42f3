// The door: what can be said of an event before any state is looked at.
#include <algorithm>

#include "base/utf8.h"
#include "core/step.h"

namespace muster::core {
namespace {

using Fault = std::optional<std::string>;

/// Remembers the first fault; later checks are passed over.
class Door {
 public:
  explicit Door(const StoreLimits& limits) : limits_(limits) {}
  Fault fault() && { return std::move(fault_); }

  /// A uuid, identifier or name: 1 to id_bytes bytes of UTF-8.
  Door& id(std::string_view key, std::string_view value) {
    if (value.empty()) return refuse(key, "is empty");
    return optional_id(key, value);
  }
  Door& optional_id(std::string_view key, std::string_view value) {
    if (value.size() > limits_.id_bytes) {
      return refuse(key, "is longer than " + std::to_string(limits_.id_bytes) + " bytes");
    }
    return text(key, value);
  }
  /// An enumerator of the type: API callers can cast anything.
  template <typename Enum>
  Door& word(std::string_view key, Enum value, Enum last, Enum first = Enum{1}) {
    return require(value >= first && value <= last, key, "is not one of its values");
  }
  /// Hosts that a list names: they need not exist.
  Door& hosts(std::string_view key, const std::vector<std::string>& values) {
    entries(key, values.size(), kElementsMax);
    for (const std::string& value : values) optional_id(key, value);
    return *this;
  }
  Door& time(std::string_view key, std::optional<Timestamp> value) {
    const bool fits = !value || (*value >= kTimestampMin && *value <= kTimestampMax);
    return fits ? *this : refuse(key, "is not in the years 1 to 9999");
  }
  Door& entries(std::string_view key, std::size_t count, std::size_t count_max) {
    if (count <= count_max) return *this;
    return refuse(key, "has more than " + std::to_string(count_max) + " entries");
  }
  /// Beyond these bounds no recording holds it.
  Door& text(std::string_view key, std::string_view value) {
    if (value.size() > kTextBytesMax) {
      return refuse(key, "is longer than " + std::to_string(kTextBytesMax) + " bytes");
    }
    return base::is_utf8(value) ? *this : refuse(key, "is not UTF-8");
  }
  Door& ids(std::string_view key, const std::vector<std::string>& values) {
    entries(key, values.size(), kElementsMax);
    for (const std::string& value : values) id(key, value);
    return *this;
  }
  Door& refuse(std::string_view key, std::string_view what) {
    if (!fault_) fault_ = std::string(key) + " " + std::string(what);
    return *this;
  }
  Door& require(bool holds, std::string_view key, std::string_view what) {
    return holds ? *this : refuse(key, what);
  }

  void operator()(const LabelCreated& event) {
    id("label", event.label);
    word("membership", event.membership, LabelMembership::kHostVitals);
  }
  void operator()(const LabelDeleted& event) { id("label", event.label); }
  void operator()(const ProfileUploaded& event) {
    id("profile_uuid", event.profile_uuid).id("identifier", event.identifier);
    id("name", event.name).time("uploaded_at", event.uploaded_at);
    time("secrets_updated_at", event.secrets_updated_at).word("scope", event.scope, Scope::kUser);
    ids("labels_include_all", event.labels_include_all);
    ids("labels_include_any", event.labels_include_any);
    ids("labels_exclude_any", event.labels_exclude_any);
    require(event.labels_include_all.empty() || event.labels_include_any.empty(),
            "labels_include_all", "and labels_include_any exclude each other");
  }
  void operator()(const ProfileDeleted& event) { id("profile_uuid", event.profile_uuid); }
  void operator()(const HostAdded& event) {
    id("host_uuid", event.host_uuid).time("enrolled_at", event.enrolled_at);
    time("detail_updated_at", event.detail_updated_at);
    word("platform", event.platform, Platform::kWindows);
  }
  void operator()(const HostEnrolled& event) {
    id("host_uuid", event.host_uuid).time("enrolled_at", event.enrolled_at);
  }
  void operator()(const ProfilesReported& event) {
    id("host_uuid", event.host_uuid).time("detail_updated_at", event.detail_updated_at);
    entries("profiles", event.profiles.size(), limits_.profiles_per_report);
  }
  void operator()(const HostLabelsReported& event) {
    id("host_uuid", event.host_uuid).time("label_updated_at", event.label_updated_at);
    entries("labels", event.labels.size(), limits_.labels_per_report);
    for (const std::string& label : event.labels) text("labels", label);
  }
  void operator()(const Reconciled& event);
  void operator()(const CommandNotSent& event) {
    id("command_uuid", event.command_uuid);
    if (event.hosts) hosts("hosts", *event.hosts);
  }
  void operator()(const PolicyChanged& event) {
    Policy policy;
    if (Fault fault = change_policy(event, policy)) refuse("policy", *fault);
  }
  void operator()(const CommandResult& event) {
    id("host_uuid", event.host_uuid).optional_id("command_uuid", event.command_uuid);
    text("status", event.status);
    if (event.detail) text("detail", *event.detail);
    if (!event.error_chain) return;
    entries("error_chain", event.error_chain->size(), kElementsMax);
    for (const ErrorChainEntry& entry : *event.error_chain) {
      text("error_chain", entry.error_domain);
      if (entry.localized_description) text("error_chain", *entry.localized_description);
      if (entry.us_english_description) text("error_chain", *entry.us_english_description);
    }
  }
  void operator()(const InstallResult& event) {
    id("host_uuid", event.host_uuid).optional_id("command_uuid", event.command_uuid);
    text("detail", event.detail);
    word("status", event.status, DeliveryStatus::kFailed, DeliveryStatus::kUnsent);
  }
  void operator()(const ProfileResent& event) {
    id("host_uuid", event.host_uuid).id("profile_uuid", event.profile_uuid);
  }
  void operator()(const ProfileBatchResent& event) { id("profile_uuid", event.profile_uuid); }
  void operator()(const Unreadable& event) { fault_ = event.reason; }
  template <typename HostEvent>
  void operator()(const HostEvent& event) {
    id("host_uuid", event.host_uuid);
  }

 private:
  const StoreLimits& limits_;
  Fault fault_;
};

void Door::operator()(const Reconciled& event) {
  if (event.after) optional_id("after", *event.after);
  if (event.through) optional_id("through", *event.through);
  if (event.uuid_seed) id("uuid_seed: recording", event.uuid_seed->recording);
  if (!event.commands) return;
  // One uuid stands for one (operation, profile): a second pair rejects the event.
  std::vector<const IssuedCommand*> by_uuid;
  std::size_t elements = event.commands->size();
  for (const IssuedCommand& command : *event.commands) {
    elements += command.hosts.size();
    id("commands: command_uuid", command.command_uuid);
    id("commands: profile_uuid", command.profile_uuid).hosts("commands: hosts", command.hosts);
    word("commands: operation", command.operation, Operation::kRemove);
    by_uuid.push_back(&command);
  }
  entries("commands", elements, kElementsMax);
  const auto less = [](const IssuedCommand* left, const IssuedCommand* right) {
    return left->command_uuid < right->command_uuid;
  };
  std::sort(by_uuid.begin(), by_uuid.end(), less);
  for (std::size_t i = 1; i < by_uuid.size(); ++i) {
    const IssuedCommand& left = *by_uuid[i - 1];
    const IssuedCommand& right = *by_uuid[i];
    if (left.command_uuid != right.command_uuid) continue;
    require(left.operation == right.operation && left.profile_uuid == right.profile_uuid,
            "commands: command_uuid " + left.command_uuid, "names two (operation, profile) pairs");
  }
}

}  // namespace

std::optional<std::string> find_fault(const Event& event, const StoreLimits& limits) {
  Door door(limits);
  std::visit([&](const auto& body) { door(body); }, event.body);
  if (!std::holds_alternative<Unreadable>(event.body)) door.time("at", event.at);
  return std::move(door).fault();
}

std::optional<std::string> change_policy(const PolicyChanged& event, Policy& policy) {
  const auto in_range = [](const std::optional<std::int64_t>& value, std::int64_t max) {
    return !value || (*value >= 0 && *value <= max);
  };
  if (!in_range(event.max_retries_apple, kRetriesMax)) return "max_retries_apple is not in 0..254";
  if (!in_range(event.grace_seconds, kPolicySecondsMax)) {
    return "grace_seconds is not in 0..3155760000";
  }
  if (!in_range(event.user_channel_wait_seconds, kPolicySecondsMax)) {
    return "user_channel_wait_seconds is not in 0..3155760000";
  }
  if (event.late_results && *event.late_results != LateResults::kUpstream &&
      *event.late_results != LateResults::kIgnoreStale) {
    return "late_results is not one of its values";
  }
  if (event.max_retries_apple) {
    policy.max_retries_apple = static_cast<int>(*event.max_retries_apple);
  }
  policy.grace_seconds = event.grace_seconds.value_or(policy.grace_seconds);
  policy.user_channel_wait_seconds =
      event.user_channel_wait_seconds.value_or(policy.user_channel_wait_seconds);
  policy.late_results = event.late_results.value_or(policy.late_results);
  return std::nullopt;
}

}  // namespace muster::core
