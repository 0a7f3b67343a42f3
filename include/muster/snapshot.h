// A consistent view: every read of one Snapshot sees the state after the same event.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "muster/store.h"

namespace muster {

/// One profile on one host.
struct ProfileState {
  std::string profile_uuid;
  std::string identifier;
  std::string name;  ///< the catalog's name when the row was made
  Operation operation = Operation::kInstall;
  DeliveryStatus status = DeliveryStatus::kUnsent;
  int retries = 0;
  std::string detail;
  std::string command_uuid;  ///< "" where no command was issued
  bool ignore_error = false;
  Scope scope = Scope::kSystem;
  Checksum checksum{};
  std::optional<Timestamp> variables_updated_at;
  std::optional<Timestamp> secrets_updated_at;
};

struct HostState {
  std::string host_uuid;
  Platform platform = Platform::kDarwin;
  TeamId team_id = 0;
  bool enrolled = false;
  Timestamp enrolled_at;
  bool user_channel = false;
  Timestamp detail_updated_at;
  Timestamp label_updated_at;
  std::vector<std::string> labels;  ///< by name
  /// The host's bucket (SEMANTICS 6.1): the worst of its rows; nothing where no row counts.
  std::optional<DeliveryStatus> status;
};

/// Hosts a bucket, or host rows a status. Rows and hosts without one are not counted.
struct StatusCounts {
  std::uint64_t failed = 0;
  std::uint64_t pending = 0;
  std::uint64_t verifying = 0;
  std::uint64_t verified = 0;
  friend bool operator==(const StatusCounts&, const StatusCounts&) = default;
};

/// A catalog profile.
struct ProfileInfo {
  std::string profile_uuid;
  TeamId team_id = 0;
  std::string identifier;
  std::string name;
  Checksum checksum{};
  Timestamp uploaded_at;
  Scope scope = Scope::kSystem;
  bool broken = false;  ///< names a label that was deleted
};

/// Which part of a long visit to do: keys greater than `after` (bytewise), `limit` of them.
struct Page {
  std::string after;
  std::uint64_t limit = UINT64_MAX;
};

/// Visitors return false to stop early; the call then returns success. A view passed to a visitor
/// is valid only inside the call. Copyable, cheap to copy, safe from many threads at once.
class Snapshot {
 public:
  Sequence sequence() const;
  Policy policy() const;

  /// Absent is not an error.
  Result<std::optional<HostState>> find_host(std::string_view host_uuid) const;
  Result<std::optional<ProfileState>> find(std::string_view host_uuid,
                                           std::string_view profile_uuid) const;

  /// Rows of one host in profile_uuid order; `page.after` is a profile_uuid. An unknown host has
  /// none.
  Status visit_host(std::string_view host_uuid, const Page& page,
                    const std::function<bool(const ProfileState&)>& visit) const;

  /// Every host in host_uuid order. Costs a scan of the hosts it passes.
  Status visit_hosts(const Page& page, const std::function<bool(const HostState&)>& visit) const;

  /// Every row with its host: hosts in host_uuid order, rows of one in profile_uuid order. `page`
  /// counts hosts. Costs one scan, much less than visit_host() for each host.
  Status visit_rows(const Page& page,
                    const std::function<bool(const HostState&, const ProfileState&)>& visit) const;

  /// Apple hosts whose bucket is `status` (not kUnsent), in host_uuid order; of one team if given.
  /// `page.limit` counts the hosts visited. Costs a scan of the hosts it passes.
  Status visit_status(DeliveryStatus status, std::optional<TeamId> team, const Page& page,
                      const std::function<bool(const HostState&)>& visit) const;

  /// Hosts where the profile failed, in host_uuid order: an index, cost in proportion to them.
  Status visit_failed(std::string_view profile_uuid, const Page& page,
                      const std::function<bool(std::string_view host_uuid)>& visit) const;

  /// Hosts a bucket among the team's darwin, ios and ipados hosts (SEMANTICS 6.1, 13 B5). O(1).
  StatusCounts summary(TeamId team) const;
  /// Teams that have hosts or profiles, in order.
  std::vector<TeamId> teams() const;

  /// Host rows of the profile a status, every team (SEMANTICS 6.2, 13 B4). O(1).
  StatusCounts profile_counts(std::string_view profile_uuid) const;

  std::optional<ProfileInfo> find_profile(std::string_view profile_uuid) const;
  /// Catalog profiles in profile_uuid order; `page.after` is a profile_uuid.
  Status visit_profiles(const Page& page,
                        const std::function<bool(const ProfileInfo&)>& visit) const;

  /// The state export (docs/recording.md): canonical lines, each with its line feed, sorted.
  Status export_rows(const std::function<bool(std::string_view line)>& write) const;
  Status export_hosts(const std::function<bool(std::string_view line)>& write) const;

  /// Sum over hosts, modulo 2^128, of XXH3-128 of each host's export lines. Equal for equal states.
  Result<Digest> content_digest() const;

  class Impl;
  explicit Snapshot(std::shared_ptr<const Impl> impl);

 private:
  std::shared_ptr<const Impl> impl_;
};

}  // namespace muster
