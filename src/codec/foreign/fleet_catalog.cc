// Hosts, profiles and labels as Fleet's API lists them.
#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "base/hash.h"
#include "codec/foreign/base64.h"
#include "codec/foreign/fleet_export.h"
#include "codec/foreign/key.h"

namespace muster::codec {
namespace {

/// Of labels and of texts alike: an API lists them either way. One that was deleted since is
/// another one than any that has its name now: it goes by one of its own.
std::vector<std::string> names_in(const JsonFields& fields, std::string_view key,
                                  std::string_view profile_uuid, std::vector<std::string>& broken) {
  std::vector<std::string> names;
  const auto list = find_list(fields, key);
  if (!list) return names;
  for (const JsonElement element : *list) {
    std::string_view text;
    JsonFields entry;
    if (element.get(text) == simdjson::SUCCESS) {
      names.emplace_back(text);
    } else if (element.get(entry) == simdjson::SUCCESS) {
      const auto name = find_text(entry, "name");
      if (!name) continue;
      if (!find_bool(entry, "broken").value_or(false)) {
        names.emplace_back(*name);
        continue;
      }
      const Digest own = KeyOf("fleet/broken label").add(*name).add(profile_uuid).digest();
      names.push_back("deleted label " + to_string(own));
      broken.push_back(names.back());
    }
  }
  return names;
}

/// The first letter tells: declarations, and profiles of Windows and Android.
bool is_other_profile(std::string_view uuid) {
  return uuid.starts_with('d') || uuid.starts_with('w') || uuid.starts_with('g');
}

std::optional<TeamId> team_of(const JsonFields& fields) {
  if (!find_value(fields, "team_id")) return 0;
  const auto team = find_number(fields, "team_id");
  if (!team || *team < 0 || *team > std::numeric_limits<TeamId>::max()) return {};
  return static_cast<TeamId>(*team);
}

std::optional<Checksum> checksum_of(std::string_view text) {
  Checksum checksum{};
  std::string bytes;
  if (!decode_base64(text, bytes) || bytes.size() != checksum.size()) return {};
  std::memcpy(checksum.data(), bytes.data(), checksum.size());
  return checksum;
}

/// For servers that tell no checksum: another upload is another content.
Checksum stand_in(std::string_view profile_uuid, Timestamp uploaded_at) {
  const Digest digest =
      KeyOf("fleet/checksum").add(profile_uuid).add(to_string(uploaded_at)).digest();
  Checksum checksum{};
  static_assert(sizeof digest.high + sizeof digest.low == sizeof checksum);
  std::memcpy(checksum.data(), &digest.high, sizeof digest.high);
  std::memcpy(checksum.data() + sizeof digest.high, &digest.low, sizeof digest.low);
  return checksum;
}

std::optional<Timestamp> first_time(const JsonFields& fields,
                                    std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (const auto time = find_time(fields, key)) return time;
  }
  return {};
}

bool read_label_lists(const JsonFields& profile, ProfileUploaded& uploaded,
                      std::vector<std::string>& broken) {
  const std::string& uuid = uploaded.profile_uuid;
  uploaded.labels_include_all = names_in(profile, "labels_include_all", uuid, broken);
  uploaded.labels_include_any = names_in(profile, "labels_include_any", uuid, broken);
  uploaded.labels_exclude_any = names_in(profile, "labels_exclude_any", uuid, broken);
  return uploaded.labels_include_all.empty() || uploaded.labels_include_any.empty();
}

/// `uploaded` has all but its checksum.
Digest key_of_upload(const ProfileUploaded& uploaded) {
  KeyOf key("fleet/profile");
  key.add(uploaded.profile_uuid).add(std::to_string(uploaded.team_id)).add(uploaded.identifier);
  key.add(uploaded.name).add(to_string(uploaded.checksum));
  for (const auto* labels :
       {&uploaded.labels_include_all, &uploaded.labels_include_any, &uploaded.labels_exclude_any}) {
    key.add(std::to_string(labels->size()));
    for (const std::string& label : *labels) key.add(label);
  }
  return key.digest();
}

void tell_host_labels(const JsonFields& host, const HostAdded& added, Listener& listener) {
  if (!find_list(host, "labels")) return;
  HostLabelsReported report;
  report.host_uuid = added.host_uuid;
  std::vector<std::string> broken;
  report.labels = names_in(host, "labels", {}, broken);
  report.label_updated_at = find_time(host, "label_updated_at");
  Statement statement;
  statement.at = report.label_updated_at;
  statement.labels_exist = true;
  statement.platform = added.platform;
  KeyOf key("fleet/host labels");
  key.add(added.host_uuid);
  for (const std::string& label : report.labels) key.add(label);
  statement.key = key.digest();
  statement.body = std::move(report);
  listener.on_statement(std::move(statement));
}

/// Where the host is and whether it is enrolled, as of the time of its last change.
void tell_host_state(const HostAdded& added, bool enrolled, Timestamp updated_at,
                     Listener& listener) {
  Statement moved;
  moved.at = updated_at;
  moved.platform = added.platform;
  moved.key = KeyOf("fleet/team").add(added.host_uuid).add(std::to_string(added.team_id)).digest();
  moved.body = HostTransferred{added.host_uuid, added.team_id};
  listener.on_statement(std::move(moved));
  if (enrolled) return;
  Statement off;
  off.at = updated_at;
  off.platform = added.platform;
  off.key = KeyOf("fleet/off").add(added.host_uuid).digest();
  off.body = HostUnenrolled{added.host_uuid};
  listener.on_statement(std::move(off));
}

std::optional<Operation> operation_of(std::string_view name) {
  if (name == name_of(Operation::kInstall)) return Operation::kInstall;
  if (name == name_of(Operation::kRemove)) return Operation::kRemove;
  return {};
}

/// A status that is null has not been sent.
std::optional<DeliveryStatus> status_of(const JsonFields& row) {
  if (!find_value(row, "status")) return DeliveryStatus::kUnsent;
  return delivery_status_of(find_text(row, "status").value_or(""));
}

void add_row(const JsonFields& row, HostProfiles& told) {
  const auto uuid = find_text(row, "profile_uuid");
  if (uuid && is_other_profile(*uuid)) {
    ++told.others;
    return;
  }
  const auto operation = operation_of(find_text(row, "operation_type").value_or(""));
  const auto status = status_of(row);
  if (!uuid || uuid->empty() || !operation || !status) {
    ++told.unreadable;
    return;
  }
  told.profiles.push_back({std::string(*uuid), std::string(find_text(row, "name").value_or("")),
                           *operation, *status,
                           std::string(find_text(row, "detail").value_or(""))});
}

void tell_host_profiles(const JsonFields& mdm, std::string_view host_uuid, Listener& listener) {
  const auto list = find_list(mdm, "profiles");
  if (!list) return;
  HostProfiles told;
  told.host_uuid = host_uuid;
  for (const JsonElement element : *list) {
    JsonFields row;
    if (element.get(row) == simdjson::SUCCESS) {
      add_row(row, told);
    } else {
      ++told.unreadable;
    }
  }
  listener.on_host_profiles(std::move(told));
}

}  // namespace

void tell_fleet_host(const JsonFields& host, Listener& listener) {
  const auto uuid = find_text(host, "uuid");
  if (!uuid || uuid->empty()) return listener.on_unreadable("a host without a uuid");
  const auto platform = platform_of(find_text(host, "platform").value_or("darwin"));
  if (!platform) return listener.on_passed_over("a host of a platform without profiles");
  const auto team = team_of(host);
  if (!team) return listener.on_unreadable("a host whose team_id is no team");
  HostAdded added;
  added.host_uuid = *uuid;
  added.platform = *platform;
  added.team_id = *team;
  if (const auto mdm = find_fields(host, "mdm")) {
    // Null: the server does not manage it.
    if (JsonElement told; mdm->at_key("enrollment_status").get(told) == simdjson::SUCCESS) {
      added.enrolled = find_text(*mdm, "enrollment_status").value_or("").starts_with("On");
    }
    tell_host_profiles(*mdm, *uuid, listener);
  }
  // It was there before all that is told of it; what it is like now it is since its last change.
  const auto updated_at = find_time(host, "updated_at");
  const bool enrolled = added.enrolled;
  KeyOf key("fleet/host");
  key.add(added.host_uuid).add(name_of(added.platform));
  if (updated_at) {
    added.enrolled = true;
  } else {
    key.add(std::to_string(added.team_id)).add(enrolled ? "on" : "off");
  }
  Statement statement;
  statement.from_begin = true;
  statement.key = key.digest();
  statement.time_in_key = TimeInKey::kNone;
  statement.body = added;
  listener.on_statement(std::move(statement));
  if (updated_at) tell_host_state(added, enrolled, *updated_at, listener);
  tell_host_labels(host, added, listener);
}

void tell_fleet_profile(const JsonFields& profile, Listener& listener) {
  const auto uuid = find_text(profile, "profile_uuid");
  if (!uuid || uuid->empty()) return listener.on_unreadable("a profile without a profile_uuid");
  if (uuid->starts_with('d')) return listener.on_passed_over("a declaration");
  if (is_other_profile(*uuid)) return listener.on_passed_over("a profile of another system");
  const auto identifier = find_text(profile, "identifier");
  const auto name = find_text(profile, "name");
  const auto uploaded_at = first_time(profile, {"uploaded_at", "updated_at", "created_at"});
  const auto team = team_of(profile);
  if (!identifier || !name || !uploaded_at || !team) {
    return listener.on_unreadable("a profile without identifier, name, team or time of its upload");
  }
  ProfileUploaded uploaded;
  uploaded.profile_uuid = *uuid;
  uploaded.team_id = *team;
  uploaded.identifier = *identifier;
  uploaded.name = *name;
  uploaded.uploaded_at = *uploaded_at;
  std::vector<std::string> broken;
  if (!read_label_lists(profile, uploaded, broken)) {
    return listener.on_unreadable("a profile with two lists of labels to include");
  }
  const auto checksum = checksum_of(find_text(profile, "checksum").value_or(""));
  if (!checksum) listener.on_noted("profiles without a checksum, known by their upload's time");
  uploaded.checksum = checksum.value_or(stand_in(*uuid, *uploaded_at));
  Statement statement;
  statement.at = uploaded_at;
  statement.labels_exist = true;
  statement.key = key_of_upload(uploaded);
  statement.body = std::move(uploaded);
  listener.on_statement(std::move(statement));
  for (const std::string& label : broken) {
    Statement deleted;
    deleted.at = uploaded_at;
    deleted.key = KeyOf("fleet/deleted label").add(label).digest();
    deleted.body = LabelDeleted{label};
    listener.on_statement(std::move(deleted));
  }
}

void tell_fleet_label(const JsonFields& label, Listener& listener) {
  const auto name = find_text(label, "name");
  if (!name || name->empty()) return listener.on_unreadable("a label without a name");
  const std::string_view kind = find_text(label, "label_membership_type").value_or("dynamic");
  const LabelMembership membership = kind == "manual"        ? LabelMembership::kManual
                                     : kind == "host_vitals" ? LabelMembership::kHostVitals
                                                             : LabelMembership::kDynamic;
  Statement statement;
  statement.at = find_time(label, "created_at");
  statement.from_begin = !statement.at;
  statement.key = KeyOf("fleet/label").add(*name).add(name_of(membership)).digest();
  statement.time_in_key = statement.at ? TimeInKey::kExact : TimeInKey::kNone;
  statement.body = LabelCreated{std::string(*name), membership};
  listener.on_statement(std::move(statement));
}

}  // namespace muster::codec
