// The write-ahead logs that RocksDB will read, walked as one sequence of changes: each batch has to
// begin where the one before it ended, in the same log or in the next. RocksDB takes a log that is
// gone, and an end that was lost between two records, for a log that ended there, and applies what
// comes behind the gap.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "muster/status.h"
#include "store/log_files.h"

namespace muster::store {

struct LogWalk {
  /// Those that are torn, and those that stand behind a gap. To a reader beside a writer the torn
  /// ones say nothing.
  std::vector<TornLog> torn;
  /// The first change behind a gap: from there on nothing may be applied.
  std::optional<std::uint64_t> stop_before;
};

/// kCorruption: a batch is older than one before it (RocksDB 7.8.3 aborts the process on such
/// logs), or tables have changes that logs before them have lost. kBusy: a writer was faster.
Result<LogWalk> walk_logs(rocksdb::Env& env, const std::filesystem::path& data);

}  // namespace muster::store
