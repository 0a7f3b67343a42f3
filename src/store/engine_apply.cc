#include <algorithm>

#include "base/contract.h"
#include "core/step.h"
#include "muster/recording.h"
#include "store/engine.h"

namespace muster::store {
namespace {

EventResult outcome(Outcome kind, std::string detail = {}) {
  EventResult result;
  result.outcome = kind;
  result.detail = std::move(detail);
  return result;
}

/// Source of events that come without a position.
constexpr std::string_view kLive;

/// Errors that are the caller's: the group forgets the request, and the store goes on.
bool is_callers(const Status& status) {
  return status.code() == StatusCode::kInvalidArgument;
}

}  // namespace

bool about_fleet(const Event& event) {
  return !core::host_of(event) && !std::holds_alternative<Unreadable>(event.body);
}

std::unique_ptr<CommitGroup> Engine::begin_group() {
  return std::make_unique<CommitGroup>(*database_, host_cache_, group_memory_, committed_, catalog_,
                                       policy_, options_.limits, options_.change_log);
}

void Engine::lead(const std::vector<Request*>& requests) {
  const auto stop = [&](const Status& status) {
    fail(status);
    queue_.set_fan_out_owner(nullptr);
    for (Request* request : requests) {
      request->status = status;
      request->done = true;
    }
  };
  if (Status status = usable(); !status.ok()) return stop(status);
  std::unique_ptr<CommitGroup> group = begin_group();
  std::vector<Request*> complete;
  for (Request* request : requests) {
    const Result<bool> advanced = advance(*group, *request);
    if (!advanced.ok() && request->opens_group && is_callers(advanced.status())) {
      request->status = advanced.status();
      fan_out_.reset();
      group = begin_group();
      if (recorder_ != nullptr) recorder_->forget();
    } else if (!advanced.ok()) {
      return stop(advanced.status());
    } else if (!*advanced) {
      queue_.set_fan_out_owner(request);
      break;
    }
    complete.push_back(request);
  }
  if (Status status = commit(*group); !status.ok()) return stop(status);
  if (fan_out_ == nullptr) queue_.set_fan_out_owner(nullptr);
  count(complete);
  for (Request* request : complete) {
    // Keys that a pass took out of the index are passed over now, not by the next pass, which says
    // so where that fails.
    if (request->live != nullptr) (void)due_hosts_.any(*database_, request->live->at);
    request->group = committed_.group;
    request->done = true;
  }
}

/// Does what the request asks for. False: a fan-out filled its window and goes on in another group.
Result<bool> Engine::advance(CommitGroup& group, Request& request) {
  if (request.next == 0 && !request.begun) {
    request.begun = true;
    const Result<bool> taken = take(group, request);
    if (!taken.ok()) return taken;
    if (!*taken) return true;
  }
  return advance_events(group, request);
}

/// False: the request is answered already.
Result<bool> Engine::take(CommitGroup& group, Request& request) {
  if (request.position && !request.recorded) {
    const std::uint64_t last = group.cursor(request.position->source).event;
    if (request.position->first_event > last + 1) {
      request.status =
          Status(StatusCode::kInvalidArgument,
                 "source " + request.position->source + ": event " +
                     std::to_string(request.position->first_event) + " leaves a gap after event " +
                     std::to_string(last) + ": give the events in between first");
      return false;
    }
  }
  for (const OutboxId id : request.confirmed) {
    const Result<bool> confirmed = group.confirm(id);
    if (!confirmed.ok()) return confirmed;
    if (!*confirmed && request.confirmed_must_exist) {
      request.status =
          Status(StatusCode::kNotFound, "the outbox has no entry " + std::to_string(id));
      return false;
    }
    if (*confirmed) ++request.confirmed_count;
  }
  for (const SweptCommand& swept : request.swept) {
    if (reissued_.contains(core::to_integer(swept.number))) continue;
    const Result<bool> changed = group.sweep_command(swept);
    if (!changed.ok()) return changed;
    if (*changed && swept.forgets) ++request.forgotten_count;
  }
  if (request.swept_at) group.set_swept_at(*request.swept_at);
  if (request.live == nullptr) return true;
  const Result<bool> idle = is_idle(group, request);
  if (!idle.ok()) return idle;
  if (*idle) request.live->report.complete = true;
  return !*idle;
}

/// Nothing moved since the last full pass and no host is due at the time that the pass would have:
/// it leaves no trace.
Result<bool> Engine::is_idle(CommitGroup& group, const Request& request) {
  if (group.catalog().newest_epoch() > group.last_full_pass()) return false;
  Timestamp at = std::max(request.events[0].at, group.cursor(kLive).at);
  if (recorder_ != nullptr) at = std::max(at, recorder_->last_time());
  const Result<bool> due = due_hosts_.any(*database_, at);
  if (!due.ok()) return due;
  return !*due;
}

Result<bool> Engine::advance_events(CommitGroup& group, Request& request) {
  const std::string_view source = request.position ? request.position->source : kLive;
  std::size_t looked_from = request.next;
  std::size_t looked_to = request.next;
  while (request.next < request.events.size()) {
    if (request.next == looked_to) {
      look_ahead(request);
      looked_from = looked_to;
      looked_to += kLookAhead;
    }
    // While a fan-out runs, its own request is the only exclusive one that is taken.
    if (fan_out_ != nullptr && request.exclusive) {
      const Result<bool> done = go_on_with_fan_out(group, request);
      if (!done.ok() || !*done) return done;
      continue;
    }
    Cursor& cursor = group.cursor(source);
    const std::uint64_t number =
        request.position ? request.position->first_event + request.next : cursor.event + 1;
    if (number <= cursor.event) {
      request.applied.results.push_back(outcome(Outcome::kDuplicate));
      ++request.next;
      continue;
    }
    const Event& event = request.events[request.next];
    const auto host = core::host_of(event);
    if (!request.position && !request.recorded && host &&
        !rate_limiter_.take(*host, std::max(event.at, cursor.at))) {
      request.applied.results.push_back(outcome(Outcome::kRateLimited));
      ++request.next;
      continue;
    }
    const auto& key = keys_ahead_[request.next - looked_from];
    Status status = judge_next(group, request, cursor, number, key);
    if (!status.ok()) return status;
  }
  if (request.applied.sequence == 0) request.applied.sequence = group.sequence();
  return true;
}

/// Judges the request's next event. One that fans out is answered when that is done.
Status Engine::judge_next(CommitGroup& group, Request& request, Cursor& cursor,
                          std::uint64_t number, const std::optional<ReportKey>& key) {
  const Event& event = request.events[request.next];
  cursor.event = number;
  Timestamp at = event.at;
  if (at < cursor.at) {
    if (request.position && !std::holds_alternative<Unreadable>(event.body)) {
      group.count_event();
      request.applied.sequence = group.sequence();
      EventResult refused = outcome(Outcome::kInvalid, "time goes back: " + to_string(at) +
                                                           " is before " + to_string(cursor.at));
      record(group, request, {cursor.at, at}, number, refused);
      request.applied.results.push_back(std::move(refused));
      ++request.next;
      return {};
    }
    at = cursor.at;
  }
  const Timestamp own = request.recorded.value_or(at);
  // A recording has one time for all sources.
  if (recorder_ != nullptr) at = std::max(at, recorder_->last_time());
  const Result<Outcome> said = take_statement(group, request, own);
  if (!said.ok()) return said.status();
  if (*said != Outcome::kApplied) {
    // No event of this store: only the source's cursor moves.
    group.keep_cursors();
    cursor.at = own;
    request.applied.results.push_back(outcome(*said));
    ++request.next;
    return {};
  }
  group.count_event();
  request.applied.sequence = group.sequence();
  Result<EventResult> result = judge(group, request, event, key, at, number);
  if (!result.ok()) return result.status();
  record(group, request, {at, own}, number, *result);
  if (refusal_of(result->outcome) == Refusal::kNone) cursor.at = request.position ? own : at;
  if (fan_out_ != nullptr && about_fleet(event)) return {};
  request.applied.results.push_back(std::move(*result));
  ++request.next;
  return {};
}

/// kApplied: the request's next event is to be judged. Else why it is not: another place of the
/// recordings said it before. Such an event is not for the recorder either.
Result<Outcome> Engine::take_statement(CommitGroup& group, const Request& request, Timestamp at) {
  if (!request.position || request.position->statements.empty()) return Outcome::kApplied;
  const Event& event = request.events[request.next];
  if (core::find_fault(event, group.limits())) return Outcome::kApplied;
  const StatementKey& statement = request.position->statements[request.next];
  if (statement.added_for.empty()) return group.statements().take(event, statement.key, at);
  const Result<Outcome> behind = group.statements().look_up(statement.added_for, statement.key, at);
  const auto* added = std::get_if<HostAdded>(&event.body);
  if (!behind.ok() || *behind != Outcome::kApplied || added == nullptr) return behind;
  const std::string& host = added->host_uuid;
  const Result<HostEntry*> entry = group.host(host, host_hash(host));
  if (!entry.ok()) return entry.status();
  return (*entry)->current ? Outcome::kUnchanged : Outcome::kApplied;
}

Result<bool> Engine::go_on_with_fan_out(CommitGroup& group, Request& request) {
  const Result<bool> done = fan_out_->run_window(group, {*database_, options_.tuning, due_hosts_},
                                                 queue_.somebody_waits());
  if (!done.ok() || !*done) return done;
  if (request.live != nullptr) record_window(group, *request.live);
  request.applied.results.push_back(fan_out_->result());
  ++request.next;
  fan_out_finished_ = fan_out_finished_ || fan_out_->persisted();
  fan_out_.reset();
  return true;
}

/// Notes the event as a replay has to see it: with the time that was used, and one that was refused
/// at the door as an entry that is no event. Windows of live passes are noted when they are done.
void Engine::record(const CommitGroup& group, const Request& request, const UsedTime& time,
                    std::uint64_t number, const EventResult& result) {
  const bool refused = result.outcome == Outcome::kInvalid;
  if (recorder_ == nullptr || (request.live != nullptr && !refused)) return;
  // What refuses an event does not depend on its time, unless that is what is wrong with it; those
  // behind it must not have such a time.
  const bool taken = refusal_of(result.outcome) == Refusal::kNone;
  Event event{taken ? time.at : std::max(recorder_->last_time(), Timestamp{}), {}};
  if (refused) {
    event.body = Unreadable{result.detail};
  } else {
    const Event& given = request.events[request.next];
    event.body = given.text.unparsed() ? unparsed_reader_.parse(given.text.line).body : given.body;
  }
  std::optional<EventOrigin> origin;
  if (request.position) {
    origin = EventOrigin{request.position->source, number};
    if (taken && time.own != time.at) origin->at = time.own;
  }
  auto* pass = std::get_if<Reconciled>(&event.body);
  if (pass != nullptr && !pass->commands && !pass->uuid_seed) {
    pass->uuid_seed = UuidSeed{request.position ? request.position->source : store_id_, number};
  }
  recorder_->add(group.sequence(), std::move(event), std::move(origin));
}

/// A pass that was decided here says so by an origin that is its own place.
void Engine::record_window(const CommitGroup& group, const LivePass& pass) {
  if (recorder_ == nullptr) return;
  recorder_->add(group.sequence(), {pass.at, pass.window},
                 EventOrigin{store_id_, group.sequence()});
}

Result<EventResult> Engine::judge(CommitGroup& group, Request& request, const Event& event,
                                  const std::optional<ReportKey>& key, Timestamp at,
                                  std::uint64_t number) {
  if (recorder_ != nullptr) {
    if (auto obstacle = Recorder::find_obstacle(event)) {
      return outcome(Outcome::kInvalid, std::move(*obstacle));
    }
  }
  if (key && repeats_known_report(group, event, *key, at)) return outcome(Outcome::kUnchanged);
  if (event.text.unparsed()) {
    Event parsed = unparsed_reader_.parse(event.text.line);
    parsed.text.list = event.text.list;
    return judge(group, request, parsed, key, at, number);
  }
  if (auto fault = core::find_fault(event, options_.limits)) {
    return outcome(Outcome::kInvalid, std::move(*fault));
  }
  if (const auto host = core::host_of(event)) {
    return judge_host_event(group, event, at, *host, key);
  }
  return judge_fleet_event(group, request, event, at, number);
}

Result<EventResult> Engine::judge_host_event(CommitGroup& group, const Event& event, Timestamp at,
                                             std::string_view host_uuid,
                                             const std::optional<ReportKey>& key) {
  const Result<HostEntry*> loaded = group.host(host_uuid, key ? key->host : host_hash(host_uuid));
  if (!loaded.ok()) return loaded.status();
  HostEntry& entry = **loaded;
  if (fan_out_ != nullptr) {
    Status status = fan_out_->visit_before_event(group, entry);
    if (!status.ok()) return status;
  }
  std::optional<core::KnownCommand> command;
  if (const auto uuid = core::command_of(event)) {
    const auto known = group.find_command(*uuid);
    if (!known.ok()) return known.status();
    if (*known) command = core::KnownCommand{(*known)->number, (*known)->operation};
  }
  if (core::to_integer(group.next_ordinal()) == UINT32_MAX) {
    return Status(StatusCode::kLimit, "the store has seen 2^32 hosts and can take no more");
  }
  const bool known_before = entry.current.has_value();
  const Timestamp due_before = known_before ? entry.current->due : core::kNotDue;
  const core::StepInput input{
      group.policy(), group.limits(),      group.catalog(), expected_sets_, at,
      command,        group.next_ordinal()};
  std::optional<core::Host> before;
  if (group.changes().on()) before = entry.current;
  core::Step step = core::step(input, event, entry.current);
  const bool moved =
      step.outcome == Outcome::kApplied || !entry.current || entry.current->due != due_before;
  if (!key || moved) entry.forget_repeats();
  if (key) note_report(group, event, step, *key, entry);
  if (group.changes().on()) {
    group.changes().note(group.catalog(), group.sequence(), event, at, before, entry.current);
  }
  if (!known_before && entry.current) {
    group.take_ordinal();
    if (fan_out_ != nullptr) fan_out_->mark(*entry.current);
  }
  EventResult result = outcome(step.outcome, std::move(step.detail));
  if (step.unknown_labels > 0) {
    result.divergences = std::make_unique<Divergences>();
    result.divergences->unknown_labels = step.unknown_labels;
    result.divergences->example = "label " + step.unknown_label + " is not known";
  }
  return result;
}

Result<EventResult> Engine::judge_fleet_event(CommitGroup& group, Request& request,
                                              const Event& event, Timestamp at,
                                              std::uint64_t number) {
  core::CatalogChanges& changes = group.catalog_changes();
  if (const auto* created = std::get_if<LabelCreated>(&event.body)) {
    return outcome(group.edit_catalog().create_label(*created, at, changes));
  }
  if (const auto* deleted = std::get_if<LabelDeleted>(&event.body)) {
    return outcome(group.edit_catalog().delete_label(*deleted, group.sequence(), changes));
  }
  if (const auto* uploaded = std::get_if<ProfileUploaded>(&event.body)) {
    std::string why;
    const Outcome judged = group.edit_catalog().upload_profile(*uploaded, options_.limits,
                                                               group.sequence(), changes, why);
    return outcome(judged, std::move(why));
  }
  if (const auto* changed = std::get_if<PolicyChanged>(&event.body)) {
    Policy policy = group.policy();
    const auto fault = core::change_policy(*changed, policy);
    MUSTER_ASSERT(!fault);
    if (policy == group.policy()) return outcome(Outcome::kUnchanged);
    // Deadlines of rows that wait for a user channel stand in the records: all are looked at anew.
    if (policy.user_channel_wait_seconds != group.policy().user_channel_wait_seconds) {
      group.edit_catalog().set_fleet_epoch(group.sequence());
      changes.counters = true;
    }
    group.set_policy(std::move(policy));
    return outcome(Outcome::kApplied);
  }
  FanOutRecord record;
  Result<EventResult> checked = check_fan_out(group, event, record);
  if (!checked.ok() || refusal_of(checked->outcome) != Refusal::kNone) return checked;
  Event effective = event;
  effective.at = at;
  record.sequence = group.sequence();
  record.handed_out = request.hands_out_listed;
  record.event = to_canonical_line(effective);
  record.source = request.position ? request.position->source : store_id_;
  record.number = number;
  if (const auto* pass = std::get_if<Reconciled>(&event.body); pass != nullptr && pass->uuid_seed) {
    record.source = pass->uuid_seed->recording;
    record.number = pass->uuid_seed->event;
  }
  fan_out_ = std::make_unique<FanOutRun>(std::move(effective), std::move(record), request.live);
  Status status = fan_out_->begin(group, {*database_, options_.tuning, due_hosts_});
  if (!status.ok()) return status;
  return checked;
}

Result<EventResult> Engine::check_fan_out(CommitGroup& group, const Event& event,
                                          FanOutRecord& record) {
  if (const auto* deleted = std::get_if<ProfileDeleted>(&event.body)) {
    const auto number = group.catalog().profile_number(deleted->profile_uuid);
    const Outcome judged = group.edit_catalog().delete_profile(
        deleted->profile_uuid, group.sequence(), group.catalog_changes());
    if (judged == Outcome::kApplied) record.profile = *number;
    return outcome(judged);
  }
  if (const auto* resent = std::get_if<ProfileBatchResent>(&event.body)) {
    const core::Profile* profile = group.catalog().find_profile(resent->profile_uuid);
    if (profile == nullptr) return outcome(Outcome::kUnknownProfile, resent->profile_uuid);
    if (resent->status != "failed") {
      return outcome(Outcome::kInvalid, "status must be failed");
    }
    record.profile = profile->number();
    return outcome(Outcome::kUnchanged);
  }
  if (const auto* taken_back = std::get_if<CommandNotSent>(&event.body)) {
    const auto known = group.find_command(taken_back->command_uuid);
    if (!known.ok()) return known.status();
    if (!*known) return outcome(Outcome::kUnknownCommand, taken_back->command_uuid);
    record.command = (*known)->number;
    return outcome(Outcome::kUnchanged);
  }
  const auto& reconciled = std::get<Reconciled>(event.body);
  if (!reconciled.commands) return outcome(Outcome::kUnchanged);
  for (const IssuedCommand& command : *reconciled.commands) {
    const auto known = group.find_command(command.command_uuid);
    if (!known.ok()) return known.status();
    if (!*known) continue;
    if ((*known)->operation != command.operation ||
        group.catalog().profile_number(command.profile_uuid) != (*known)->profile) {
      return outcome(Outcome::kCommandUuidTaken, "command " + command.command_uuid);
    }
  }
  return outcome(Outcome::kUnchanged);
}

}  // namespace muster::store
