// The store's calls as requests to the leader.
#include <algorithm>
#include <system_error>

#include "base/time.h"
#include "base/utf8.h"
#include "core/step.h"
#include "store/command_retention.h"
#include "store/engine.h"
#include "store/outbox.h"

namespace muster::store {
namespace {

/// How often old commands are looked for while a retention passes.
constexpr std::int64_t kSweepsPerRetention = 16;

}  // namespace

Status Engine::door(std::size_t events, const std::optional<SourcePosition>& position) const {
  if (options_.read_only) {
    return {StatusCode::kReadOnly, "the store is open read-only: it takes no changes"};
  }
  if (position && (position->source.empty() || position->source.size() > kIdBytesMax ||
                   !base::is_utf8(position->source) || position->first_event == 0)) {
    return {StatusCode::kInvalidArgument,
            "a source position needs a source of 1 to 1024 bytes of UTF-8 and counts from 1"};
  }
  if (position && !position->statements.empty() && position->statements.size() != events) {
    return {StatusCode::kInvalidArgument,
            "a source position has one statement an event, or none at all"};
  }
  if (events > options_.limits.events_per_span) {
    return {StatusCode::kLimit, "the span has " + std::to_string(events) + " events, at most " +
                                    std::to_string(options_.limits.events_per_span) +
                                    " are taken at once: split it"};
  }
  return usable();
}

Status Engine::run(Request& request) {
  if (!queue_.run(request)) return {StatusCode::kClosed, "the store is closed"};
  return request.status;
}

Result<Applied> Engine::apply(std::span<const Event> events,
                              const std::optional<SourcePosition>& position) {
  if (Status status = door(events.size(), position); !status.ok()) return status;
  Request request;
  request.events = events;
  request.position = position;
  request.exclusive = std::any_of(events.begin(), events.end(), about_fleet);
  request.applied.results.reserve(events.size());
  if (Status status = run(request); !status.ok()) return status;
  return std::move(request.applied);
}

Status Engine::submit(std::vector<Event> events, std::optional<SourcePosition> position,
                      std::function<void(Result<Applied>)> done) {
  if (!done) return {StatusCode::kInvalidArgument, "a submission needs a callback"};
  if (Status status = door(events.size(), position); !status.ok()) return status;
  auto submission = std::make_unique<Submission>();
  submission->owned = std::move(events);
  submission->events = submission->owned;
  submission->position = std::move(position);
  submission->exclusive =
      std::any_of(submission->owned.begin(), submission->owned.end(), about_fleet);
  submission->callback = std::move(done);
  try {
    if (queue_.submit(std::move(submission))) return {};
  } catch (const std::system_error& error) {
    return {StatusCode::kIoError, std::string("submit() needs a thread: ") + error.what()};
  }
  return {StatusCode::kClosed, "the store is closed"};
}

Result<PassReport> Engine::reconcile(Timestamp now, const UuidSource& uuids,
                                     const std::function<bool(const PassReport&)>& go_on) {
  if (!uuids) return Status(StatusCode::kInvalidArgument, "a pass needs a source of uuids");
  if (Status status = door(1, std::nullopt); !status.ok()) return status;
  LivePass pass(uuids);
  const Event event{now, Reconciled{}};
  if (auto fault = core::find_fault(event, options_.limits)) {
    return Status(StatusCode::kInvalidArgument, "the pass is refused: " + *fault);
  }
  while (!pass.report.complete) {
    Request request;
    request.events = std::span(&event, 1);
    request.live = &pass;
    request.exclusive = true;
    request.opens_group = true;
    if (Status status = run(request); !status.ok()) return status;
    for (const EventResult& result : request.applied.results) {
      if (refusal_of(result.outcome) == Refusal::kNone) continue;
      return Status(StatusCode::kInvalidArgument, "the pass is refused: " + result.detail);
    }
    if (go_on && !pass.report.complete && !go_on(pass.report)) break;
  }
  if (pass.report.complete) {
    if (Status status = forget_commands(now, pass.report); !status.ok()) return status;
  }
  return pass.report;
}

/// Looks for them on a view, beside other callers, and notes or takes them out in windows. A
/// recorded pass may name an old command again meanwhile: such a command stays.
Status Engine::forget_commands(Timestamp now, PassReport& report) {
  const std::int64_t kept = options_.command_retention_seconds * base::kMicrosPerSecond;
  if (kept <= 0) return {};
  {
    const std::lock_guard lock(state_mutex_);
    // The rows that a fan-out has not reached do not name its commands yet.
    if (sweeping_ || fan_out_running_) return {};
    const std::int64_t since = now.micros - committed_.swept_at.micros;
    if (since >= 0 && since < kept / kSweepsPerRetention) return {};
    sweeping_ = true;
    reissued_.clear();
  }
  const auto sweep = [&]() -> Status {
    const Result<View> seen = view();
    if (!seen.ok()) return seen.status();
    const auto found = find_swept(*seen, now, options_.command_retention_seconds);
    if (!found.ok()) return found.status();
    for (std::size_t done = 0;; done += options_.tuning.window_hosts) {
      const std::size_t left = found->size() - std::min(done, found->size());
      const std::size_t count = std::min<std::size_t>(options_.tuning.window_hosts, left);
      Request request;
      request.swept = std::span(*found).subspan(found->size() - left, count);
      if (count == left) request.swept_at = now;
      if (Status status = run(request); !status.ok()) return status;
      report.commands_forgotten += request.forgotten_count;
      if (count == left) return {};
    }
  };
  const Status status = sweep();
  const std::lock_guard lock(state_mutex_);
  sweeping_ = false;
  return status;
}

Result<std::vector<PendingCommand>> Engine::pending_commands(OutboxId after, std::size_t limit) {
  const Result<View> seen = view();
  if (!seen.ok()) return seen.status();
  if (!seen->durable.ok()) return seen->durable;
  return list_outbox(*seen->database, seen->snapshot, *seen->catalog, after, limit);
}

Result<std::size_t> Engine::command_sent(std::span<const OutboxId> ids) {
  if (Status status = door(0, std::nullopt); !status.ok()) return status;
  Request request;
  request.confirmed = ids;
  if (Status status = run(request); !status.ok()) return status;
  return request.confirmed_count;
}

Status Engine::command_not_sent(OutboxId id, Timestamp now, std::span<const std::string> hosts) {
  if (Status status = door(1, std::nullopt); !status.ok()) return status;
  if (id == 0) return {StatusCode::kNotFound, "the outbox has no entry 0"};
  Result<std::vector<PendingCommand>> listed = pending_commands(id - 1, 1);
  if (!listed.ok()) return listed.status();
  if (listed->empty() || listed->front().id != id) {
    return {StatusCode::kNotFound, "the outbox has no entry " + std::to_string(id)};
  }
  PendingCommand& entry = listed->front();
  for (const std::string& host : hosts) {
    if (std::find(entry.hosts.begin(), entry.hosts.end(), host) != entry.hosts.end()) continue;
    return {StatusCode::kInvalidArgument,
            "entry " + std::to_string(id) + " of the outbox is not for host " + host};
  }
  CommandNotSent taken_back{entry.command_uuid, std::move(entry.hosts)};
  if (!hosts.empty()) taken_back.hosts->assign(hosts.begin(), hosts.end());
  const Event event{now, std::move(taken_back)};
  // The entry leaves before the event is judged: one that would be refused must not get there.
  if (auto fault = core::find_fault(event, options_.limits)) {
    return {StatusCode::kInvalidArgument, "not taken: " + *fault};
  }
  Request request;
  request.confirmed = std::span(&id, 1);
  request.confirmed_must_exist = true;
  if (entry.kind == PendingCommand::Kind::kSend) {
    request.events = std::span(&event, 1);
    request.exclusive = true;
  }
  if (Status status = run(request); !status.ok()) return status;
  for (const EventResult& result : request.applied.results) {
    if (refusal_of(result.outcome) == Refusal::kNone) continue;
    return {StatusCode::kInvalidArgument, "not taken: " + result.detail};
  }
  return {};
}

}  // namespace muster::store
