#include "tools/json_output.h"

#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

namespace muster::tool {

void print_json(std::ostream& out, const Json& document) {
  out << document.dump(2, ' ', true, Json::error_handler_t::replace) << '\n';
}

Json status_json(std::optional<DeliveryStatus> status) {
  if (!status || *status == DeliveryStatus::kUnsent) return nullptr;
  return name_of(*status);
}

Json time_json(std::optional<Timestamp> time) {
  if (!time) return nullptr;
  return to_string(*time);
}

Json counts_json(const StatusCounts& counts) {
  return {{"failed", counts.failed},
          {"pending", counts.pending},
          {"verifying", counts.verifying},
          {"verified", counts.verified}};
}

Json command_json(std::string_view command_uuid) {
  if (command_uuid.empty()) return nullptr;
  return command_uuid;
}

Json host_json(const HostState& host) {
  return {{"host_uuid", host.host_uuid},
          {"platform", name_of(host.platform)},
          {"team_id", host.team_id},
          {"enrolled", host.enrolled},
          {"enrolled_at", time_json(host.enrolled_at)},
          {"user_channel", host.user_channel},
          {"detail_updated_at", time_json(host.detail_updated_at)},
          {"label_updated_at", time_json(host.label_updated_at)},
          {"labels", host.labels},
          {"status", status_json(host.status)}};
}

Json row_json(const ProfileState& row) {
  return {{"profile_uuid", row.profile_uuid},
          {"identifier", row.identifier},
          {"name", row.name},
          {"operation", name_of(row.operation)},
          {"status", status_json(row.status)},
          {"retries", row.retries},
          {"detail", row.detail},
          {"command_uuid", command_json(row.command_uuid)},
          {"ignore_error", row.ignore_error},
          {"scope", name_of(row.scope)},
          {"checksum", to_string(row.checksum)},
          {"variables_updated_at", time_json(row.variables_updated_at)},
          {"secrets_updated_at", time_json(row.secrets_updated_at)}};
}

Json policy_json(const Policy& policy) {
  const bool stale = policy.late_results == LateResults::kIgnoreStale;
  return {{"max_retries_apple", policy.max_retries_apple},
          {"grace_seconds", policy.grace_seconds},
          {"user_channel_wait_seconds", policy.user_channel_wait_seconds},
          {"late_results", stale ? "ignore_stale" : "upstream"},
          {"macos_only_profile_names", policy.macos_only_profile_names}};
}

}  // namespace muster::tool
