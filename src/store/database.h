// RocksDB behind the few calls that the store needs, with its statuses translated.
#pragma once

#include <rocksdb/iterator.h>
#include <rocksdb/slice.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "muster/status.h"
#include "muster/store.h"
#include "store/database_options.h"
#include "store/layout.h"
#include "store/notes.h"
#include "store/store_directory.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class Env;
class Snapshot;
class WalFilter;
}  // namespace rocksdb

namespace muster::store {

class Database;
class DatabaseListener;

/// Changes that become visible and durable together.
class Batch {
 public:
  explicit Batch(const Database& database);
  void put(Family family, std::string_view key, std::string_view value);
  void remove(Family family, std::string_view key);
  void remove_range(Family family, std::string_view begin, std::string_view end);  ///< end excluded
  std::size_t bytes() const { return batch_.GetDataSize(); }
  bool empty() const { return batch_.Count() == 0; }
  /// Empties it; memory that a commit of usual size needs is kept for the next.
  void clear();

 private:
  friend class Database;
  const Database& database_;
  rocksdb::WriteBatch batch_;
};

/// One state of all families, for as long as it lives.
using DatabaseSnapshot = std::shared_ptr<const rocksdb::Snapshot>;

/// Walks the keys of [begin, end) of a family in order. An empty end means the last key.
class Scan {
 public:
  Scan(const Database& database, Family family, std::string_view begin, std::string_view end,
       const DatabaseSnapshot& snapshot);
  bool valid() const { return iterator_->Valid(); }
  void next() { iterator_->Next(); }
  std::string_view key() const { return {iterator_->key().data(), iterator_->key().size()}; }
  std::string_view value() const { return {iterator_->value().data(), iterator_->value().size()}; }
  /// To be asked after the walk: a walk that ends early may have failed.
  Status status() const;

 private:
  const Database& database_;
  std::string end_;
  rocksdb::Slice upper_bound_;
  DatabaseSnapshot snapshot_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

/// What RocksDB holds now. The two parts do not overlap.
struct DatabaseMemory {
  std::uint64_t cache_bytes = 0;
  std::uint64_t write_buffer_bytes = 0;
  bool writes_stopped = false;  ///< until flushes or compactions have caught up
};

struct DatabaseOptions {
  std::filesystem::path path;  ///< RocksDB's own directory
  bool read_only = false;
  bool keep_tables_open = false;  ///< all of them, from the begin
  MemoryPlan memory = plan_memory(kApplianceMemoryBytes, true);
  std::shared_ptr<Notes> notes = std::make_shared<Notes>(StoreOptions());
  rocksdb::Env* env = nullptr;
  std::shared_ptr<rocksdb::Env> kept_env;    ///< the same, where the database is to keep it
  std::optional<std::uint64_t> stop_before;  ///< the logs' changes from that one on are left out
  std::size_t write_buffer_bytes = 0;        ///< this and the next: tuning.h
  bool jobs_on_demand = false;
};

class Database {
 public:
  static Result<std::shared_ptr<Database>> open(const DatabaseOptions& options);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  /// False in the value: no such key.
  Result<bool> get(Family family, std::string_view key, std::string& value,
                   const DatabaseSnapshot& snapshot = nullptr) const;
  /// Leaves nothing in RocksDB's cache: for records that the caller keeps himself.
  Result<bool> get_uncached(Family family, std::string_view key, std::string& value) const;
  const std::filesystem::path& path() const { return path_; }
  Status write(Batch& batch, bool sync);
  Status sync();
  DatabaseSnapshot take_snapshot() const;
  std::uint64_t disk_bytes() const;
  /// For copies of the files.
  rocksdb::DB& engine() const { return *db_; }
  /// Where files of the store's own are made. Lives as long as the database.
  rocksdb::Env* env() const { return env_; }

  /// Releases the lock when the files are closed: views may keep them open longer than the store.
  void keep(std::shared_ptr<const StoreLock> lock) { lock_ = std::move(lock); }

  /// The first error of a background job, or ok.
  Status background_error() const;
  DatabaseMemory memory() const;
  Status close();

  /// For a database that failed: leaves it open for the life of the process. RocksDB's Close may
  /// hang after an error, and what is on the disk is what a crash would leave.
  static void abandon(std::shared_ptr<Database> database);

 private:
  friend class Batch;
  friend class Scan;

  Database() = default;
  rocksdb::ColumnFamilyHandle* handle(Family family) const {
    return handles_[static_cast<std::size_t>(family)];
  }
  Result<bool> get(const rocksdb::ReadOptions& options, Family family, std::string_view key,
                   std::string& value) const;
  Status to_status(const rocksdb::Status& status, std::string_view doing) const;

  std::shared_ptr<const StoreLock> lock_;
  std::filesystem::path path_;
  std::shared_ptr<DatabaseListener> listener_;
  std::unique_ptr<rocksdb::Env> private_env_;
  std::shared_ptr<rocksdb::Env> kept_env_;
  rocksdb::Env* env_ = nullptr;
  SharedMemory memory_;
  std::unique_ptr<rocksdb::WalFilter> filter_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;  ///< by family number; [0] is "default"
  std::unique_ptr<rocksdb::DB> db_;
};

}  // namespace muster::store
