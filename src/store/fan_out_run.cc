#include "store/fan_out_run.h"

#include <algorithm>

#include "base/contract.h"
#include "base/utf8.h"
#include "codec/envelope.h"
#include "core/command_uuid.h"
#include "core/fan_out.h"
#include "muster/recording.h"
#include "store/damage.h"

namespace muster::store {
namespace {

/// A window also ends when it has read this many times its records without changing them: nobody
/// waits for a long walk.
constexpr std::uint64_t kSeenPerWindowHost = 16;
/// Where somebody waits, a window is as much smaller.
constexpr std::uint64_t kHastyShare = 8;

/// The least key greater than `key`.
std::string successor(std::string_view key) {
  return std::string(key).append(1, '\0');
}

}  // namespace

/// Numbers for the commands of a pass: named by the recording, or made up.
class FanOutRun::Issuer : public core::CommandIssuer {
 public:
  Issuer(FanOutRun& run, CommitGroup& group) : run_(run), group_(group) {}

  core::CommandNumber issue(Operation operation, const core::ProfileVersion& version,
                            std::string_view host_uuid, bool per_host) override {
    if (run_.listed_) return issue_listed(operation, version, host_uuid);
    if (run_.live_ != nullptr) return issue_live(operation, version, host_uuid, per_host);
    const auto key = std::pair(operation, version.profile);
    if (!per_host) {
      const auto at = run_.shared_commands_.find(key);
      if (at != run_.shared_commands_.end()) return at->second;
    }
    const std::string uuid =
        core::make_command_uuid(run_.record_.source, run_.record_.number, operation,
                                version.profile_uuid, per_host ? host_uuid : std::string_view());
    const core::CommandNumber number = intern(uuid, operation, version);
    if (!per_host) run_.shared_commands_.emplace(key, number);
    return number;
  }

  const Status& status() const { return status_; }

 private:
  core::CommandNumber issue_listed(Operation operation, const core::ProfileVersion& version,
                                   std::string_view host_uuid) {
    const auto listed = run_.listed_->take(operation, version.profile_uuid, host_uuid);
    if (!listed) {
      Divergences& divergences = run_.divergences_;
      ++divergences.commands_not_listed;
      if (divergences.example.empty()) {
        divergences.example = "needed and not listed: " + std::string(name_of(operation)) +
                              " of profile " + version.profile_uuid + " on host " +
                              std::string(host_uuid);
      }
      return core::kNoCommand;
    }
    const std::string& uuid = (*run_.pass()->commands)[*listed].command_uuid;
    const core::CommandNumber number = intern(uuid, operation, version);
    if (run_.record_.handed_out) group_.outbox().hand_out(number);
    return number;
  }

  core::CommandNumber issue_live(Operation operation, const core::ProfileVersion& version,
                                 std::string_view host_uuid, bool per_host) {
    LivePass& live = *run_.live_;
    const bool install = operation == Operation::kInstall;
    const auto key =
        std::pair(operation, std::uint64_t{install ? core::to_integer(version.number)
                                                   : core::to_integer(version.profile)});
    LivePass::Issued fresh;
    auto shared = per_host ? live.shared.end() : live.shared.find(key);
    if (shared == live.shared.end()) {
      fresh.uuid = live.uuids();
      fresh.number = intern_new(fresh.uuid, operation, version);
      if (fresh.number == core::kNoCommand) return fresh.number;
      ++live.report.commands_issued;
      if (!per_host) shared = live.shared.emplace(key, fresh).first;
    }
    const LivePass::Issued& issued = per_host ? fresh : shared->second;
    group_.outbox().hand_out(issued.number);
    live.note(issued.number, operation, version.profile_uuid, issued.uuid, host_uuid);
    return issued.number;
  }

  core::CommandNumber intern_new(const std::string& uuid, Operation operation,
                                 const core::ProfileVersion& version) {
    const auto known = group_.find_command(uuid);
    if (uuid.empty() || uuid.size() > kIdBytesMax || !base::is_utf8(uuid)) {
      refuse("the uuid source gave what is not 1 to 1024 bytes of UTF-8");
    } else if (!known.ok()) {
      if (status_.ok()) status_ = known.status();
    } else if (*known) {
      refuse("the uuid source gave " + uuid + ", which names another command");
    } else {
      const auto number = group_.intern_command(uuid, operation, version, run_.event_.at, true);
      if (number.ok()) return *number;
      if (status_.ok()) status_ = number.status();
    }
    return core::kNoCommand;
  }

  void refuse(std::string why) {
    if (status_.ok()) status_ = Status(StatusCode::kInvalidArgument, std::move(why));
  }

  core::CommandNumber intern(std::string_view uuid, Operation operation,
                             const core::ProfileVersion& version) {
    const auto number =
        group_.intern_command(uuid, operation, version, run_.event_.at, run_.record_.handed_out);
    if (number.ok()) return *number;
    if (status_.ok()) status_ = number.status();
    return core::kNoCommand;
  }

  FanOutRun& run_;
  CommitGroup& group_;
  Status status_;
};

FanOutRun::FanOutRun(Event event, FanOutRecord record, LivePass* live)
    : event_(std::move(event)), record_(std::move(record)), live_(live) {
  if (const Reconciled* reconciled = pass(); reconciled != nullptr && reconciled->commands) {
    listed_.emplace(*reconciled->commands);
  }
  if (auto* taken_back = std::get_if<CommandNotSent>(&event_.body);
      taken_back != nullptr && taken_back->hosts) {
    std::sort(taken_back->hosts->begin(), taken_back->hosts->end());
  }
}

Result<std::unique_ptr<FanOutRun>> FanOutRun::resume(const FanOutRecord& record,
                                                     const FanOutProgress& progress) {
  Event event = parse_canonical_line(record.event);
  if (std::holds_alternative<Unreadable>(event.body)) {
    return damaged("meta", kFanOutKey, std::get<Unreadable>(event.body).reason);
  }
  auto run = std::make_unique<FanOutRun>(std::move(event), record);
  run->progress_ = progress;
  run->persisted_ = true;
  return run;
}

/// A live pass is the first in its group: all hosts are in the database. It ends with its window.
Status FanOutRun::begin_live(CommitGroup& group, const FanOutGround& ground) {
  MUSTER_ASSERT(group.entries().empty());
  const PassChain& passes = group.passes();
  const bool anew = !live_->begun && group.catalog().newest_epoch() > passes.started;
  live_->goes_on |= !live_->begun && !anew && passes.under_way();
  live_->begun = true;
  Reconciled& window = std::get<Reconciled>(event_.body);
  if (passes.under_way() && !anew) window.after = passes.through;
  live_->begin_window(window.after);
  if (group.catalog().newest_epoch() > passes.last_full) {
    progress_.phase = FanOutPhase::kHosts;
    return {};
  }
  Result<DueHosts::Found> due = ground.due.find(ground.database, window.after.value_or(""),
                                                event_.at, ground.tuning.window_hosts);
  if (!due.ok()) return due.status();
  due_ = std::move(due->hosts);
  if (due->more) window.through = due_.back();
  progress_.phase = FanOutPhase::kListed;
  return {};
}

Status FanOutRun::begin(CommitGroup& group, const FanOutGround& ground) {
  if (live_ != nullptr) return begin_live(group, ground);
  if (pass() != nullptr) {
    const bool scopes_moved = group.catalog().newest_epoch() > group.last_full_pass();
    progress_.phase = scopes_moved ? FanOutPhase::kHosts : FanOutPhase::kDueNow;
  } else if (std::holds_alternative<ProfileDeleted>(event_.body)) {
    const auto& profiles = group.committed_totals().profiles;
    const bool rows = profiles.find(record_.profile) != profiles.end();
    progress_.phase = rows ? FanOutPhase::kHosts : FanOutPhase::kDone;
  } else if (std::holds_alternative<ProfileBatchResent>(event_.body)) {
    progress_.phase = FanOutPhase::kFailed;
  } else {
    const bool listed = std::get<CommandNotSent>(event_.body).hosts.has_value();
    progress_.phase = listed ? FanOutPhase::kListed : FanOutPhase::kHosts;
  }
  // What the group changed before this event is not in the database yet.
  for (std::size_t i = 0; i < group.entries().size(); ++i) {
    const Status status = visit_entry(group, *group.entries()[i], false);
    if (!status.ok()) return status;
  }
  return {};
}

bool FanOutRun::in_range(std::string_view host_uuid) const {
  if (const Reconciled* reconciled = pass()) {
    return (!reconciled->after || host_uuid > *reconciled->after) &&
           (!reconciled->through || host_uuid <= *reconciled->through);
  }
  if (const auto* taken_back = std::get_if<CommandNotSent>(&event_.body)) {
    return !taken_back->hosts ||
           std::binary_search(taken_back->hosts->begin(), taken_back->hosts->end(), host_uuid);
  }
  return true;
}

Result<bool> FanOutRun::change(CommitGroup& group, core::Host& host) {
  const core::Catalog& catalog = group.catalog();
  if (pass() != nullptr) {
    Issuer issuer(*this, group);
    const core::HostPass pass = core::reconcile_host(group.policy(), group.limits(), catalog,
                                                     event_.at, record_.sequence, host, issuer);
    if (!issuer.status().ok()) return issuer.status();
    divergences_.rows_over_limit += pass.rows_over_limit;
    return pass.changed;
  }
  if (std::holds_alternative<ProfileDeleted>(event_.body)) {
    return core::delete_profile_on_host(catalog, record_.profile, host);
  }
  if (std::holds_alternative<ProfileBatchResent>(event_.body)) {
    return core::resend_failed_on_host(catalog, record_.profile, host);
  }
  return core::take_back_command_on_host(record_.command, host);
}

bool FanOutRun::concerns(const CommitGroup& group, const core::Host& host) const {
  if (host.last_fan_out == record_.sequence || !in_range(host.uuid)) return false;
  return pass() == nullptr ||
         core::wants_visit(group.catalog(), host, event_.at, group.last_full_pass());
}

/// `before` is the host as it is.
Result<bool> FanOutRun::visit(CommitGroup& group, const std::optional<core::Host>& before,
                              std::optional<core::Host>& host) {
  const Result<bool> moved = change(group, *host);
  if (!moved.ok()) return moved;
  changed_any_ |= *moved;
  if (live_ != nullptr && *moved) ++live_->report.hosts_changed;
  if (group.changes().on()) {
    group.changes().note(group.catalog(), record_.sequence, event_, event_.at, before, host);
  }
  if (host->same_record(*before)) return false;
  mark(*host);
  return true;
}

Status FanOutRun::visit_entry(CommitGroup& group, HostEntry& entry, bool always_mark) {
  entry.forget_repeats();
  if (!entry.current) return {};
  if (concerns(group, *entry.current)) {
    const std::optional<core::Host> before = entry.current;
    const Result<bool> changed = visit(group, before, entry.current);
    if (!changed.ok()) return changed.status();
  }
  if (always_mark) mark(*entry.current);
  return {};
}

Status FanOutRun::visit_before_event(CommitGroup& group, HostEntry& entry) {
  return visit_entry(group, entry, true);
}

Status FanOutRun::visit_stored(CommitGroup& group, std::string_view uuid, std::string_view sealed) {
  ++seen_in_window_;
  const std::uint64_t hash = host_hash(uuid);
  HostEntry* loaded = group.find_loaded(uuid, hash);
  if (loaded != nullptr) return visit_entry(group, *loaded, false);
  const Result<HostEntry*> examined = group.examine(uuid, hash, sealed);
  if (!examined.ok()) return examined.status();
  HostEntry& entry = **examined;
  if (!concerns(group, *entry.stored)) return {};
  entry.current = entry.stored;
  const Result<bool> changed = visit(group, entry.stored, entry.current);
  if (!changed.ok()) return changed.status();
  if (!*changed) return {};
  ++changed_in_window_;
  entry.forget_repeats();
  group.adopt_examined();
  return {};
}

bool FanOutRun::window_full(const CommitGroup& group, const Tuning& tuning) const {
  const std::uint64_t share = *somebody_waits_ ? kHastyShare : 1;
  const std::uint64_t changed_max = std::max<std::uint64_t>(tuning.window_hosts / share, 1);
  return changed_in_window_ >= changed_max || seen_in_window_ >= kSeenPerWindowHost * changed_max ||
         (live_ != nullptr && live_->window_full()) ||
         group.loaded_bytes() - bytes_before_window_ >= tuning.window_bytes;
}

std::pair<std::string, std::string> FanOutRun::key_range() const {
  const Reconciled* reconciled = pass();
  const bool ranged_below = reconciled != nullptr && reconciled->after.has_value();
  const bool ranged_above = reconciled != nullptr && reconciled->through.has_value();
  std::string begin;
  std::string end;
  switch (progress_.phase) {
    case FanOutPhase::kHosts:
      if (ranged_below) begin = successor(*reconciled->after);
      if (ranged_above) end = successor(*reconciled->through);
      break;
    case FanOutPhase::kDueNow:
      begin = ranged_below ? successor(due_key(core::kDueNow, *reconciled->after))
                           : due_key(core::kDueNow, {});
      end = ranged_above ? successor(due_key(core::kDueNow, *reconciled->through))
                         : std::string(1, kDueLaterPrefix);
      break;
    case FanOutPhase::kDueLater:
      begin = std::string(1, kDueLaterPrefix);
      end = due_later_prefix(Timestamp{event_.at.micros + 1});
      break;
    case FanOutPhase::kFailed:
      begin = failed_prefix(record_.profile);
      end = after_prefix(begin);
      break;
    case FanOutPhase::kListed:
    case FanOutPhase::kDone:
      break;
  }
  if (!progress_.last_key.empty()) begin = successor(progress_.last_key);
  return {std::move(begin), std::move(end)};
}

const std::vector<std::string>& FanOutRun::listed_hosts() const {
  return live_ != nullptr ? due_ : *std::get<CommandNotSent>(event_.body).hosts;
}

Result<bool> FanOutRun::walk_listed(CommitGroup& group, const Tuning& tuning) {
  for (const std::string& uuid : listed_hosts()) {
    if (!progress_.last_key.empty() && uuid <= progress_.last_key) continue;
    if (window_full(group, tuning)) return false;
    const Result<HostEntry*> entry = group.host(uuid, host_hash(uuid));
    if (!entry.ok()) return entry.status();
    if (Status status = visit_entry(group, **entry, false); !status.ok()) return status;
    ++changed_in_window_;
    progress_.last_key = uuid;
  }
  return true;
}

Result<bool> FanOutRun::walk(CommitGroup& group, const FanOutGround& ground) {
  if (progress_.phase == FanOutPhase::kListed) return walk_listed(group, ground.tuning);
  const bool hosts = progress_.phase == FanOutPhase::kHosts;
  const bool failed = progress_.phase == FanOutPhase::kFailed;
  const Family family = hosts ? Family::kHosts : failed ? Family::kFailed : Family::kDue;
  const auto [begin, end] = key_range();
  Scan scan(ground.database, family, begin, end, nullptr);
  for (; scan.valid(); scan.next()) {
    if (window_full(group, ground.tuning)) return false;
    if (hosts) {
      if (Status s = visit_stored(group, scan.key(), scan.value()); !s.ok()) return s;
    } else {
      const std::string_view key = scan.key();
      const auto due = failed ? std::nullopt : parse_due_key(key);
      const auto row = failed ? parse_failed_key(key) : std::nullopt;
      const std::string_view uuid = row ? row->host_uuid : due ? due->host_uuid : "";
      ++seen_in_window_;
      if (in_range(uuid)) {
        const Result<HostEntry*> entry = group.host(uuid, host_hash(uuid));
        if (!entry.ok()) return entry.status();
        if (Status s = visit_entry(group, **entry, false); !s.ok()) return s;
        ++changed_in_window_;
      }
    }
    progress_.last_key = scan.key();
  }
  if (Status status = scan.status(); !status.ok()) return status;
  return true;
}

FanOutPhase FanOutRun::phase_after(FanOutPhase phase) const {
  return phase == FanOutPhase::kDueNow ? FanOutPhase::kDueLater : FanOutPhase::kDone;
}

Result<bool> FanOutRun::run_window(CommitGroup& group, const FanOutGround& ground,
                                   const std::atomic<bool>& somebody_waits) {
  somebody_waits_ = &somebody_waits;
  changed_in_window_ = 0;
  seen_in_window_ = 0;
  bytes_before_window_ = group.loaded_bytes();
  while (progress_.phase != FanOutPhase::kDone) {
    const Result<bool> done = walk(group, ground);
    if (!done.ok()) return done;
    if (!*done) {
      if (live_ == nullptr) return false;
      std::get<Reconciled>(event_.body).through = progress_.last_key;
      break;
    }
    progress_ = {phase_after(progress_.phase), {}};
  }
  if (pass() != nullptr) finish_pass(group);
  return true;
}

void FanOutRun::finish_pass(CommitGroup& group) {
  const Reconciled& reconciled = *pass();
  group.passes().add(record_.sequence, reconciled.after, reconciled.through);
  if (live_ == nullptr) return;
  live_->window.through = reconciled.through;
  live_->at = event_.at;
  ++live_->report.windows;
  live_->report.rows_held_back += divergences_.rows_over_limit;
  live_->report.complete = !reconciled.through && !live_->goes_on;
  if (!reconciled.through) live_->goes_on = false;
}

EventResult FanOutRun::result() {
  EventResult result;
  const bool deleted = std::holds_alternative<ProfileDeleted>(event_.body);
  result.outcome = changed_any_ || deleted ? Outcome::kApplied : Outcome::kUnchanged;
  if (listed_ && listed_->not_needed() > 0) {
    divergences_.commands_not_needed = listed_->not_needed();
    if (divergences_.example.empty()) divergences_.example = listed_->first_not_needed();
  }
  if (divergences_.total() > 0) {
    result.divergences = std::make_unique<Divergences>(std::move(divergences_));
  }
  return result;
}

}  // namespace muster::store
