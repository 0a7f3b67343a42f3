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

bool about_fleet(const Event& event) {
  return !core::host_of(event) && !std::holds_alternative<Unreadable>(event.body);
}

/// Source of events that come without a position.
constexpr std::string_view kLive;

}  // namespace

Result<Applied> Engine::apply(std::span<const Event> events,
                              const std::optional<SourcePosition>& position) {
  if (options_.read_only) {
    return Status(StatusCode::kReadOnly, "the store is open read-only: it takes no events");
  }
  if (position && (position->source.empty() || position->source.size() > kIdBytesMax ||
                   position->first_event == 0)) {
    return Status(StatusCode::kInvalidArgument,
                  "a source position needs a source of 1 to 1024 bytes and counts from 1");
  }
  if (events.size() > options_.limits.events_per_span) {
    return Status(StatusCode::kLimit, std::to_string(events.size()) +
                                          " events in one span, at most " +
                                          std::to_string(options_.limits.events_per_span) +
                                          " are taken: give them in parts");
  }
  if (Status status = usable(); !status.ok()) return status;
  Request request;
  request.events = events;
  request.position = position;
  request.exclusive = std::any_of(events.begin(), events.end(), about_fleet);
  request.applied.results.reserve(events.size());
  // Nothing is thrown here but for want of memory, and half a group cannot be undone: that ends
  // the process.
  const bool taken = queue_.run(
      request, [this](const std::vector<Request*>& requests) noexcept { lead(requests); });
  if (!taken) return Status(StatusCode::kClosed, "the store is closed");
  if (!request.status.ok()) return request.status;
  return std::move(request.applied);
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
  CommitGroup group(*database_, committed_, catalog_, policy_, options_.limits);
  std::vector<Request*> complete;
  for (Request* request : requests) {
    const Result<bool> advanced = advance(group, *request);
    if (!advanced.ok()) return stop(advanced.status());
    if (!*advanced) {
      queue_.set_fan_out_owner(request);
      break;
    }
    complete.push_back(request);
  }
  if (Status status = commit(group); !status.ok()) return stop(status);
  if (fan_out_ == nullptr) queue_.set_fan_out_owner(nullptr);
  for (Request* request : complete) request->done = true;
}

/// Judges the request's events. False: a fan-out filled its window and goes on in another group.
Result<bool> Engine::advance(CommitGroup& group, Request& request) {
  const std::string_view source = request.position ? request.position->source : kLive;
  if (request.position && request.next == 0 &&
      request.position->first_event > group.cursor(source).event + 1) {
    request.status = Status(
        StatusCode::kInvalidArgument,
        "source " + request.position->source + ": event " +
            std::to_string(request.position->first_event) + " leaves a gap after event " +
            std::to_string(group.cursor(source).event) + ": give the events in between first");
    return true;
  }
  while (request.next < request.events.size()) {
    // While a fan-out runs, its own request is the only exclusive one that is taken.
    if (fan_out_ != nullptr && request.exclusive) {
      const Result<bool> done = go_on_with_fan_out(group, request);
      if (!done.ok() || !*done) return done;
      continue;
    }
    const Event& event = request.events[request.next];
    Cursor& cursor = group.cursor(source);
    const std::uint64_t number =
        request.position ? request.position->first_event + request.next : cursor.event + 1;
    if (number <= cursor.event) {
      request.applied.results.push_back(outcome(Outcome::kDuplicate));
      ++request.next;
      continue;
    }
    const auto host = core::host_of(event);
    if (!request.position && host && !rate_limiter_.take(*host, std::max(event.at, cursor.at))) {
      request.applied.results.push_back(outcome(Outcome::kRateLimited));
      ++request.next;
      continue;
    }
    cursor.event = number;
    group.count_event();
    request.applied.sequence = group.sequence();
    Timestamp at = event.at;
    if (at < cursor.at) {
      if (request.position && !std::holds_alternative<Unreadable>(event.body)) {
        request.applied.results.push_back(
            outcome(Outcome::kInvalid,
                    "time goes back: " + to_string(at) + " is before " + to_string(cursor.at)));
        ++request.next;
        continue;
      }
      at = cursor.at;
    }
    Result<EventResult> result = judge(group, request, event, at, number);
    if (!result.ok()) return result.status();
    if (refusal_of(result->outcome) == Refusal::kNone) cursor.at = at;
    if (fan_out_ != nullptr && about_fleet(event)) continue;  // answered when it is done
    request.applied.results.push_back(std::move(*result));
    ++request.next;
  }
  if (request.applied.sequence == 0) request.applied.sequence = group.sequence();
  return true;
}

Result<bool> Engine::go_on_with_fan_out(CommitGroup& group, Request& request) {
  const Result<bool> done = fan_out_->run_window(group, *database_, options_.tuning);
  if (!done.ok() || !*done) return done;
  request.applied.results.push_back(fan_out_->result());
  ++request.next;
  fan_out_finished_ = fan_out_finished_ || fan_out_->persisted();
  fan_out_.reset();
  return true;
}

Result<EventResult> Engine::judge(CommitGroup& group, Request& request, const Event& event,
                                  Timestamp at, std::uint64_t number) {
  if (auto fault = core::find_fault(event, options_.limits)) {
    return outcome(Outcome::kInvalid, std::move(*fault));
  }
  if (const auto host = core::host_of(event)) return judge_host_event(group, event, at, *host);
  return judge_fleet_event(group, request, event, at, number);
}

Result<EventResult> Engine::judge_host_event(CommitGroup& group, const Event& event, Timestamp at,
                                             std::string_view host_uuid) {
  const Result<HostEntry*> loaded = group.host(host_uuid);
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
  const core::StepInput input{
      group.policy(), group.limits(),      group.catalog(), expected_sets_, at,
      command,        group.next_ordinal()};
  core::Step step = core::step(input, event, entry.current);
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
  record.event = to_canonical_line(effective);
  record.source = request.position ? request.position->source : store_id_;
  record.number = number;
  fan_out_ = std::make_unique<FanOutRun>(std::move(effective), std::move(record));
  if (Status status = fan_out_->begin(group); !status.ok()) return status;
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
    if (profile == nullptr) return outcome(Outcome::kUnknownProfile);
    if (resent->status != "failed") {
      return outcome(Outcome::kInvalid, "status must be failed");
    }
    record.profile = profile->number();
    return outcome(Outcome::kUnchanged);
  }
  if (const auto* taken_back = std::get_if<CommandNotSent>(&event.body)) {
    const auto known = group.find_command(taken_back->command_uuid);
    if (!known.ok()) return known.status();
    if (!*known) return outcome(Outcome::kUnknownCommand);
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
