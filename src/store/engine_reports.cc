// The report fast path: what a host said last, and whether it says it again (ARCHITECTURE.md).
#include <algorithm>
#include <boost/container/small_vector.hpp>

#include "base/hash.h"
#include "base/time.h"
#include "core/verify.h"
#include "muster/recording.h"
#include "store/engine.h"

namespace muster::store {

using base::operator+;

namespace {

/// A reader of recordings asks about so many at once.
constexpr std::size_t kUsualReports = 64;

ReportKind kind_of(const Event& event) {
  return std::holds_alternative<ProfilesReported>(event.body) ? ReportKind::kProfiles
                                                              : ReportKind::kLabels;
}

std::uint64_t generation_of(const core::Catalog& catalog, ReportKind kind, TeamId team) {
  return kind == ReportKind::kProfiles ? catalog.verification_generation(team)
                                       : catalog.membership_generation(team);
}

bool in_calendar(Timestamp time) {
  return time >= kTimestampMin && time <= kTimestampMax;
}

/// The time that the report sets, in whole seconds; nothing for one that is refused.
std::optional<Timestamp> time_of(const Event& event, Timestamp at) {
  Timestamp time = at;
  if (const auto* profiles = std::get_if<ProfilesReported>(&event.body)) {
    time = profiles->detail_updated_at;
  } else {
    time = std::get<HostLabelsReported>(event.body).label_updated_at.value_or(at);
  }
  if (!in_calendar(time) || !in_calendar(event.at)) return std::nullopt;
  return base::round_to_seconds(time);
}

const std::string& host_uuid_of(const Event& event) {
  const auto* profiles = std::get_if<ProfilesReported>(&event.body);
  return profiles != nullptr ? profiles->host_uuid
                             : std::get<HostLabelsReported>(event.body).host_uuid;
}

}  // namespace

/// Sets the time if so. What is known holds for the record as it is in the store: an entry whose
/// record may differ, or that was judged anew, says so. A label report that goes back in time may
/// make a membership unknown again, and is judged.
bool Engine::repeats_known_report(CommitGroup& group, const Event& event, const ReportKey& key,
                                  Timestamp at) {
  if (fan_out_ != nullptr) return false;
  const ReportKind kind = kind_of(event);
  KnownReports& reports = known_reports_[static_cast<std::size_t>(kind)];
  auto known = reports.find(key);
  const bool repeats = known.has_value();
  if (!repeats) known = find_confirmed(reports, event, key);
  if (!known) return false;
  const ReportBasis& basis = report_bases_[known->basis];
  if (basis.generation != generation_of(group.catalog(), kind, basis.team)) return false;
  HostEntry* entry = group.find_loaded(host_uuid_of(event), key.host);
  if (entry != nullptr && (!entry->current || entry->repeat(kind).judged)) return false;
  const std::optional<Timestamp> time = time_of(event, at);
  if (!time) return false;
  if (!repeats && core::find_fault(event, options_.limits)) return false;
  const std::int64_t seconds = time->micros / base::kMicrosPerSecond;
  TimesEntry times = entry != nullptr ? times_of(*entry->current) : group.times(known->ordinal);
  if (kind == ReportKind::kProfiles) {
    times.detail_updated_at = seconds;
    if (entry != nullptr) entry->current->detail_updated_at = *time;
  } else {
    if (seconds < times.label_updated_at) return false;
    times.label_updated_at = seconds;
    if (entry != nullptr) entry->current->label_updated_at = *time;
  }
  if (entry == nullptr) group.set_times(known->ordinal, times);
  ++(repeats ? reports_repeated_ : reports_confirmed_);
  if (!repeats) reports.remember(key, *known);
  return true;
}

std::optional<KnownReport> Engine::find_settled(const KnownReports& reports,
                                                const ReportKey& key) const {
  const auto known = reports.find_host(key);
  if (!known || report_bases_[known->basis].settled == nullptr) return std::nullopt;
  return known;
}

/// What is known of a host whose list is another one, where the list confirms what is expected
/// there.
std::optional<KnownReport> Engine::find_confirmed(const KnownReports& reports, const Event& event,
                                                  const ReportKey& key) const {
  const auto* report = std::get_if<ProfilesReported>(&event.body);
  if (report == nullptr || event.text.unparsed()) return std::nullopt;
  const auto known = find_settled(reports, key);
  if (!known || report->profiles.empty()) return std::nullopt;
  const core::ExpectedSet& expected = *report_bases_[known->basis].settled;
  return core::confirms(expected, report->profiles) ? known : std::nullopt;
}

/// After the report was judged: the same one again would change nothing but a time, or nobody
/// knows.
void Engine::note_report(const CommitGroup& group, const Event& event, const core::Step& step,
                         const ReportKey& key, HostEntry& entry) {
  const ReportKind kind = kind_of(event);
  HostEntry::Repeat& repeat = entry.repeat(kind);
  repeat.judged = true;
  repeat.report.reset();
  if (!entry.current || step.depends_on_time || step.unknown_labels > 0) return;
  const core::Host& host = *entry.current;
  ReportBasis basis{host.team, generation_of(group.catalog(), kind, host.team), nullptr};
  if (kind == ReportKind::kProfiles && core::is_settled(host)) {
    basis.settled = expected_sets_.find(group.catalog(), host);
  }
  repeat.report = {key, std::move(basis)};
}

/// Brings what stands in memory about hosts up to date with a group that is committed.
void Engine::publish_hosts(const CommitGroup& group) {
  // Records have what digests leave.
  std::size_t records = options_.memory.host_cache;
  for (KnownReports& reports : known_reports_) {
    reports.reserve(committed_.next_ordinal);
    records -= reports.bytes();
  }
  host_cache_.bound(records);
  const auto& entries = group.entries();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    prefetch_published(entries, i);
    const auto& entry = entries[i];
    const Timestamp due_before = entry->stored ? entry->stored->due : core::kNotDue;
    const Timestamp due_after = entry->current ? entry->current->due : core::kNotDue;
    if (due_before != due_after) due_hosts_.note(entry->uuid, due_after);
    if (!entry->sealed.empty()) {
      host_cache_.refresh(entry->hash, *entry->current, describe(entry->sealed));
    } else if (entry->stored && !entry->current) {
      host_cache_.erase(entry->hash, entry->uuid);
    }
    for (std::size_t kind = 0; kind < kReportKinds; ++kind) {
      const HostEntry::Repeat& repeat = entry->repeats[kind];
      if (!repeat.judged) continue;
      if (entry->stored) known_reports_[kind].forget(entry->hash, entry->stored->ordinal);
      if (repeat.report) remember_report(static_cast<ReportKind>(kind), *repeat.report, *entry);
    }
  }
}

/// Asks for the memory that publishing entries behind this one will touch.
void Engine::prefetch_published(const CommitGroup::Entries& entries, std::size_t at) const {
  constexpr std::size_t kSetsAhead = 16;
  constexpr std::size_t kRecordsAhead = 8;
  if (at + kSetsAhead < entries.size()) {
    const HostEntry& entry = *entries[at + kSetsAhead];
    host_cache_.prefetch(entry.hash);
    for (std::size_t kind = 0; kind < kReportKinds; ++kind) {
      if (entry.repeats[kind].judged) known_reports_[kind].prefetch_all(entry.hash);
    }
  }
  if (at + kRecordsAhead < entries.size()) {
    host_cache_.prefetch_record(entries[at + kRecordsAhead]->hash);
  }
}

void Engine::remember_report(ReportKind kind, const HostEntry::Repeat::Report& report,
                             const HostEntry& entry) {
  auto number = report_bases_.number_of(report.basis, *catalog_);
  if (!number) {
    for (KnownReports& reports : known_reports_) reports.clear();
    report_bases_.clear();
    number = report_bases_.number_of(report.basis, *catalog_);
  }
  known_reports_[static_cast<std::size_t>(kind)].remember(report.key,
                                                          {entry.current->ordinal, *number});
}

void Engine::find_known(std::span<UnreadReport> reports) const {
  for (UnreadReport& unread : reports) unread.known = false;
  if (options_.memory.known_reports == 0) return;
  const auto known_of = [this](const Event& report) -> const KnownReports& {
    return known_reports_[static_cast<std::size_t>(kind_of(report))];
  };
  // Memory comes while the lists are digested.
  boost::container::small_vector<ReportKey, kUsualReports> keys;
  for (const UnreadReport& unread : reports) {
    const std::string& uuid = host_uuid_of(*unread.report);
    keys.push_back(report_key(uuid, host_hash(uuid), {}));
    known_of(*unread.report).prefetch(keys.back().host);
  }
  for (std::size_t i = 0; i < reports.size(); ++i) {
    Event& report = *reports[i].report;
    report.text.list = list_digest(reports[i].list);
    keys[i].digest = keys[i].digest + report.text.list;
    known_of(report).prefetch_rest(keys[i]);
  }
  for (std::size_t i = 0; i < reports.size(); ++i) {
    reports[i].known = known_of(*reports[i].report).find(keys[i]).has_value();
  }
}

/// The keys of the request's next events. Memory that their judging reads is asked for, in the
/// order in which one place says where the next one is.
void Engine::look_ahead(const Request& request) {
  keys_ahead_.clear();
  hosts_ahead_.clear();
  const auto events = request.events.subspan(
      request.next, std::min(kLookAhead, request.events.size() - request.next));
  for (const Event& event : events) {
    std::optional<ReportKey>& key = keys_ahead_.emplace_back();
    if (options_.memory.known_reports > 0) key = report_key(event);
    if (key) {
      known_reports_[static_cast<std::size_t>(kind_of(event))].prefetch(key->host);
    } else if (const auto host = core::host_of(event)) {
      hosts_ahead_.push_back(host_hash(*host));
    }
  }
  for (std::size_t i = 0; i < events.size(); ++i) {
    const std::optional<ReportKey>& key = keys_ahead_[i];
    if (key) known_reports_[static_cast<std::size_t>(kind_of(events[i]))].prefetch_rest(*key);
  }
  for (std::size_t i = 0; i < events.size(); ++i) {
    const std::optional<ReportKey>& key = keys_ahead_[i];
    if (!key) continue;
    const KnownReports& reports = known_reports_[static_cast<std::size_t>(kind_of(events[i]))];
    auto known = reports.find(*key);
    if (!known) known = find_settled(reports, *key);
    if (known) {
      committed_.times.prefetch(known->ordinal);
    } else {
      hosts_ahead_.push_back(key->host);
    }
  }
  for (const std::uint64_t host : hosts_ahead_) host_cache_.prefetch(host);
  for (const std::uint64_t host : hosts_ahead_) host_cache_.prefetch_record(host);
  for (const std::uint64_t host : hosts_ahead_) {
    if (const auto ordinal = host_cache_.guess_ordinal(host)) committed_.times.prefetch(*ordinal);
  }
}

}  // namespace muster::store
