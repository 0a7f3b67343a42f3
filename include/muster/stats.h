// What a store says about itself.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "muster/status.h"
#include "muster/types.h"

namespace muster {

/// Name and version of the storage engine that the program runs with, for example "RocksDB 7.8.3".
/// From any thread.
std::string engine_version();

/// One derived value that differs from what the records imply, or one damaged record.
struct Finding {
  std::string family;  ///< the column family, for example "due"
  std::string key;     ///< the key in words, for example "profile a1, host H3"
  std::string what;
};

/// "due: profile a1, host H3: what"
std::string to_string(const Finding& finding);

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

/// Counts since open, and what is held now. For monitoring: cheap, and not one moment.
struct StoreMetrics {
  std::uint64_t events = 0;  ///< answered: also refused ones and repeats, not rate-limited ones
  std::uint64_t refused = 0;
  std::uint64_t rate_limited = 0;      ///< not taken
  std::uint64_t reports_repeated = 0;  ///< taken, and answered from what the host said last
  /// Taken with another list, and answered without the host's record: all that is expected of the
  /// host is there, and nothing of it can move.
  std::uint64_t reports_confirmed = 0;
  std::uint64_t commits = 0;      ///< write batches
  std::uint64_t batch_bytes = 0;  ///< in them
  std::uint64_t syncs = 0;
  std::uint64_t folds = 0;
  std::uint64_t commit_micros = 0;      ///< spent in writes and syncs, all together
  std::uint64_t commit_micros_max = 0;  ///< in the slowest
  std::uint64_t waiting_spans = 0;      ///< now, of apply() and submit()
  std::uint64_t submitted_events = 0;   ///< now
  std::uint64_t outbox_entries = 0;     ///< now
  std::uint64_t recorded_bytes = 0;
  std::uint64_t cache_bytes = 0;         ///< now, of RocksDB
  std::uint64_t write_buffer_bytes = 0;  ///< now
  std::uint64_t resident_bytes = 0;      ///< now: the times of all hosts
  bool writes_stopped = false;           ///< now: the engine cannot keep up
  Status failure;                        ///< why the store stopped, or ok
};

}  // namespace muster
