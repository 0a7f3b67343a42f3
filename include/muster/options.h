// How a store is opened.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>

#include "muster/limits.h"
#include "muster/policy.h"
#include "muster/status.h"

namespace muster {

enum class Durability : std::uint8_t {
  kSync,      ///< apply() returns when the effects are on the device
  kBuffered,  ///< apply() returns when they are in the operating system; close() syncs
};

/// Usual values of StoreOptions::memory_bytes.
enum class MemoryPreset : std::uint8_t {
  kAppliance,  ///< 288 MiB
  kBulk,       ///< 4 GiB: for offline replay of large fleets
};

/// What to do at open with recorded events that are not in the store: a crash came between their
/// record and their commit, or the store is a restored backup. Where a disk lost events that were
/// acknowledged, they come back whatever is said here.
enum class Unacknowledged : std::uint8_t {
  kApply,    ///< as if they had been answered
  kDiscard,  ///< as if they had never come; their bytes are cut off
};

/// Keeps what the store takes as binary recordings, so that it can be replayed anywhere
/// (docs/embedding.md). Each commit group is written, and synced as `durability` says, before it is
/// committed.
struct RecorderOptions {
  std::filesystem::path directory;          ///< default: `recorder` in the store's directory
  std::uint64_t segment_bytes = 64u << 20;  ///< a segment that reached this is closed
  /// A segment is closed when the next event is this much later than its first; 0: never.
  std::int64_t segment_seconds = 86'400;
  /// Closed segments are deleted, oldest first, while all together have more; 0: never.
  std::uint64_t keep_bytes = 0;
  /// Closed segments whose last event is this much older than the newest are deleted; 0: never.
  std::int64_t keep_seconds = 0;
  Unacknowledged unacknowledged = Unacknowledged::kApply;
};

enum class LogLevel : std::uint8_t { kInfo, kWarning, kError };

struct StoreOptions {
  std::filesystem::path path;  ///< a directory; made with mode 0700
  bool create_if_missing = true;
  bool read_only = false;  ///< the state at open; the directory is not written
  Durability durability = Durability::kSync;
  /// A submitted span may wait so long, in milliseconds up to 10,000, for others to be committed
  /// with it: fewer commits and syncs where few come. Nobody waits for it in apply(), close() or
  /// for room among submitted spans: whoever does ends the delay. 0: none.
  std::uint32_t submit_delay_millis = 0;
  /// Open a store that came back with less than it had acknowledged (kEventsLost), as it is. Told
  /// as a warning; from then on it counts what it holds as all there was.
  bool accept_lost_events = false;
  MemoryPreset memory = MemoryPreset::kAppliance;
  /// Bound for caches and write buffers together, instead of the preset's: 32 MiB at least; 0: the
  /// preset's. Beside it the store holds about 40 bytes a host (docs/limits.md).
  std::uint64_t memory_bytes = 0;
  /// Keep a digest of what each host reported last, in 3/8 of the memory: a report that repeats it
  /// is answered without reading its list or the host's record. Results are the same with and
  /// without.
  bool known_reports = true;
  /// For a new store: its policy. For a store that exists: open fails with kPolicyMismatch, naming
  /// both, when it holds another one. Absent: defaults, or whatever the store holds; a store whose
  /// data are lost is not made anew from its recorder's segments then (kInvalidArgument).
  std::optional<Policy> policy;
  std::optional<RecorderOptions> recorder;  ///< absent: nothing is recorded
  StoreLimits limits;
  /// Transitions of rows that Store::changes() can hand out, at least; 0: none are kept.
  std::uint64_t change_log = 0;
  /// Transitions that are so much older than the newest go all the same, by the times of their
  /// events; 0: their number alone counts.
  std::int64_t change_log_seconds = 0;
  /// A complete pass of reconcile() forgets, now and then, commands that such passes issued and
  /// that neither a row nor the outbox has named for this long, by the times of the passes that
  /// looked; 0: none. A late result of a forgotten command is refused with kUnknownCommand; it
  /// could change no row.
  std::int64_t command_retention_seconds = 7'776'000;

  /// Notes for operators, one line each, safe for terminals. Called from any thread that is inside
  /// a call of the store, and from the engine's own; must not call the store.
  std::function<void(LogLevel, std::string_view)> log;
  /// Called once, when the store stops at its first storage error; then as `log`.
  std::function<void(const Status&)> on_failure;
};

}  // namespace muster
