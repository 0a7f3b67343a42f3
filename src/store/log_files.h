// RocksDB's log files - its MANIFEST and its write-ahead logs - read record by record before
// RocksDB reads them. RocksDB takes damage in a log, and a record that reaches beyond the end of a
// MANIFEST, for the trace of a crash: it opens what stands before, without a word. So what is
// behind the last whole record is never passed over here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "muster/status.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace muster::store {

/// Finds where a log stops to be whole. Takes its blocks one after the other.
class LogScan {
 public:
  static constexpr std::size_t kBlockBytes = 32'768;
  /// Told of each whole record where it begins, and its first bytes.
  using Visit = std::function<void(std::uint64_t at, std::string_view begin)>;

  /// `bytes_max`: so much of each record is kept to be visited.
  explicit LogScan(Visit visit = {}, std::size_t bytes_max = 0)
      : visit_(std::move(visit)), bytes_max_(bytes_max) {}

  /// All blocks but the last are whole. False: the log is not whole in or before this one.
  bool add_block(std::string_view block);
  /// Up to the end of the last record before the first that is none.
  std::uint64_t whole_bytes() const { return whole_; }

 private:
  Visit visit_;
  std::size_t bytes_max_;
  std::uint64_t at_ = 0;
  std::uint64_t whole_ = 0;
  std::string begin_;    ///< of the record in hand
  bool inside_ = false;  ///< a record of several pieces
  bool broken_ = false;
};

/// A log file that does not end with a whole record, or with one that may not be applied.
struct TornLog {
  std::filesystem::path path;
  std::uint64_t whole_bytes = 0;
  std::uint64_t file_bytes = 0;
  bool behind_gap = false;  ///< what was written before the rest is missing

  /// "PATH: 40 bytes behind byte 1234 are no records"
  std::string to_string() const;
};

/// Reads all of a log. Nothing: it is whole, or not there.
Result<std::optional<TornLog>> find_torn(rocksdb::Env& env, const std::filesystem::path& path,
                                         LogScan scan = LogScan());

/// kCorruption: there are tables or logs and no CURRENT. RocksDB would make a new database of the
/// folder, and delete them.
Status check_current(rocksdb::Env& env, const std::filesystem::path& data);

/// The MANIFEST that CURRENT names. Nothing: RocksDB will say that there is none.
Result<std::optional<std::filesystem::path>> find_manifest(rocksdb::Env& env,
                                                           const std::filesystem::path& data);

/// Of that MANIFEST. Nothing: it is whole, or not there.
Result<std::optional<TornLog>> find_torn_manifest(rocksdb::Env& env,
                                                  const std::filesystem::path& data);

/// The files as they would be if `torn` ended with its last whole record. Lives beside `env`.
std::unique_ptr<rocksdb::Env> without_tail(rocksdb::Env& env, const TornLog& torn);

/// Copies the file to "NAME.torn".
Status keep_copy(rocksdb::Env& env, const TornLog& torn);

/// Cuts the tail off, in one step; the file as it was stays beside it, as "NAME.torn".
Status cut_tail(rocksdb::Env& env, const TornLog& torn);

}  // namespace muster::store
