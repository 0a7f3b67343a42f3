#include "tests/support/fleet.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <utility>

namespace muster::test {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kHour = 3600 * kSecond;
constexpr Timestamp kFirstDay{1'748'736'000 * kSecond};
constexpr std::size_t kFoundingLabels = 9;
constexpr std::size_t kProfilesATeam = 6;
constexpr std::uint64_t kIdentifiers = 12;
constexpr std::size_t kSentMax = 4096;

constexpr std::array<std::int64_t, 11> kNudges = {-kSecond, -500'001, -500'000, -499'999, -1,     0,
                                                  1,        499'999,  500'000,  500'001,  kSecond};

Checksum checksum_of(std::string_view identifier, unsigned variant) {
  Checksum checksum{};
  for (std::size_t i = 0; i < identifier.size(); ++i) {
    checksum[i % checksum.size()] ^= static_cast<std::uint8_t>(identifier[i]);
  }
  checksum[0] = static_cast<std::uint8_t>(variant);
  return checksum;
}

template <typename T>
T take(std::vector<T>& items, std::size_t index) {
  T item = std::move(items[index]);
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(index));
  return item;
}

}  // namespace

std::uint64_t seed_or(std::uint64_t usual) {
  const char* given = std::getenv("MUSTER_SEED");
  return given == nullptr ? usual : std::strtoull(given, nullptr, 10);
}

Fleet::Fleet(const FleetOptions& options, const FleetView& view)
    : random_(options.seed), options_(options), view_(view), now_(kFirstDay) {}

Timestamp Fleet::nudged(Timestamp time) {
  return {time.micros + kNudges[below(kNudges.size())]};
}

Timestamp Fleet::later(std::int64_t seconds) const {
  return {now_.micros + seconds * kSecond};
}

void Fleet::advance() {
  const std::uint64_t kind = below(100);
  if (kind < 30) return;
  if (kind < 80) now_.micros += static_cast<std::int64_t>(below(20)) * kSecond;
  if (kind >= 80 && kind < 97) now_.micros += static_cast<std::int64_t>(below(600 * kSecond));
  if (kind >= 97) now_.micros += static_cast<std::int64_t>(below(kHour));
}

Event Fleet::next() {
  struct Choice {
    unsigned weight;
    Maker make;
  };
  static constexpr std::array<Choice, 26> kChoices = {{
      {260, &Fleet::answer},
      {40, &Fleet::answer_late},
      {20, &Fleet::install_result},
      {240, &Fleet::report},
      {80, &Fleet::report_labels},
      {40, &Fleet::transfer},
      {25, &Fleet::reconcile},
      {10, &Fleet::reconcile_range},
      {12, &Fleet::upload_edit},
      {8, &Fleet::upload_new},
      {6, &Fleet::upload_again},
      {9, &Fleet::delete_profile},
      {5, &Fleet::make_label},
      {3, &Fleet::drop_label},
      {8, &Fleet::add_host},
      {6, &Fleet::enrol},
      {5, &Fleet::unenrol},
      {4, &Fleet::delete_host},
      {12, &Fleet::change_user_channel},
      {25, &Fleet::resend},
      {5, &Fleet::resend_failed},
      {6, &Fleet::not_sent},
      {2, &Fleet::change_policy},
      {15, &Fleet::bad},
      {5, &Fleet::bad_upload},
      {1, &Fleet::make_label},
  }};
  Event event;
  if (founded_ <= options_.hosts + kFoundingLabels + options_.teams * kProfilesATeam) {
    event.body = founding();
    event.at = now_;
    return event;
  }
  advance();
  unsigned total = 0;
  for (const Choice& choice : kChoices) total += choice.weight;
  std::uint64_t left = below(total);
  std::size_t index = 0;
  while (left >= kChoices[index].weight) left -= kChoices[index++].weight;
  event.body = (this->*kChoices[index].make)();
  event.at = now_;
  // A time that goes back, on any type.
  if (chance(1)) event.at.micros -= 1 + static_cast<std::int64_t>(below(kHour));
  return event;
}

EventBody Fleet::founding() {
  const std::size_t step = founded_++;
  now_.micros += static_cast<std::int64_t>(below(2 * kSecond));
  if (step < kFoundingLabels) return make_label();
  if (step < kFoundingLabels + options_.teams * kProfilesATeam) return upload_new();
  if (step == options_.hosts + kFoundingLabels + options_.teams * kProfilesATeam) {
    return Reconciled{};
  }
  hosts_.push_back(new_host());
  return added(hosts_.back());
}

EventBody Fleet::make_label() {
  constexpr std::array kMemberships = {LabelMembership::kDynamic, LabelMembership::kDynamic,
                                       LabelMembership::kManual, LabelMembership::kHostVitals};
  LabelCreated event;
  event.membership = kMemberships[below(kMemberships.size())];
  if (!gone_labels_.empty() && chance(50)) {
    event.label = take(gone_labels_, below(gone_labels_.size()));
  } else {
    event.label = "label " + std::to_string(++serial_);
  }
  labels_.push_back({event.label, now_});
  return event;
}

EventBody Fleet::drop_label() {
  if (labels_.size() < 4) return LabelDeleted{"no such label"};
  gone_labels_.push_back(take(labels_, below(labels_.size())).name);
  return LabelDeleted{gone_labels_.back()};
}

std::vector<std::string> Fleet::some_labels(std::size_t most) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < most && !labels_.empty(); ++i) {
    if (i == 0 || chance(60)) names.push_back(pick(labels_).name);
  }
  return names;
}

void Fleet::target(ProfileUploaded& profile) {
  profile.labels_include_all.clear();
  profile.labels_include_any.clear();
  profile.labels_exclude_any.clear();
  const std::uint64_t kind = below(100);
  if (kind < 45) return;
  if (kind < 60) profile.labels_include_all = some_labels(2);
  if (kind >= 60 && kind < 75) profile.labels_include_any = some_labels(3);
  if (kind >= 75 && kind < 82) profile.labels_include_all = some_labels(1);
  if (kind >= 75) profile.labels_exclude_any = some_labels(2);
}

void Fleet::content(ProfileUploaded& profile, unsigned variant) {
  profile.checksum = checksum_of(profile.identifier, variant);
  profile.uploaded_at = chance(70) ? now_ : later(-static_cast<std::int64_t>(below(100'000)));
  profile.per_host_variables = chance(15);
  if (chance(15)) profile.secrets_updated_at = nudged(profile.uploaded_at);
}

EventBody Fleet::upload_new() {
  ProfileUploaded event;
  event.team_id = static_cast<TeamId>(below(options_.teams));
  event.identifier = "com.example.p" + std::to_string(below(kIdentifiers));
  for (int tries = 0; tries < 20; ++tries) {
    const bool taken = std::any_of(profiles_.begin(), profiles_.end(), [&](const auto& other) {
      return other.team_id == event.team_id && other.identifier == event.identifier;
    });
    if (!taken) break;
    event.identifier = "com.example.p" + std::to_string(below(kIdentifiers));
  }
  ++serial_;
  // Uuids whose order is not that of their making.
  event.profile_uuid = "p" + std::to_string(below(10)) + "-" + std::to_string(serial_);
  event.name = chance(5) ? "Fleetd configuration" : "Profile " + std::to_string(serial_);
  event.scope = chance(20) ? Scope::kUser : Scope::kSystem;
  content(event, static_cast<unsigned>(below(2)));
  target(event);
  profiles_.push_back(event);
  return event;
}

EventBody Fleet::upload_edit() {
  if (profiles_.empty()) return upload_new();
  ProfileUploaded& profile = pick(profiles_);
  const std::uint64_t kind = below(100);
  if (kind < 40) content(profile, static_cast<unsigned>(below(3)));
  if (kind >= 40 && kind < 70) target(profile);
  if (kind >= 70 && kind < 80) profile.secrets_updated_at = nudged(now_);
  if (kind >= 80 && kind < 85) profile.secrets_updated_at.reset();
  if (kind >= 85 && kind < 90) profile.name = "Renamed " + std::to_string(++serial_);
  if (kind >= 90) profile.uploaded_at = now_;
  return profile;
}

EventBody Fleet::upload_again() {
  if (gone_profiles_.empty()) return upload_new();
  ProfileUploaded event = take(gone_profiles_, below(gone_profiles_.size()));
  if (chance(70)) event.team_id = static_cast<TeamId>(below(options_.teams));
  if (chance(20)) event.identifier = "com.example.p" + std::to_string(below(kIdentifiers));
  if (chance(20)) event.scope = Scope::kUser;
  event.name = "Again " + std::to_string(++serial_);
  content(event, static_cast<unsigned>(below(2)));
  target(event);
  profiles_.push_back(event);
  return event;
}

EventBody Fleet::delete_profile() {
  if (profiles_.size() < options_.teams * 2) return upload_new();
  gone_profiles_.push_back(take(profiles_, below(profiles_.size())));
  return ProfileDeleted{gone_profiles_.back().profile_uuid};
}

Fleet::KnownHost Fleet::new_host() {
  KnownHost host;
  host.uuid = "H" + std::to_string(below(1000)) + "-" + std::to_string(++serial_);
  const std::uint64_t kind = below(100);
  if (kind >= 70) host.platform = Platform::kIos;
  if (kind >= 82) host.platform = Platform::kIpados;
  if (kind >= 94) host.platform = Platform::kWindows;
  return host;
}

HostAdded Fleet::added(KnownHost& host) {
  HostAdded event;
  event.host_uuid = host.uuid;
  event.platform = host.platform;
  event.team_id = static_cast<TeamId>(below(options_.teams));
  event.enrolled = chance(95);
  event.user_channel = chance(50);
  host.enrolled_at = now_;
  if (chance(20)) {
    host.enrolled_at = later(-static_cast<std::int64_t>(below(9000)));
    event.enrolled_at = host.enrolled_at;
  }
  if (chance(20)) event.detail_updated_at = nudged(now_);
  return event;
}

EventBody Fleet::add_host() {
  if (!gone_hosts_.empty() && chance(50)) {
    hosts_.push_back(take(gone_hosts_, below(gone_hosts_.size())));
    hosts_.back().labels.clear();
    return added(hosts_.back());
  }
  if (chance(50)) {
    HostAdded known = added(pick(hosts_));
    known.platform = chance(70) ? known.platform : Platform::kIpados;
    return known;
  }
  hosts_.push_back(new_host());
  return added(hosts_.back());
}

EventBody Fleet::enrol() {
  KnownHost& host = pick(hosts_);
  HostEnrolled event;
  event.host_uuid = host.uuid;
  host.enrolled_at = now_;
  if (chance(30)) event.user_channel = chance(50);
  if (chance(30)) {
    host.enrolled_at = later(-static_cast<std::int64_t>(below(9000)));
    event.enrolled_at = host.enrolled_at;
  }
  return event;
}

EventBody Fleet::unenrol() {
  return HostUnenrolled{pick(hosts_).uuid};
}

EventBody Fleet::delete_host() {
  if (hosts_.size() < 10) return add_host();
  gone_hosts_.push_back(take(hosts_, below(hosts_.size())));
  return HostDeleted{gone_hosts_.back().uuid};
}

EventBody Fleet::transfer() {
  return HostTransferred{pick(hosts_).uuid, static_cast<TeamId>(below(options_.teams + 1))};
}

EventBody Fleet::report_labels() {
  KnownHost& host = pick(hosts_);
  if (!chance(25)) {
    host.labels.clear();
    for (const KnownLabel& label : labels_) {
      if (chance(40)) host.labels.push_back(label.name);
    }
  }
  HostLabelsReported event;
  event.host_uuid = host.uuid;
  event.labels = host.labels;
  if (chance(5)) event.labels.push_back("never made");
  if (chance(10) && !event.labels.empty()) event.labels.push_back(event.labels.front());
  if (chance(40) && !labels_.empty()) event.label_updated_at = nudged(pick(labels_).created_at);
  return event;
}

EventBody Fleet::change_user_channel() {
  return UserChannelChanged{pick(hosts_).uuid, chance(60)};
}

EventBody Fleet::reconcile() {
  // Often just when a host's wait for its user channel ends.
  if (chance(40)) {
    const Timestamp ends{pick(hosts_).enrolled_at.micros + 2 * kHour};
    if (ends > now_) now_ = Timestamp{std::max(now_.micros, nudged(ends).micros)};
  }
  return Reconciled{};
}

EventBody Fleet::reconcile_range() {
  Reconciled event;
  if (chance(80)) event.after = pick(hosts_).uuid;
  if (chance(80)) event.through = pick(hosts_).uuid;
  return event;
}

CommandResult Fleet::answer_to(const SentCommand& command) {
  CommandResult event;
  event.host_uuid = command.host_uuid;
  event.command_uuid = command.command_uuid;
  const std::uint64_t kind = below(100);
  if (kind < 55) {
    event.status = "Acknowledged";
  } else if (kind < 80) {
    event.status = chance(80) ? "Error" : "CommandFormatError";
    ErrorChainEntry entry{89, "MDMClientError", std::nullopt, "Profile not found"};
    if (chance(70)) entry = {12021, "MCInstallationErrorDomain", "lokal", std::nullopt};
    event.error_chain = std::vector{entry};
    if (chance(30)) event.detail = "a \"text\" \\ with\na second line and \xC3\xA4";
  } else if (kind < 90) {
    event.status = "NotNow";
  } else {
    event.status = kind < 95 ? "Idle" : "Rejected";
  }
  return event;
}

EventBody Fleet::answer() {
  for (int tries = 0; tries < 8; ++tries) {
    const std::string& host = pick(hosts_).uuid;
    std::vector<ProfileState> rows = view_.rows(host);
    std::erase_if(rows, [](const ProfileState& row) { return row.command_uuid.empty(); });
    if (rows.empty()) continue;
    const ProfileState* row = &pick(rows);
    for (int again = 0; again < 3 && row->status != DeliveryStatus::kPending; ++again) {
      row = &pick(rows);
    }
    const SentCommand command{host, row->command_uuid};
    if (sent_.size() < kSentMax) {
      sent_.push_back(command);
    } else {
      pick(sent_) = command;
    }
    return answer_to(command);
  }
  return report();
}

EventBody Fleet::answer_late() {
  if (sent_.empty()) return answer();
  SentCommand command = pick(sent_);
  if (chance(10)) command.host_uuid = pick(hosts_).uuid;
  if (chance(10)) command.command_uuid = "never issued";
  return answer_to(command);
}

EventBody Fleet::install_result() {
  constexpr std::array kStatuses = {DeliveryStatus::kUnsent, DeliveryStatus::kPending,
                                    DeliveryStatus::kVerifying, DeliveryStatus::kVerified,
                                    DeliveryStatus::kFailed};
  InstallResult event;
  event.host_uuid = pick(hosts_).uuid;
  event.status = kStatuses[below(kStatuses.size())];
  if (chance(50)) event.detail = "given";
  const std::vector<ProfileState> rows = view_.rows(event.host_uuid);
  if (!rows.empty()) event.command_uuid = rows[below(rows.size())].command_uuid;
  if (chance(10)) event.command_uuid = chance(50) ? "" : "never issued";
  return event;
}

Timestamp Fleet::some_upload() {
  return profiles_.empty() ? now_ : pick(profiles_).uploaded_at;
}

EventBody Fleet::report() {
  ProfilesReported event;
  event.host_uuid = pick(hosts_).uuid;
  event.detail_updated_at = now_;
  if (chance(30)) event.detail_updated_at = nudged({some_upload().micros + kHour});
  const std::uint64_t kind = below(100);
  for (const ProfileState& row : view_.rows(event.host_uuid)) {
    if (kind >= 60 && chance(kind < 90 ? 40 : 85)) continue;
    const Timestamp installed = chance(70) ? now_ : nudged(some_upload());
    if (chance(5)) event.profiles.add(row.identifier, "", later(-200'000));
    event.profiles.add(row.identifier, row.name, installed);
    if (chance(3)) event.profiles.add(row.identifier, "", later(-200'000));
  }
  if (kind < 97) event.profiles.add("com.other.vendor", "Other", now_);
  return event;
}

std::string Fleet::some_profile_uuid() {
  if (!gone_profiles_.empty() && chance(10)) return pick(gone_profiles_).profile_uuid;
  return profiles_.empty() ? "no such profile" : pick(profiles_).profile_uuid;
}

EventBody Fleet::resend() {
  ProfileResent event{pick(hosts_).uuid, some_profile_uuid()};
  const std::vector<ProfileState> rows = view_.rows(event.host_uuid);
  if (!rows.empty() && chance(90)) event.profile_uuid = rows[below(rows.size())].profile_uuid;
  return event;
}

EventBody Fleet::resend_failed() {
  return ProfileBatchResent{some_profile_uuid(), chance(95) ? "failed" : "verified"};
}

EventBody Fleet::not_sent() {
  CommandNotSent event;
  event.command_uuid = "never issued";
  std::vector<std::string> listed;
  for (int tries = 0; tries < 5; ++tries) {
    listed.push_back(pick(hosts_).uuid);
    for (const ProfileState& row : view_.rows(listed.back())) {
      if (row.status == DeliveryStatus::kPending && !row.command_uuid.empty()) {
        event.command_uuid = row.command_uuid;
      }
    }
  }
  listed.push_back("no such host");
  if (chance(60)) event.hosts = listed;
  return event;
}

EventBody Fleet::change_policy() {
  PolicyChanged event;
  if (chance(50)) event.max_retries_apple = static_cast<std::int64_t>(below(4));
  if (chance(20)) event.grace_seconds = chance(50) ? 3600 : 0;
  if (chance(40)) event.user_channel_wait_seconds = chance(50) ? 7200 : 60;
  if (chance(40)) {
    event.late_results = chance(50) ? LateResults::kUpstream : LateResults::kIgnoreStale;
  }
  if (chance(5)) event.max_retries_apple = 255;
  return event;
}

EventBody Fleet::bad() {
  switch (below(10)) {
    case 0:
      return Unreadable{"not a line of the recording"};
    case 1:
      return HostTransferred{"no such host", 1};
    case 2:
      return HostUnenrolled{std::string(kIdBytesMax + 1, 'h')};
    case 3:
      return ProfileDeleted{"no such profile"};
    case 4:
      return LabelDeleted{"no such label"};
    case 5:
      return HostUnenrolled{"bad \xFF bytes"};
    case 6:
      return HostDeleted{""};
    case 7:
      return ProfileResent{"no such host", some_profile_uuid()};
    case 8:
      return answer_to({"no such host", sent_.empty() ? "x" : pick(sent_).command_uuid});
    default:
      return ProfilesReported{"no such host", now_, {}};
  }
}

EventBody Fleet::bad_upload() {
  if (profiles_.size() < 2) return bad();
  ProfileUploaded event = pick(profiles_);
  switch (below(6)) {
    case 0:
      event.scope = event.scope == Scope::kUser ? Scope::kSystem : Scope::kUser;
      break;
    case 1:
      event.profile_uuid += "-other";
      break;
    case 2:
      event.identifier += "-other";
      event.name += "-other";
      break;
    case 3:
      event.name = pick(profiles_).name;
      break;
    case 4:
      event.labels_exclude_any = {"no such label"};
      break;
    default:
      event.labels_include_all = some_labels(1);
      event.labels_include_any = some_labels(1);
      break;
  }
  return event;
}

}  // namespace muster::test
