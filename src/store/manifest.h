// What RocksDB's MANIFEST says of its write-ahead logs. RocksDB reads whichever logs there are: of
// one that is gone, or that lost its end between two records, it says nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "muster/status.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace muster::store {

/// Changes are counted by RocksDB's sequence numbers.
struct LogNeeds {
  std::uint64_t first_log = 0;  ///< logs of lower numbers are read no more
  /// The first change that a table lacks is in that log, and it was written. False: that change is
  /// `next`, or stands before it in that log; and a log of that number may never have been there.
  bool begins_there = false;
  std::uint64_t next = 1;         ///< behind what there was when the database was opened
  std::uint64_t current_log = 0;  ///< at the newest flush; those before it were synced for it
  std::uint64_t in_tables = 0;    ///< the last change that a table has
  friend bool operator==(const LogNeeds&, const LogNeeds&) = default;
};

/// Of the MANIFEST that CURRENT names, to its last whole record. Nothing: there is none.
/// kCorruption: it holds what no RocksDB that is known here writes.
Result<std::optional<LogNeeds>> read_log_needs(rocksdb::Env& env,
                                               const std::filesystem::path& data);

}  // namespace muster::store
