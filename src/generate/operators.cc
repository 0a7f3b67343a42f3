#include "generate/operators.h"

#include <algorithm>
#include <utility>

#include "base/contract.h"
#include "generate/names.h"

namespace muster::generate {
namespace {

/// Contents that are made later are numbered from here.
constexpr std::uint64_t kLaterContents = std::uint64_t{1} << 32;

std::string label(std::uint32_t index) {
  return std::string(kLabels[index].name);
}

}  // namespace

Operators::Operators(const FleetOptions& options, const Server& server, Random& random)
    : options_(options), server_(server), random_(random) {}

std::size_t Operators::founding_steps() const {
  return kLabelsAtBegin + std::size_t{options_.teams} * options_.profiles;
}

EventBody Operators::found(std::size_t step, Timestamp at) {
  if (step < kLabelsAtBegin) {
    return LabelCreated{std::string(kLabels[step].name), kLabels[step].membership};
  }
  const auto place = static_cast<std::uint32_t>(step - kLabelsAtBegin);
  ProfileUploaded upload =
      founding_profile(place % options_.profiles, TeamId{place / options_.profiles});
  upload.uploaded_at = at;
  upload.profile_uuid = profile_uuid(options_.seed, ++uuids_);
  records_.push_back({upload, false, 0});
  return upload;
}

/// Every second profile is the same in all teams; some are for some hosts only.
ProfileUploaded Operators::founding_profile(std::uint32_t n, TeamId team) const {
  ProfileUploaded upload;
  ProfileName names = profile_name(n);
  upload.team_id = team;
  upload.identifier = std::move(names.identifier);
  upload.name = std::move(names.name);
  const bool everywhere = n % 2 == 0;
  upload.checksum = checksum(options_.seed, n + (everywhere ? 0 : std::uint64_t{team + 1} << 16));
  if (n % 8 == 5) {
    upload.scope = Scope::kUser;
    upload.labels_include_all = {label(kMacLabel)};
  }
  if (n % 10 == 2) upload.labels_exclude_any = {label(kPilotLabel)};
  if (n % 10 == 4) upload.labels_include_all = {label(kMacLabel), label(kMacLabel + 2)};
  if (n % 10 == 8) upload.labels_include_any = {label(kDesignLabel), label(kEngineeringLabel)};
  if (n % 16 == 11) upload.labels_include_any = {label(kRestlessLabel)};
  if (n % 16 == 3) upload.per_host_variables = true;
  return upload;
}

Checksum Operators::next_checksum() {
  return checksum(options_.seed, kLaterContents + ++contents_);
}

EventBody Operators::edited(Record& record, const Checksum& content, Timestamp at) const {
  record.upload.checksum = content;
  record.upload.uploaded_at = at;
  record.broken = false;
  return record.upload;
}

EventBody Operators::removed(std::size_t record) {
  ProfileDeleted event{records_[record].upload.profile_uuid};
  records_.erase(records_.begin() + static_cast<std::ptrdiff_t>(record));
  return event;
}

Operators::Record* Operators::some_record() {
  if (records_.empty()) return nullptr;
  return &records_[random_.below(static_cast<std::uint32_t>(records_.size()))];
}

std::vector<EventBody> Operators::perform(Deed deed, Timestamp at) {
  switch (deed) {
    case Deed::kRollOut:
      return roll_out(std::nullopt, at);
    case Deed::kUpload:
      return roll_out(random_.below(options_.teams), at);
    case Deed::kUploadAgain:
      if (const Record* record = some_record(); record != nullptr) return {record->upload};
      return {};
    case Deed::kEdit:
      if (Record* record = some_record(); record != nullptr) {
        return {edited(*record, next_checksum(), at)};
      }
      return {};
    case Deed::kEditRollOut:
      return edit_rollout(at);
    case Deed::kRotateSecret:
      return rotate_secret(at);
    case Deed::kDelete:
      if (records_.empty()) return {};
      return {removed(random_.below(static_cast<std::uint32_t>(records_.size())))};
    case Deed::kDeleteRollOut:
      return delete_rollout();
    case Deed::kCreateLabel:
      return create_label();
    case Deed::kDeleteLabel:
      return delete_label();
    case Deed::kMend:
      return mend(at);
    case Deed::kBatchResend:
      return resend_failed();
    case Deed::kChangePolicy:
      return {PolicyChanged{3, 7'200, std::nullopt, LateResults::kIgnoreStale}};
    case Deed::kRestorePolicy:
      return {PolicyChanged{1, 3'600, std::nullopt, LateResults::kUpstream}};
    default:
      MUSTER_ASSERT(false && "the deed is about a host or a pass");
      return {};
  }
}

std::vector<EventBody> Operators::roll_out(std::optional<TeamId> team, Timestamp at) {
  std::vector<EventBody> events;
  const ProfileName names = rollout_name(++rollouts_);
  const Checksum content = next_checksum();
  for (TeamId each = team.value_or(0); each < (team ? *team + 1 : options_.teams); ++each) {
    ProfileUploaded upload;
    upload.profile_uuid = profile_uuid(options_.seed, ++uuids_);
    upload.team_id = each;
    upload.identifier = names.identifier;
    upload.name = names.name;
    upload.checksum = content;
    upload.uploaded_at = at;
    records_.push_back({upload, false, rollouts_});
    events.emplace_back(std::move(upload));
  }
  return events;
}

std::uint32_t Operators::newest_rollout() const {
  std::uint32_t newest = 0;
  for (const Record& record : records_) newest = std::max(newest, record.rollout);
  return newest;
}

std::vector<EventBody> Operators::edit_rollout(Timestamp at) {
  const std::uint32_t newest = newest_rollout();
  if (newest == 0) return {};
  const Checksum content = next_checksum();
  std::vector<EventBody> events;
  for (Record& record : records_) {
    if (record.rollout == newest) events.push_back(edited(record, content, at));
  }
  return events;
}

std::vector<EventBody> Operators::delete_rollout() {
  const std::uint32_t newest = newest_rollout();
  std::vector<EventBody> events;
  for (std::size_t i = records_.size(); newest != 0 && i-- > 0;) {
    if (records_[i].rollout == newest) events.push_back(removed(i));
  }
  return events;
}

std::vector<EventBody> Operators::create_label() {
  for (const LabelName& candidate : kLabels) {
    if (server_.catalog().find_label(candidate.name) != nullptr) continue;
    return {LabelCreated{std::string(candidate.name), candidate.membership}};
  }
  return {};
}

/// The label that fewest would miss: nothing is left of the operators' own lists, either.
std::vector<EventBody> Operators::delete_label() {
  const std::string name = label(kPilotLabel);
  if (server_.catalog().find_label(name) == nullptr) return {};
  for (Record& record : records_) {
    record.broken |= std::erase(record.upload.labels_exclude_any, name) > 0;
  }
  return {LabelDeleted{name}};
}

std::vector<EventBody> Operators::mend(Timestamp at) {
  std::vector<EventBody> events;
  for (Record& record : records_) {
    if (record.broken) events.push_back(edited(record, record.upload.checksum, at));
  }
  return events;
}

std::vector<EventBody> Operators::rotate_secret(Timestamp at) {
  Record* record = some_record();
  if (record == nullptr) return {};
  record->upload.secrets_updated_at = at;
  record->broken = false;
  return {record->upload};
}

std::optional<std::string> Operators::resendable(const core::Host& host, bool verified) const {
  for (const core::Slot& slot : host.slots) {
    const bool suits = slot.status() == DeliveryStatus::kFailed ||
                       (verified && slot.status() == DeliveryStatus::kVerified);
    if (!suits || slot.operation() != Operation::kInstall) continue;
    const core::ProfileVersion& version = server_.catalog().version(slot.version());
    if (server_.catalog().find_profile(version.profile) != nullptr) return version.profile_uuid;
  }
  return std::nullopt;
}

std::vector<EventBody> Operators::resend_failed() {
  const auto failed = [&](HostIndex, const core::Host& host) {
    return resendable(host, false).has_value();
  };
  if (const auto index = find_host(failed)) {
    return {ProfileBatchResent{*resendable(*server_.host(*index), false), "failed"}};
  }
  const Record* record = some_record();
  if (record == nullptr) return {};
  return {ProfileBatchResent{record->upload.profile_uuid, "failed"}};
}

}  // namespace muster::generate
