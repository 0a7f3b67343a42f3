#include "muster/snapshot.h"

#include <set>

#include "base/contract.h"
#include "core/summary.h"
#include "store/host_reader.h"
#include "store/snapshot_impl.h"

namespace muster {
namespace {

using store::HostReader;

ProfileInfo to_profile_info(const core::Profile& profile) {
  ProfileInfo info;
  info.profile_uuid = profile.uuid();
  info.team_id = profile.team;
  info.identifier = profile.version->identifier;
  info.name = profile.version->name;
  info.checksum = profile.version->checksum;
  info.uploaded_at = profile.uploaded_at;
  info.scope = profile.scope;
  info.broken = profile.broken();
  return info;
}

}  // namespace

Snapshot::Snapshot(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

Sequence Snapshot::sequence() const {
  return impl_->view.sequence;
}

Policy Snapshot::policy() const {
  return impl_->view.policy;
}

Result<std::optional<HostState>> Snapshot::find_host(std::string_view host_uuid) const {
  HostReader reader(impl_->view);
  const auto host = reader.find(host_uuid);
  if (!host.ok()) return host.status();
  if (!*host) return std::optional<HostState>();
  return std::optional(reader.to_host_state(**host));
}

Result<std::optional<ProfileState>> Snapshot::find(std::string_view host_uuid,
                                                   std::string_view profile_uuid) const {
  HostReader reader(impl_->view);
  const auto host = reader.find(host_uuid);
  if (!host.ok()) return host.status();
  const auto number = impl_->view.catalog->profile_number(profile_uuid);
  if (!*host || !number) return std::optional<ProfileState>();
  const core::Slot* slot = (*host)->find_slot(*impl_->view.catalog, *number);
  if (slot == nullptr) return std::optional<ProfileState>();
  ProfileState state;
  if (Status status = reader.read_profile_state(**host, *slot, state); !status.ok()) return status;
  return std::optional(std::move(state));
}

Status Snapshot::visit_host(std::string_view host_uuid, const Page& page,
                            const std::function<bool(const ProfileState&)>& visit) const {
  HostReader reader(impl_->view);
  const auto host = reader.find(host_uuid);
  if (!host.ok()) return host.status();
  if (!*host) return {};
  std::uint64_t left = page.limit;
  ProfileState state;
  for (const core::Slot& slot : (*host)->slots) {
    const std::string& uuid = impl_->view.catalog->version(slot.version()).profile_uuid;
    if (!page.after.empty() && uuid <= page.after) continue;
    if (left-- == 0) return {};
    Status status = reader.read_profile_state(**host, slot, state);
    if (!status.ok()) return status;
    if (!visit(state)) return {};
  }
  return {};
}

Status Snapshot::visit_hosts(const Page& page,
                             const std::function<bool(const HostState&)>& visit) const {
  HostReader reader(impl_->view);
  std::uint64_t left = page.limit;
  if (left == 0) return {};
  return reader.scan(page.after, [&](const core::Host& host) -> Result<bool> {
    return visit(reader.to_host_state(host)) && --left > 0;
  });
}

Status Snapshot::visit_rows(
    const Page& page,
    const std::function<bool(const HostState&, const ProfileState&)>& visit) const {
  HostReader reader(impl_->view);
  std::uint64_t left = page.limit;
  if (left == 0) return {};
  ProfileState row;
  return reader.scan(page.after, [&](const core::Host& host) -> Result<bool> {
    const HostState state = reader.to_host_state(host);
    for (const core::Slot& slot : host.slots) {
      if (Status status = reader.read_profile_state(host, slot, row); !status.ok()) return status;
      if (!visit(state, row)) return false;
    }
    return --left > 0;
  });
}

Status Snapshot::visit_status(DeliveryStatus status, std::optional<TeamId> team, const Page& page,
                              const std::function<bool(const HostState&)>& visit) const {
  if (status == DeliveryStatus::kUnsent) {
    return {StatusCode::kInvalidArgument, "no host has the bucket null: ask for pending"};
  }
  HostReader reader(impl_->view);
  std::uint64_t left = page.limit;
  if (left == 0) return {};
  return reader.scan(page.after, [&](const core::Host& host) -> Result<bool> {
    if (!host.apple() || (team && host.team != *team) || core::bucket_of(host) != status) {
      return true;
    }
    return visit(reader.to_host_state(host)) && --left > 0;
  });
}

Status Snapshot::visit_failed(std::string_view profile_uuid, const Page& page,
                              const std::function<bool(std::string_view)>& visit) const {
  const auto number = impl_->view.catalog->profile_number(profile_uuid);
  if (!number) return {};
  std::string begin = store::failed_key(*number, page.after);
  if (!page.after.empty()) begin.push_back('\0');
  const std::string end = store::after_prefix(store::failed_prefix(*number));
  store::Scan scan(*impl_->view.database, store::Family::kFailed, begin, end, impl_->view.snapshot);
  std::uint64_t left = page.limit;
  for (; scan.valid() && left > 0; scan.next(), --left) {
    if (!visit(store::parse_failed_key(scan.key())->host_uuid)) return {};
  }
  return scan.status();
}

StatusCounts Snapshot::summary(TeamId team) const {
  const auto& teams = impl_->view.totals->teams;
  const auto at = teams.find(team);
  return at == teams.end() ? StatusCounts() : store::to_status_counts(at->second);
}

std::vector<TeamId> Snapshot::teams() const {
  std::set<TeamId> teams;
  for (const auto& [team, counts] : impl_->view.totals->teams) teams.insert(team);
  for (const auto& [id, team] : impl_->view.catalog->teams()) {
    if (!team.profiles.empty()) teams.insert(id);
  }
  return {teams.begin(), teams.end()};
}

StatusCounts Snapshot::profile_counts(std::string_view profile_uuid) const {
  const auto number = impl_->view.catalog->profile_number(profile_uuid);
  if (!number) return {};
  const auto& profiles = impl_->view.totals->profiles;
  const auto at = profiles.find(*number);
  return at == profiles.end() ? StatusCounts() : store::to_status_counts(at->second);
}

std::optional<ProfileInfo> Snapshot::find_profile(std::string_view profile_uuid) const {
  const core::Profile* profile = impl_->view.catalog->find_profile(profile_uuid);
  return profile == nullptr ? std::nullopt : std::optional(to_profile_info(*profile));
}

Status Snapshot::visit_profiles(const Page& page,
                                const std::function<bool(const ProfileInfo&)>& visit) const {
  const auto& profiles = impl_->view.catalog->profiles();
  auto at = page.after.empty() ? profiles.begin() : profiles.upper_bound(page.after);
  for (std::uint64_t left = page.limit; at != profiles.end() && left > 0; ++at, --left) {
    if (!visit(to_profile_info(*at->second))) return {};
  }
  return {};
}

}  // namespace muster
