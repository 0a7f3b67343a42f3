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
// may be called from many threads at once. Nothing here exits the process or changes its state.
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

/// What makes an event of a foreign recording known when another one says it again: such recordings
/// overlap, and their events have no numbers that last.
struct StatementKey {
  Digest key;  ///< of host, kind and content, and of the time where another time means another one
  /// Not empty: the event states nothing by itself. It stands in front of the statement with this
  /// key, which needs it (a host or a label that nobody told of, a pass, a command that is taken
  /// back), and is applied as long as that one is not taken; a host_added only where no such host
  /// is. Whose statement that is: `h` and a host's uuid, `f` and a profile's.
  std::string added_for = {};
};

/// Where a span of events stands in a recording. Events are numbered from 1 in each source.
struct SourcePosition {
  std::string source;             ///< the recording's id; not empty
  std::uint64_t first_event = 1;  ///< number of the span's first event
  /// Empty, or one an event: the event is applied unless the store took the statement before
  /// (kRepeated) or cannot know any more (kTooOld). What is remembered of each host is committed
  /// with the event; it is bounded (docs/recordings.md).
  std::vector<StatementKey> statements = {};
};

/// A command that a recorded pass names and the rules do not need, or the other way round; or a
/// label name in a report that no label has. Counted and shown, never fatal.
struct Divergences {
  std::uint64_t commands_not_listed = 0;
  std::uint64_t commands_not_needed = 0;
  std::uint64_t unknown_labels = 0;
  std::uint64_t rows_over_limit = 0;  ///< installs held back at StoreLimits::rows_per_host
  std::string example;                ///< the first one, in words

  std::uint64_t total() const {
    return commands_not_listed + commands_not_needed + unknown_labels + rows_over_limit;
  }
};

struct EventResult {
  Outcome outcome = Outcome::kUnchanged;
  std::string detail;                        ///< for refused events: what exactly; may be empty
  std::unique_ptr<Divergences> divergences;  ///< null when there are none
};

struct Applied {
  Sequence sequence = 0;             ///< of the span's last event
  std::vector<EventResult> results;  ///< one an event, in order
};

struct UnreadReport;

class Store {
 public:
  /// Opens or makes the store. Finishes a fan-out that a crash interrupted before it returns.
  static Result<Store> open(const StoreOptions& options);

  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  /// Releases the store without a report; call close() to hear of errors.
  ~Store();

  /// Applies the events in order and returns when they are committed. A time that goes back is
  /// raised to the last one used. Concurrent spans are committed together; one span is never
  /// split, except by a fan-out of more hosts than one window (ARCHITECTURE.md).
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
  /// Errors here (closed, limit): `done` is not called.
  Status submit(std::vector<Event> events, std::optional<SourcePosition> position,
                std::function<void(Result<Applied>)> done);

  /// Says of each report whether it is likely to repeat the host's last one and to change nothing
  /// but its time; notes the lists' digests in the reports. A hint that may be wrong either way,
  /// for RecordingOptions::find_known; apply() gives the same result whatever is answered here.
  void find_known(std::span<UnreadReport> reports) const;

  /// The last event of `source` in the store, or nothing.
  Result<std::optional<Cursor>> last_position(std::string_view source) const;

  /// One pass of the reconciler over every enrolled host: brings rows to the desired state and puts
  /// the commands that devices need into the outbox, together, in bounded windows; each window is
  /// one `reconciled` event. Between windows other callers commit. `go_on` (may be empty) is called
  /// after each window; false ends the call, and the next one goes on behind it. An idle pass
  /// writes nothing.
  Result<PassReport> reconcile(Timestamp now, const UuidSource& uuids,
                               const std::function<bool(const PassReport&)>& go_on = {});

  /// Entries of the outbox greater than `after` (0: from the begin), in order, `limit` at most.
  /// They stay until they are confirmed, through crashes too: after a crash entries that were
  /// handed over may come again.
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
  /// kept as StoreOptions::change_log says. kInvalidArgument: none ever were.
  Result<RowChanges> changes(std::uint64_t after, std::size_t limit) const;

  /// A view of the state after the last committed group, which is durable as the options say: the
  /// call may wait for a sync that is under way. After a failure of the store reading goes on, and
  /// may show events whose callers were told of it. The view stays valid after close() of the store
  /// and costs memory while it lives: do not keep it for long.
  Result<Snapshot> snapshot() const;

  /// Recomputes every derived value from the records and compares; reads every record's checksum.
  /// Calls `visit` for each finding until it returns false. Returns the number of findings
  /// visited. Runs on a snapshot beside writers; takes time in proportion to the store.
  Result<std::uint64_t> check(const std::function<bool(const Finding&)>& visit) const;

  /// Reads the store from its disk, past the system's cache and beside writers: every block of
  /// every table; every record of MANIFEST, of a writer's logs and of the recorder's segments (its
  /// own, or DIR/recorder) but one that may be written; then as check(). What cannot be read is a
  /// finding. `go_on` (may be empty) hears how far it is; false from it or `visit` ends it, as
  /// close() does.
  Result<ScrubReport> scrub(const ScrubOptions& options,
                            const std::function<bool(const Finding&)>& visit,
                            const std::function<bool(const ScrubProgress&)>& go_on = {}) const;

  /// Copies the store into a folder of backups (made if its parent is there; one store's alone),
  /// beside writers: files that stand there from an earlier backup are not copied again. The copy
  /// holds every event that was durable when the call began, and is verified before it returns.
  /// kBusy: another process is at the folder. kNotAStore: it holds something else, or another
  /// store's backups.
  Result<Backup> backup(const std::filesystem::path& folder);

  Result<StoreStats> stats() const;
  Policy policy() const;

  StoreMetrics metrics() const;

  /// Refuses new calls (kClosed), waits for running ones, folds, syncs and closes. With a deadline
  /// (from now): what still waits then is answered kClosed, a fan-out in progress goes on at the
  /// next open; kBusy when even that did not end in time: the store stays closed to calls, and
  /// close() may be called again.
  Status close(std::optional<std::chrono::milliseconds> deadline = std::nullopt);

  class Impl;
  explicit Store(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace muster
