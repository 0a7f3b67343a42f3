#include "store/host_reader.h"

#include <algorithm>

#include "base/time.h"
#include "core/summary.h"
#include "store/catalog_records.h"
#include "store/damage.h"
#include "store/host_record.h"

namespace muster::store {

Result<core::Host> HostReader::decode(std::string_view host_uuid, std::string_view sealed) const {
  Result<core::Host> host = decode_host(host_uuid, sealed, *view_.catalog);
  if (!host.ok()) return host;
  const TimesEntry times = view_.times.get(host->ordinal);
  host->detail_updated_at = Timestamp{times.detail_updated_at * base::kMicrosPerSecond};
  host->label_updated_at = Timestamp{times.label_updated_at * base::kMicrosPerSecond};
  return host;
}

Result<std::optional<core::Host>> HostReader::find(std::string_view host_uuid) {
  const Result<bool> found = view_.database->get(Family::kHosts, host_uuid, value_, view_.snapshot);
  if (!found.ok()) return found.status();
  if (!*found) return std::optional<core::Host>();
  Result<core::Host> host = decode(host_uuid, value_);
  if (!host.ok()) return host.status();
  return std::optional(std::move(*host));
}

Status HostReader::scan(std::string_view after,
                        const std::function<Result<bool>(const core::Host&)>& visit) {
  const std::string begin = after.empty() ? std::string() : std::string(after).append(1, '\0');
  Scan scan(*view_.database, Family::kHosts, begin, {}, view_.snapshot);
  for (; scan.valid(); scan.next()) {
    const Result<core::Host> host = decode(scan.key(), scan.value());
    if (!host.ok()) return host.status();
    const Result<bool> more = visit(*host);
    if (!more.ok()) return more.status();
    if (!*more) return {};
  }
  return scan.status();
}

HostState HostReader::to_host_state(const core::Host& host) const {
  HostState state;
  state.host_uuid = host.uuid;
  state.platform = host.platform;
  state.team_id = host.team;
  state.enrolled = host.enrolled;
  state.enrolled_at = host.enrolled_at;
  state.user_channel = host.user_channel;
  state.detail_updated_at = host.detail_updated_at;
  state.label_updated_at = host.label_updated_at;
  for (const core::LabelNumber number : host.labels) {
    const core::Label* label = view_.catalog->find_label(number);
    if (label != nullptr) state.labels.push_back(label->name);
  }
  std::sort(state.labels.begin(), state.labels.end());
  state.status = core::bucket_of(host);
  return state;
}

Status HostReader::read_profile_state(const core::Host& host, const core::Slot& slot,
                                      ProfileState& state) {
  const core::ProfileVersion& version = view_.catalog->version(slot.version());
  state.profile_uuid = version.profile_uuid;
  state.identifier = version.identifier;
  state.name = version.name;
  state.operation = slot.operation();
  state.status = slot.status();
  state.retries = slot.retries();
  state.detail = host.detail_of(slot);
  state.ignore_error = slot.ignore_error();
  state.scope = slot.scope();
  state.checksum = version.checksum;
  state.variables_updated_at = host.variables_of(slot);
  state.secrets_updated_at = version.secrets_updated_at;
  return read_command_uuid(slot.command(), state.command_uuid);
}

Status HostReader::read_command_uuid(core::CommandNumber number, std::string& uuid) {
  uuid.clear();
  if (number == core::kNoCommand) return {};
  const auto at = commands_.find(core::to_integer(number));
  if (at != commands_.end()) {
    uuid = at->second;
    return {};
  }
  const Result<bool> found =
      view_.database->get(Family::kCommands, command_key(number), value_, view_.snapshot);
  if (!found.ok()) return found.status();
  if (!*found) {
    return damaged("commands", "command " + std::to_string(core::to_integer(number)),
                   "a row names it and it is missing");
  }
  const Result<StoredCommand> command = decode_command(number, value_);
  if (!command.ok()) return command.status();
  if (commands_.size() >= kCommandsRemembered) commands_.clear();
  commands_.emplace(core::to_integer(number), command->uuid);
  uuid = command->uuid;
  return {};
}

}  // namespace muster::store
