#include "core/catalog.h"

#include <algorithm>

#include "base/contract.h"
#include "base/time.h"

namespace muster::core {
namespace {

template <typename Map, typename Key>
auto find_or_null(const Map& map, const Key& key) -> decltype(map.begin()->second.get()) {
  const auto at = map.find(key);
  return at == map.end() ? nullptr : at->second.get();
}

bool names_broken(const std::vector<LabelNumber>& labels) {
  return std::find(labels.begin(), labels.end(), kBrokenLabel) != labels.end();
}

}  // namespace

bool Profile::broken() const {
  return names_broken(include) || names_broken(exclude);
}

const Label* Catalog::find_label(std::string_view name) const {
  return find_or_null(labels_, name);
}

const Label* Catalog::find_label(LabelNumber number) const {
  return find_or_null(labels_by_number_, number);
}

const Profile* Catalog::find_profile(std::string_view profile_uuid) const {
  return find_or_null(profiles_, profile_uuid);
}

const Profile* Catalog::find_profile(ProfileNumber number) const {
  return find_profile(profile_uuid(number));
}

const Profile* Catalog::find_profile(TeamId team, std::string_view identifier) const {
  const Team* found = find_team(team);
  if (found == nullptr) return nullptr;
  for (const auto& profile : found->profiles) {
    if (profile->version->identifier == identifier) return profile.get();
  }
  return nullptr;
}

std::optional<ProfileNumber> Catalog::profile_number(std::string_view profile_uuid) const {
  const auto at = profile_number_by_uuid_.find(profile_uuid);
  return at == profile_number_by_uuid_.end() ? std::nullopt : std::optional(at->second);
}

bool Catalog::knows_version(VersionNumber number) const {
  return to_integer(number) >= 1 && to_integer(number) <= versions_.size();
}

const ProfileVersion& Catalog::version(VersionNumber number) const {
  MUSTER_ASSERT(knows_version(number));
  return *versions_[to_integer(number) - 1];
}

const std::string& Catalog::profile_uuid(ProfileNumber number) const {
  MUSTER_ASSERT(to_integer(number) >= 1 && to_integer(number) <= profile_numbers_.size());
  return version(profile_numbers_[to_integer(number) - 1]).profile_uuid;
}

const Team* Catalog::find_team(TeamId team) const {
  const auto at = teams_.find(team);
  return at == teams_.end() ? nullptr : &at->second;
}

Timestamp Catalog::earliest_upload(const Checksum& checksum) const {
  const auto at = uses_.find(checksum);
  MUSTER_ASSERT(at != uses_.end());
  const auto& profiles = at->second;
  const auto least = std::min_element(
      profiles.begin(), profiles.end(),
      [](const auto& left, const auto& right) { return left->uploaded_at < right->uploaded_at; });
  return (*least)->uploaded_at;
}

std::uint64_t Catalog::verification_generation(TeamId team) const {
  const Team* found = find_team(team);
  return found == nullptr ? 0 : found->generation;
}

std::uint64_t Catalog::membership_generation(TeamId team) const {
  return std::max(labels_generation_, verification_generation(team));
}

Sequence Catalog::epoch_of(TeamId team) const {
  const Team* found = find_team(team);
  return std::max(fleet_epoch_, found == nullptr ? 0 : found->epoch);
}

void Catalog::set_fleet_epoch(Sequence sequence) {
  fleet_epoch_ = sequence;
  newest_epoch_ = std::max(newest_epoch_, sequence);
}

Outcome Catalog::create_label(const LabelCreated& event, Timestamp at, CatalogChanges& changes) {
  if (find_label(event.label) != nullptr) return Outcome::kUnchanged;
  const LabelNumber number{next_label_};
  restore_label(Label{number, event.label, event.membership, base::round_to_seconds(at)});
  changes.labels.push_back(number);
  labels_generation_ = ++generation_;
  return Outcome::kApplied;
}

Outcome Catalog::delete_label(const LabelDeleted& event, Sequence sequence,
                              CatalogChanges& changes) {
  const Label* label = find_label(event.label);
  if (label == nullptr) return Outcome::kUnknownLabel;
  const LabelNumber number = label->number;
  labels_generation_ = ++generation_;
  std::vector<std::shared_ptr<const Profile>> naming;
  for (const auto& [uuid, profile] : profiles_) {
    const auto names = [number](const std::vector<LabelNumber>& list) {
      return std::find(list.begin(), list.end(), number) != list.end();
    };
    if (names(profile->include) || names(profile->exclude)) naming.push_back(profile);
  }
  for (const auto& profile : naming) {
    auto broken = std::make_shared<Profile>(*profile);
    std::replace(broken->include.begin(), broken->include.end(), number, kBrokenLabel);
    std::replace(broken->exclude.begin(), broken->exclude.end(), number, kBrokenLabel);
    changes.profiles.push_back(broken->number());
    move_epoch(broken->team, sequence, changes);
    put_profile(std::move(broken));
  }
  labels_by_number_.erase(number);
  labels_.erase(labels_.find(event.label));
  changes.labels.push_back(number);
  return Outcome::kApplied;
}

Outcome Catalog::check_upload(const ProfileUploaded& event, const StoreLimits& limits,
                              const Profile* old, std::string& why) const {
  for (const auto* list :
       {&event.labels_include_all, &event.labels_include_any, &event.labels_exclude_any}) {
    for (const std::string& name : *list) {
      if (find_label(name) == nullptr) {
        why = "label " + name;
        return Outcome::kUnknownLabel;
      }
    }
  }
  if (old != nullptr && old->scope != event.scope) return Outcome::kScopeChanged;
  if (const Team* team = find_team(event.team_id)) {
    for (const auto& profile : team->profiles) {
      if (profile.get() != old && profile->version->name == event.name) {
        why = "name " + event.name;
        return Outcome::kNameTaken;
      }
    }
    if (old == nullptr && team->profiles.size() >= limits.profiles_per_team) {
      why = "a team has at most " + std::to_string(limits.profiles_per_team) + " profiles";
      return Outcome::kInvalid;
    }
  }
  if (old != nullptr && old->uuid() != event.profile_uuid) {
    why = "stored uuid " + old->uuid();
    return Outcome::kIdentifierTaken;
  }
  if (old == nullptr && find_profile(event.profile_uuid) != nullptr) {
    why = "profile_uuid " + event.profile_uuid;
    return Outcome::kProfileUuidTaken;
  }
  return Outcome::kApplied;
}

Outcome Catalog::upload_profile(const ProfileUploaded& event, const StoreLimits& limits,
                                Sequence sequence, CatalogChanges& changes, std::string& why) {
  const Profile* old = find_profile(event.team_id, event.identifier);
  const Outcome judged = check_upload(event, limits, old, why);
  if (judged != Outcome::kApplied) return judged;

  const auto numbers = [this](const std::vector<std::string>& names) {
    std::vector<LabelNumber> out;
    for (const std::string& name : names) {
      const LabelNumber number = find_label(name)->number;
      if (std::find(out.begin(), out.end(), number) == out.end()) out.push_back(number);
    }
    return out;
  };
  const bool content_kept = old != nullptr && old->version->checksum == event.checksum &&
                            old->version->name == event.name;
  const bool was_broken = old != nullptr && old->broken();
  auto profile = std::make_shared<Profile>();
  profile->uploaded_at = content_kept ? old->uploaded_at : event.uploaded_at;
  profile->version = intern_version(event, old, changes);
  profile->team = event.team_id;
  profile->scope = event.scope;
  profile->per_host_variables = event.per_host_variables;
  profile->exclude = numbers(event.labels_exclude_any);
  if (!event.labels_include_all.empty()) {
    profile->include_mode = IncludeMode::kAll;
    profile->include = numbers(event.labels_include_all);
  } else if (!event.labels_include_any.empty()) {
    profile->include_mode = IncludeMode::kAny;
    profile->include = numbers(event.labels_include_any);
  }
  // Uploading everything again is a habit of its own: it must not wake every host of the team.
  if (old != nullptr && *profile == *old) return Outcome::kUnchanged;
  ++generation_;
  changes.profiles.push_back(profile->number());
  move_epoch(event.team_id, sequence, changes);
  // Rows that the broken label had frozen move again, on hosts of any team.
  if (was_broken) set_fleet_epoch(sequence);
  put_profile(std::move(profile));
  return Outcome::kApplied;
}

Outcome Catalog::delete_profile(std::string_view profile_uuid, Sequence sequence,
                                CatalogChanges& changes) {
  const auto at = profiles_.find(profile_uuid);
  if (at == profiles_.end()) return Outcome::kUnknownProfile;
  const std::shared_ptr<const Profile> profile = at->second;
  ++generation_;
  changes.profiles.push_back(profile->number());
  move_epoch(profile->team, sequence, changes);
  if (profile->broken()) set_fleet_epoch(sequence);
  drop_profile(*profile);
  return Outcome::kApplied;
}

std::shared_ptr<const ProfileVersion> Catalog::intern_version(const ProfileUploaded& event,
                                                              const Profile* old,
                                                              CatalogChanges& changes) {
  if (old != nullptr && old->version->checksum == event.checksum &&
      old->version->name == event.name &&
      old->version->secrets_updated_at == event.secrets_updated_at) {
    return old->version;
  }
  ProfileVersion version;
  version.number = VersionNumber{static_cast<std::uint32_t>(versions_.size() + 1)};
  version.profile =
      profile_number(event.profile_uuid)
          .value_or(ProfileNumber{static_cast<std::uint32_t>(profile_numbers_.size() + 1)});
  version.profile_uuid = event.profile_uuid;
  version.identifier = event.identifier;
  version.name = event.name;
  version.checksum = event.checksum;
  version.secrets_updated_at = event.secrets_updated_at;
  changes.versions.push_back(version.number);
  add_version(std::move(version));
  return versions_.back();
}

void Catalog::add_version(ProfileVersion version) {
  MUSTER_ASSERT(to_integer(version.number) == versions_.size() + 1);
  const auto identifier = identifier_numbers_.try_emplace(
      version.identifier, static_cast<std::uint32_t>(identifier_numbers_.size() + 1));
  version.identifier_number = identifier.first->second;
  if (to_integer(version.profile) == profile_numbers_.size() + 1) {
    profile_numbers_.push_back(version.number);
    profile_number_by_uuid_.emplace(version.profile_uuid, version.profile);
  }
  versions_.push_back(std::make_shared<const ProfileVersion>(std::move(version)));
}

void Catalog::put_profile(std::shared_ptr<const Profile> profile) {
  Team& team = teams_[profile->team];
  if (const Profile* old = find_profile(profile->uuid())) drop_use(*old);
  add_use(profile);
  team.generation = generation_;
  const auto at = std::lower_bound(
      team.profiles.begin(), team.profiles.end(), profile->uuid(),
      [](const auto& left, const std::string& uuid) { return left->uuid() < uuid; });
  if (at != team.profiles.end() && (*at)->uuid() == profile->uuid()) {
    *at = profile;
  } else {
    team.profiles.insert(at, profile);
  }
  recompute_labels(team);
  profiles_.insert_or_assign(profile->uuid(), std::move(profile));
}

void Catalog::drop_profile(const Profile& profile) {
  Team& team = teams_[profile.team];
  drop_use(profile);
  team.generation = generation_;
  std::erase_if(team.profiles, [&](const auto& other) { return other.get() == &profile; });
  recompute_labels(team);
  profiles_.erase(profiles_.find(profile.uuid()));
}

void Catalog::recompute_labels(Team& team) {
  team.labels.clear();
  for (const auto& profile : team.profiles) {
    for (const auto* list : {&profile->include, &profile->exclude}) {
      for (const LabelNumber label : *list) {
        if (label != kBrokenLabel) team.labels.push_back(label);
      }
    }
  }
  std::sort(team.labels.begin(), team.labels.end());
  team.labels.erase(std::unique(team.labels.begin(), team.labels.end()), team.labels.end());
}

void Catalog::move_epoch(TeamId team, Sequence sequence, CatalogChanges& changes) {
  teams_[team].epoch = sequence;
  newest_epoch_ = std::max(newest_epoch_, sequence);
  if (std::find(changes.teams.begin(), changes.teams.end(), team) == changes.teams.end()) {
    changes.teams.push_back(team);
  }
}

void Catalog::add_use(const std::shared_ptr<const Profile>& profile) {
  uses_[profile->version->checksum].push_back(profile);
  touch_users(profile->version->checksum);
}

void Catalog::drop_use(const Profile& profile) {
  const Checksum& checksum = profile.version->checksum;
  touch_users(checksum);
  auto& users = uses_[checksum];
  std::erase_if(users, [&](const auto& other) { return other.get() == &profile; });
  if (users.empty()) uses_.erase(checksum);
}

/// The earliest date of the checksum may move for every team that delivers it.
void Catalog::touch_users(const Checksum& checksum) {
  for (const auto& user : uses_.find(checksum)->second) {
    teams_[user->team].generation = generation_;
  }
}

void Catalog::restore_version(ProfileVersion version) {
  add_version(std::move(version));
}

void Catalog::restore_label(Label label) {
  next_label_ = std::max(next_label_, to_integer(label.number) + 1);
  auto shared = std::make_shared<const Label>(std::move(label));
  labels_by_number_.emplace(shared->number, shared);
  labels_.emplace(shared->name, shared);
}

bool Catalog::restore_profile(Profile profile) {
  if (profile.version == nullptr || find_profile(profile.uuid()) != nullptr ||
      find_profile(profile.team, profile.version->identifier) != nullptr) {
    return false;
  }
  put_profile(std::make_shared<const Profile>(std::move(profile)));
  return true;
}

void Catalog::restore_counters(std::uint32_t next_label, Sequence fleet_epoch) {
  next_label_ = std::max(next_label_, next_label);
  set_fleet_epoch(fleet_epoch);
}

void Catalog::restore_team_epoch(TeamId team, Sequence epoch) {
  teams_[team].epoch = epoch;
  newest_epoch_ = std::max(newest_epoch_, epoch);
}

}  // namespace muster::core
