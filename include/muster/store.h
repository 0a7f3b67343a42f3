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
#include "muster/policy.h"
#include "muster/status.h"
#include "muster/types.h"

namespace muster {

class Snapshot;

enum class Durability : std::uint8_t {
  kSync,      ///< apply() returns when the effects are on the device
  kBuffered,  ///< apply() returns when they are in the operating system; close() syncs
};

enum class MemoryPreset : std::uint8_t {
  kAppliance,  ///< caches and write buffers within 512 MiB
  kBulk,       ///< for offline replay of large fleets: up to a few GiB
};

struct StoreOptions {
  std::filesystem::path path;  ///< a directory; made with mode 0700
  bool create_if_missing = true;
  bool read_only = false;  ///< the state at open; the directory is not written
  Durability durability = Durability::kSync;
  MemoryPreset memory = MemoryPreset::kAppliance;
  /// For a new store: its policy. For a store that exists: open fails with kPolicyMismatch, naming
  /// both, when it holds another one. Absent: defaults, or whatever the store holds.
  std::optional<Policy> policy;
};

/// Where a span of events stands in a recording. Events are numbered from 1 in each source.
struct SourcePosition {
  std::string source;             ///< the recording's id; not empty
  std::uint64_t first_event = 1;  ///< number of the span's first event
};

/// A command that a recorded pass names and the rules do not need, or the other way round; or a
/// label name in a report that no label has. Counted and shown, never fatal.
struct Divergences {
  std::uint64_t commands_not_listed = 0;
  std::uint64_t commands_not_needed = 0;
  std::uint64_t unknown_labels = 0;
  std::uint64_t rows_over_limit = 0;  ///< installs held back at kRowsPerHostMax
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

/// One derived value that differs from what the records imply, or one damaged record.
struct Finding {
  std::string family;  ///< the column family, for example "due"
  std::string key;     ///< the key in words, for example "profile a1, host H3"
  std::string what;
};

/// A source's last event that is in the store.
struct Cursor {
  std::string source;
  std::uint64_t event = 0;  ///< number of the last event taken
  Timestamp at;             ///< time of the last event applied
};

struct StoreStats {
  Sequence sequence = 0;
  std::uint64_t hosts = 0;
  std::uint64_t rows = 0;
  std::uint64_t profiles = 0;
  std::uint64_t labels = 0;
  std::uint64_t commands = 0;       ///< ever issued
  std::uint64_t commit_groups = 0;  ///< write batches since the store was made, windows included
  std::uint64_t largest_group = 0;  ///< events in the largest one
  std::uint64_t hosts_due = 0;      ///< hosts that the next pass will visit, waiting ones included
  std::uint64_t disk_bytes = 0;
  bool fan_out_running = false;  ///< seen by read-only openers beside a writer
  std::uint32_t format_version = 0;
  std::string store_id;
  std::vector<Cursor> cursors;  ///< by source
};

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

  /// The last event of `source` in the store, or nothing.
  Result<std::optional<Cursor>> last_position(std::string_view source) const;

  /// A view of the state after the last committed group. It stays valid after close() of the
  /// store and costs memory while it lives: do not keep it for long.
  Result<Snapshot> snapshot() const;

  /// Recomputes every derived value from the records and compares; reads every record's checksum.
  /// Calls `visit` for each finding until it returns false. Returns the number of findings
  /// visited. Runs on a snapshot beside writers; takes time in proportion to the store.
  Result<std::uint64_t> check(const std::function<bool(const Finding&)>& visit) const;

  Result<StoreStats> stats() const;
  Policy policy() const;

  /// Waits for running calls, folds, syncs and closes. Later calls answer kClosed.
  Status close();

  class Impl;
  explicit Store(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace muster
