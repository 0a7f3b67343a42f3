// The store: applies events to the state on disk and hands out consistent views of it.
//
//   muster::StoreOptions options;
//   options.path = "fleet.muster";
//   auto store = muster::Store::open(options);
//   if (!store.ok()) return fail(store.status().message());
//   auto applied = store->apply(events);          // durable when it returns
//   auto snapshot = store->snapshot();
//   ...
//   muster::Status closed = store->close();       // the last chance to hear of an error
//
// One process writes a store; others may open it read-only beside the writer. All members of Store
// may be called from many threads at once. Nothing here calls exit or changes the process's state.
// Functions that are given to a store must not throw: the process would end.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "muster/applied.h"
#include "muster/event.h"
#include "muster/live.h"
#include "muster/options.h"
#include "muster/policy.h"
#include "muster/stats.h"
#include "muster/status.h"
#include "muster/types.h"

namespace muster {

class Snapshot;
struct Backup;
struct ScrubOptions;
struct ScrubProgress;
struct ScrubReport;
struct UnreadReport;

class Store {
 public:
  /// Opens or makes the store. Finishes a fan-out that a crash interrupted before it returns.
  /// kInvalidArgument: an option out of its range (docs/limits.md). kNotFound: there is none, and
  /// it was not to be made. kBusy: another process writes it. kNotAStore: the directory holds
  /// something else. kFormatTooNew, kPolicyMismatch. kEventsLost: docs/backup.md. kCorruption,
  /// kIoError: damage, or the system's refusal.
  static Result<Store> open(const StoreOptions& options);

  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  /// Releases the store without a report; call close() to hear of errors.
  ~Store();

  /// Applies the events in order and returns when they are committed. A time that goes back is
  /// raised to the last one used. Concurrent spans are committed together; one span is never
  /// split, except by a fan-out of more hosts than one window (ARCHITECTURE.md). Nothing was taken
  /// after kLimit (more than StoreLimits::events_per_span), kInvalidArgument (of a position),
  /// kReadOnly and kClosed. After any other error the store takes nothing more, and the events may
  /// be in it or not.
  Result<Applied> apply(std::span<const Event> events);

  /// The same for events of a recording: exactly once. Events at positions applied before answer
  /// kDuplicate and change nothing; a gap is kInvalidArgument; a time that goes back refuses its
  /// event (kInvalid).
  Result<Applied> apply(std::span<const Event> events, const SourcePosition& position);

  /// Applies later and returns as soon as the span waits in the queue; waits itself while the queue
  /// is full (StoreLimits::submitted_events), except on the callback's thread. `done` is called
  /// once a span, in the order of the commits, on one thread of the store's own; it may submit, and
  /// must not close the store. Spans of one source are applied in the order of their submission. A
  /// span without a position may be overtaken by later ones where it waits for a fan-out to end.
  /// Errors here are those of apply() after which nothing was taken, and kIoError where there is no
  /// thread: `done` is not called.
  Status submit(std::vector<Event> events, std::optional<SourcePosition> position,
                std::function<void(Result<Applied>)> done);

  /// Says of each report whether it is likely to repeat the host's last one and to change nothing
  /// but its time; notes the lists' digests in the reports. A hint that may be wrong either way,
  /// for RecordingOptions::find_known; apply() gives the same result whatever is answered here.
  void find_known(std::span<UnreadReport> reports) const;

  /// The last event of `source` in the store, or nothing. It is durable as the options say: the
  /// call may wait for a sync. kClosed; after a failure of the store, that failure.
  Result<std::optional<Cursor>> last_position(std::string_view source) const;

  /// One pass of the reconciler over every enrolled host: brings rows to the desired state and puts
  /// the commands that devices need into the outbox, together, in bounded windows; each window is
  /// one `reconciled` event. Between windows other callers commit. `go_on` (may be empty) is called
  /// after each window but the last; false ends the call, and the next one goes on behind it. A
  /// pass that finds nothing to do takes microseconds, but where StoreOptions::
  /// command_retention_seconds is due (a sixteenth of it after the last time): commands that it
  /// forgets are looked for on a view of all hosts, and taken out in windows. A `now` before the
  /// last live event's time is raised to it. kInvalidArgument: no `uuids`, a uuid that is none or
  /// names another command, or a `now` beyond kTimestampMin and kTimestampMax. Else as apply().
  Result<PassReport> reconcile(Timestamp now, const UuidSource& uuids,
                               const std::function<bool(const PassReport&)>& go_on = {});

  /// Entries of the outbox greater than `after` (0: from the begin), in order, `limit` at most.
  /// They stay until they are confirmed, through crashes too: after a crash entries that were
  /// handed over may come again. kClosed; after a failure of the store, that failure: what is not
  /// durable must not be sent.
  Result<std::vector<PendingCommand>> pending_commands(OutboxId after, std::size_t limit) const;

  /// The entries were handed over: they leave the outbox. Unknown ids are passed over; returns how
  /// many were there.
  Result<std::size_t> command_sent(std::span<const OutboxId> ids);

  /// Handing a send over failed for these hosts (empty: all of the entry): their rows go back to
  /// unsent, the next pass sends again, and the entry leaves the outbox, together. For a
  /// cancellation the entry just leaves. kNotFound: no such entry. kInvalidArgument: a host that
  /// the entry does not name.
  Status command_not_sent(OutboxId id, Timestamp now, std::span<const std::string> hosts = {});

  /// Transitions of rows behind `after`, a RowChange::number (0: from the begin), in commit order;
  /// kept as StoreOptions::change_log says. kInvalidArgument: this store never kept any, or `after`
  /// is beyond its last one, as it may be after a restore, or beyond what a reader sees. kClosed;
  /// after a failure of the store, that failure.
  Result<RowChanges> changes(std::uint64_t after, std::size_t limit) const;

  /// A view of the state after the last committed group, which is durable as the options say: the
  /// call may wait for a sync that is under way. After a failure of the store reading goes on, and
  /// may show events whose callers were told of it. The view costs memory while it lives: do not
  /// keep it for long. It stays valid after close() and keeps the store's lock then: opening the
  /// store again is kBusy until it is gone.
  Result<Snapshot> snapshot() const;

  /// Recomputes every derived value from the records and compares; reads every record's checksum.
  /// Calls `visit` for each finding until it returns false; it may be empty. Returns the number of
  /// findings until then. Runs on a snapshot beside writers; takes time in proportion to the store.
  Result<std::uint64_t> check(const std::function<bool(const Finding&)>& visit) const;

  /// Reads the store from its disk, past the system's cache and beside writers: every block of
  /// every table; every record of MANIFEST, of a writer's logs and of the recorder's segments (its
  /// own, or DIR/recorder; where the last one ends within a record and no writer asks, a crash may
  /// have cut it); then as check(). What cannot be read is a finding. `go_on` hears how far it is;
  /// false from it or `visit` ends it, and each may be empty. close() ends it with kClosed, and
  /// waits for it: neither of the two may call close().
  Result<ScrubReport> scrub(const ScrubOptions& options,
                            const std::function<bool(const Finding&)>& visit,
                            const std::function<bool(const ScrubProgress&)>& go_on = {}) const;

  /// Copies the store into a folder of backups (made if its parent is there; one store's alone),
  /// beside writers: files that stand there from an earlier backup are not copied again. The copy
  /// holds every event that was durable when the call began, and is verified before it returns.
  /// kBusy: another process is at the folder. kNotAStore: it holds something else, or another
  /// store's backups. kReadOnly. kCorruption: what was copied is damaged, and none of it was kept.
  Result<Backup> backup(const std::filesystem::path& folder);

  /// Of what was applied last, which may not be durable yet. kClosed.
  Result<StoreStats> stats() const;
  Policy policy() const;

  StoreMetrics metrics() const;

  /// Refuses new calls (kClosed), waits for running ones, folds, syncs and closes. With a deadline
  /// (from now): what still waits at half of it is answered kClosed, a fan-out in progress goes on
  /// at the next open; kBusy when commits did not end by the whole of it: the store stays closed to
  /// calls, and close() may be called again.
  Status close(std::optional<std::chrono::milliseconds> deadline = std::nullopt);

  class Impl;
  explicit Store(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace muster
