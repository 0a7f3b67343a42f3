#include "tests/support/issuers.h"

namespace muster::test {

core::CommandNumber CommandTable::intern(const std::string& uuid, Operation operation,
                                         const std::string& profile_uuid) {
  const auto at = commands_.find(uuid);
  if (at != commands_.end()) return at->second.known.number;
  const core::CommandNumber number{uuids_.size()};
  uuids_.push_back(uuid);
  commands_.emplace(uuid, NaiveEngine::Command{{number, operation}, uuid, profile_uuid});
  return number;
}

core::CommandNumber DerivingIssuer::issue(Operation operation, const core::ProfileVersion& version,
                                          std::string_view host_uuid, bool per_host) {
  std::optional<std::string_view> host;
  if (per_host) host = host_uuid;
  const std::string uuid =
      derived_command_uuid(source_, event_number_, operation, version.profile_uuid, host);
  return table_.intern(uuid, operation, version.profile_uuid);
}

RecordedIssuer::RecordedIssuer(CommandTable table, const std::vector<IssuedCommand>& listed)
    : table_(table) {
  for (const IssuedCommand& command : listed) {
    for (const std::string& host : command.hosts) {
      listed_.emplace(Key{command.operation, command.profile_uuid, host}, command.command_uuid);
    }
  }
}

core::CommandNumber RecordedIssuer::issue(Operation operation, const core::ProfileVersion& version,
                                          std::string_view host_uuid, bool) {
  const Key key{operation, version.profile_uuid, std::string(host_uuid)};
  const auto at = listed_.find(key);
  if (at == listed_.end()) {
    ++not_listed_;
    return core::kNoCommand;
  }
  used_.insert(key);
  return table_.intern(at->second, operation, version.profile_uuid);
}

}  // namespace muster::test
