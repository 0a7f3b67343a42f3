// Labels, profiles and what follows from them. A Catalog is a value: the store publishes one
// immutable copy behind a shared pointer and replaces it whole, so that check-ins never wait.
// Copying costs a pointer a profile, version and label.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/numbers.h"
#include "muster/event.h"
#include "muster/limits.h"
#include "muster/types.h"

namespace muster::core {

struct Label {
  LabelNumber number{};
  std::string name;
  LabelMembership membership = LabelMembership::kDynamic;
  Timestamp created_at;  ///< whole seconds
};

/// What a row remembers of the profile that was delivered to it.
struct ProfileVersion {
  VersionNumber number{};
  ProfileNumber profile{};
  std::string profile_uuid;
  std::string identifier;
  std::string name;
  Checksum checksum{};
  std::optional<Timestamp> secrets_updated_at;
  std::uint32_t identifier_number = 0;  ///< equal for equal identifiers; in memory only
};

enum class IncludeMode : std::uint8_t { kEverything = 0, kAll = 1, kAny = 2 };

struct Profile {
  std::shared_ptr<const ProfileVersion> version;  ///< the current one
  TeamId team = 0;
  Timestamp uploaded_at;
  Scope scope = Scope::kSystem;
  IncludeMode include_mode = IncludeMode::kEverything;
  std::vector<LabelNumber> include;  ///< kBrokenLabel where the label was deleted
  std::vector<LabelNumber> exclude;
  bool per_host_variables = false;

  ProfileNumber number() const { return version->profile; }
  const std::string& uuid() const { return version->profile_uuid; }
  bool broken() const;  ///< names a deleted label, in either list
  friend bool operator==(const Profile&, const Profile&) = default;  ///< the same version, too
};

/// The profiles of one team. `epoch` is the sequence of the last change that can move a row of the
/// team's hosts: the reconciler looks at hosts that it visited before. `generation` is the
/// catalog's of the last change that the verification of the team's hosts can see.
struct Team {
  std::vector<std::shared_ptr<const Profile>> profiles;  ///< in profile_uuid order
  std::vector<LabelNumber> labels;                       ///< named by them; ascending, unique
  Sequence epoch = 0;
  std::uint64_t generation = 0;
};

/// The stored items that a change touched, for the store to write.
struct CatalogChanges {
  std::vector<LabelNumber> labels;      ///< put, or deleted where the catalog has it no more
  std::vector<ProfileNumber> profiles;  ///< the same
  std::vector<VersionNumber> versions;  ///< new ones
  std::vector<TeamId> teams;            ///< epoch moved
  bool counters = false;                ///< the fleet's epoch moved alone
  bool any() const {
    return !labels.empty() || !profiles.empty() || !versions.empty() || !teams.empty() || counters;
  }
};

class Catalog {
 public:
  const Label* find_label(std::string_view name) const;
  const Label* find_label(LabelNumber number) const;
  const Profile* find_profile(std::string_view profile_uuid) const;
  const Profile* find_profile(ProfileNumber number) const;
  std::optional<ProfileNumber> profile_number(std::string_view profile_uuid) const;
  const ProfileVersion& version(VersionNumber number) const;  ///< known numbers only (asserted)
  bool knows_version(VersionNumber number) const;
  const Team* find_team(TeamId team) const;  ///< null: no profile ever
  const std::map<TeamId, Team>& teams() const { return teams_; }
  const std::map<std::string, std::shared_ptr<const Profile>, std::less<>>& profiles() const {
    return profiles_;
  }
  const std::map<std::string, std::shared_ptr<const Label>, std::less<>>& labels() const {
    return labels_;
  }
  std::size_t profile_numbers() const { return profile_numbers_.size(); }
  const std::vector<std::shared_ptr<const ProfileVersion>>& versions() const { return versions_; }
  /// The uuid behind a number; it stays known after the profile is deleted.
  const std::string& profile_uuid(ProfileNumber number) const;

  /// Least uploaded_at of all profiles with the checksum, in any team (SEMANTICS 3.2).
  Timestamp earliest_upload(const Checksum& checksum) const;

  /// Moves with every change of a label or profile. In memory only: it counts from the open.
  std::uint64_t generation() const { return generation_; }
  /// Moves with the changes that the verification of the team's hosts can see: of the team's
  /// profiles and their labels, and of the earliest date of a checksum that the team uses.
  std::uint64_t verification_generation(TeamId team) const;
  /// Moves with those, and with every label that comes or goes.
  std::uint64_t membership_generation(TeamId team) const;
  /// Newest epoch of all teams, and of changes that concern hosts of every team.
  Sequence newest_epoch() const { return newest_epoch_; }
  Sequence fleet_epoch() const { return fleet_epoch_; }
  Sequence epoch_of(TeamId team) const;
  void set_fleet_epoch(Sequence sequence);
  std::uint32_t next_label() const { return next_label_; }

  // The catalog's events (SEMANTICS 13: A4, A8, C2, C3, C14). Refused ones change nothing.
  Outcome create_label(const LabelCreated& event, Timestamp at, CatalogChanges& changes);
  Outcome delete_label(const LabelDeleted& event, Sequence sequence, CatalogChanges& changes);
  Outcome upload_profile(const ProfileUploaded& event, const StoreLimits& limits, Sequence sequence,
                         CatalogChanges& changes, std::string& why);
  Outcome delete_profile(std::string_view profile_uuid, Sequence sequence, CatalogChanges& changes);

  // Rebuilding from stored items, versions first and in order of their numbers.
  void restore_version(ProfileVersion version);
  void restore_label(Label label);
  bool restore_profile(Profile profile);  ///< false: its version, team or uuid contradicts others
  void restore_counters(std::uint32_t next_label, Sequence fleet_epoch);
  void restore_team_epoch(TeamId team, Sequence epoch);

 private:
  std::shared_ptr<const ProfileVersion> intern_version(const ProfileUploaded& event,
                                                       const Profile* old, CatalogChanges& changes);
  Outcome check_upload(const ProfileUploaded& event, const StoreLimits& limits, const Profile* old,
                       std::string& why) const;
  const Profile* find_profile(TeamId team, std::string_view identifier) const;
  void add_version(ProfileVersion version);
  void put_profile(std::shared_ptr<const Profile> profile);
  void drop_profile(const Profile& profile);
  void move_epoch(TeamId team, Sequence sequence, CatalogChanges& changes);
  void add_use(const std::shared_ptr<const Profile>& profile);
  void drop_use(const Profile& profile);
  void touch_users(const Checksum& checksum);
  static void recompute_labels(Team& team);

  std::map<std::string, std::shared_ptr<const Label>, std::less<>> labels_;
  std::map<LabelNumber, std::shared_ptr<const Label>> labels_by_number_;
  std::map<std::string, std::shared_ptr<const Profile>, std::less<>> profiles_;
  std::vector<std::shared_ptr<const ProfileVersion>> versions_;  ///< [number - 1]
  std::vector<VersionNumber> profile_numbers_;  ///< [profile number - 1]: its first version
  std::map<std::string, ProfileNumber, std::less<>> profile_number_by_uuid_;
  std::map<std::string, std::uint32_t, std::less<>> identifier_numbers_;
  std::map<TeamId, Team> teams_;
  /// Profiles by the content that they deliver.
  std::map<Checksum, std::vector<std::shared_ptr<const Profile>>> uses_;
  std::uint32_t next_label_ = 1;
  std::uint64_t generation_ = 0;
  std::uint64_t labels_generation_ = 0;
  Sequence newest_epoch_ = 0;
  Sequence fleet_epoch_ = 0;
};

}  // namespace muster::core
