// How far the store has answered, kept beside the database and not in it. RocksDB cannot tell a log
// whose end was never written from one whose end is damaged: it opens both. A store that comes back
// with less than its watermark has lost events that somebody was told are safe.
//
//   DIR/watermark   records of 32 bytes: group, sequence, hash of the store's id, and XXH3-64 of
//                   these 24 bytes (u64, little-endian, each)
//
// Records are appended, the last whole one counts, and each opening begins the file anew. A record
// that is torn or damaged makes the watermark lower, never higher.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "muster/status.h"
#include "muster/types.h"

namespace rocksdb {
class Env;
class WritableFile;
}  // namespace rocksdb

namespace muster::store {

/// What is durable and may have been told: the last commit group, and the last event in it.
struct Acknowledged {
  std::uint64_t group = 0;
  Sequence sequence = 0;
  friend bool operator==(const Acknowledged&, const Acknowledged&) = default;
};

std::filesystem::path watermark_path(const std::filesystem::path& directory);

struct WatermarkBounds {
  std::uint64_t bytes_max = 0;         ///< the file is begun anew
  std::uint64_t sync_every_nanos = 0;  ///< at most
};

/// What an opening knows of it.
struct WatermarkOptions {
  std::filesystem::path path;
  std::optional<Acknowledged> told;  ///< as it was found
  bool accept_lost_events = false;
};

/// Nothing: there is no file, or no whole record of this store in it.
Result<std::optional<Acknowledged>> read_watermark(rocksdb::Env& env,
                                                   const std::filesystem::path& path,
                                                   std::string_view store_id);

/// For one thread at a time.
class Watermark {
 public:
  /// Begins the file anew, with what is durable now; nobody sees a file without a record.
  static Result<std::unique_ptr<Watermark>> begin(rocksdb::Env& env,
                                                  const std::filesystem::path& path,
                                                  std::string_view store_id, Acknowledged now,
                                                  WatermarkBounds bounds);
  ~Watermark();

  /// To be called behind a sync of the database, before anyone hears of it. What the process wrote
  /// outlives the process; the file itself is synced now and then.
  Status advance(Acknowledged to);
  /// Syncs.
  Status close();

 private:
  Watermark(rocksdb::Env& env, std::filesystem::path path, std::string_view store_id,
            WatermarkBounds bounds);
  Status start(Acknowledged now);
  Status append(Acknowledged to);
  Status sync();

  rocksdb::Env& env_;
  const std::filesystem::path path_;
  const std::uint64_t store_;
  const WatermarkBounds bounds_;
  std::unique_ptr<rocksdb::WritableFile> file_;
  std::uint64_t bytes_ = 0;
  std::uint64_t synced_at_ = 0;  ///< nanoseconds
  Acknowledged last_;
};

}  // namespace muster::store
