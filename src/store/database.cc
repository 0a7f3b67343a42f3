#include "store/database.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/snapshot.h>
#include <rocksdb/utilities/memory_util.h>
#include <rocksdb/version.h>
#include <rocksdb/wal_filter.h>
#include <rocksdb/write_buffer_manager.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "base/contract.h"
#include "store/database_listener.h"
#include "store/io_status.h"
#include "store/private_files.h"

namespace muster {

std::string engine_version() {
  return "RocksDB " + rocksdb::GetRocksVersionAsString();
}

namespace store {
namespace {

rocksdb::Slice slice(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}

/// Ends the recovery before a change; the logs behind it are deleted as the others are.
class StopBefore : public rocksdb::WalFilter {
 public:
  explicit StopBefore(std::uint64_t change) : change_(change) {}
  const char* Name() const override { return "muster.StopBefore"; }
  WalProcessingOption LogRecordFound(unsigned long long, const std::string&,
                                     const rocksdb::WriteBatch& batch, rocksdb::WriteBatch*,
                                     bool*) override {
    std::uint64_t first = 0;
    std::memcpy(&first, batch.Data().data(), sizeof first);
    return first < change_ ? WalProcessingOption::kContinueProcessing
                           : WalProcessingOption::kStopReplay;
  }

 private:
  const std::uint64_t change_;
};

}  // namespace

Batch::Batch(const Database& database)
    : database_(database), batch_(0, 0, kProtectionBytesPerKey, 0) {}

void Batch::clear() {
  constexpr std::size_t kKeptBytes = std::size_t{4} << 20;
  if (batch_.Data().capacity() <= kKeptBytes) return batch_.Clear();
  batch_ = rocksdb::WriteBatch(0, 0, kProtectionBytesPerKey, 0);
}

void Batch::put(Family family, std::string_view key, std::string_view value) {
  const auto status = batch_.Put(database_.handle(family), slice(key), slice(value));
  MUSTER_ASSERT(status.ok());
}

void Batch::remove(Family family, std::string_view key) {
  const auto status = batch_.Delete(database_.handle(family), slice(key));
  MUSTER_ASSERT(status.ok());
}

void Batch::remove_range(Family family, std::string_view begin, std::string_view end) {
  const auto status = batch_.DeleteRange(database_.handle(family), slice(begin), slice(end));
  MUSTER_ASSERT(status.ok());
}

Scan::Scan(const Database& database, Family family, std::string_view begin, std::string_view end,
           const DatabaseSnapshot& snapshot)
    : database_(database), end_(end), upper_bound_(end_), snapshot_(snapshot) {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot_.get();
  if (!end_.empty()) options.iterate_upper_bound = &upper_bound_;
  options.readahead_size = kScanReadaheadBytes;
  // A scan does not drive out what single reads come back to.
  options.fill_cache = false;
  iterator_.reset(database.db_->NewIterator(options, database.handle(family)));
  iterator_->Seek(slice(begin));
}

Status Scan::status() const {
  return database_.to_status(iterator_->status(), "reading");
}

Result<std::shared_ptr<Database>> Database::open(const DatabaseOptions& options) {
  std::shared_ptr<Database> database(new Database);
  database->path_ = options.path;
  database->listener_ = std::make_shared<DatabaseListener>(options.path, options.notes);
  rocksdb::Env* env = options.env;
  if (env == nullptr) {
    database->private_env_ = make_private_env();
    env = database->private_env_.get();
  }
  MemoryPlan plan = options.memory;
  if (options.write_buffer_bytes != 0) {
    plan.write_buffer = options.write_buffer_bytes;
    plan.wal = 4 * options.write_buffer_bytes;
  }
  database->memory_ = make_shared_memory(plan);
  rocksdb::DBOptions db_options = make_db_options(options, plan, database->memory_);
  db_options.env = env;
  database->env_ = env;
  database->kept_env_ = options.kept_env;
  db_options.listeners.push_back(database->listener_);
  if (options.stop_before) database->filter_ = std::make_unique<StopBefore>(*options.stop_before);
  db_options.wal_filter = database->filter_.get();
  std::vector<rocksdb::ColumnFamilyDescriptor> families =
      make_families(options, plan, database->memory_);

  rocksdb::DB* opened = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  const rocksdb::Status status =
      options.read_only
          ? rocksdb::DB::OpenForReadOnly(db_options, options.path.string(), families, &handles,
                                         &opened)
          : rocksdb::DB::Open(db_options, options.path.string(), families, &handles, &opened);
  // RocksDB's word for families that are not there yet.
  if (options.read_only && status.IsInvalidArgument() &&
      status.ToString().find("Column family not found") != std::string::npos) {
    return Status(StatusCode::kNotFound,
                  "the store was not finished when it was made: open it once for writing");
  }
  if (!status.ok()) return database->to_status(status, "opening");
  database->db_.reset(opened);
  database->handles_.assign(kFamilies.size() + 1, nullptr);
  for (std::size_t i = 0; i < handles.size(); ++i) {
    const std::size_t number = i == 0 ? 0 : static_cast<std::size_t>(kFamilies[i - 1].family);
    database->handles_[number] = handles[i];
  }
  return database;
}

Database::~Database() {
  // Whoever cares has called close().
  static_cast<void>(close());
}

Result<bool> Database::get(Family family, std::string_view key, std::string& value,
                           const DatabaseSnapshot& snapshot) const {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot.get();
  return get(options, family, key, value);
}

Result<bool> Database::get_uncached(Family family, std::string_view key, std::string& value) const {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  return get(options, family, key, value);
}

Result<bool> Database::get(const rocksdb::ReadOptions& options, Family family, std::string_view key,
                           std::string& value) const {
  const rocksdb::Status status = db_->Get(options, handle(family), slice(key), &value);
  if (status.ok()) return true;
  if (status.IsNotFound()) return false;
  return to_status(status, "reading");
}

Status Database::write(Batch& batch, bool sync) {
  rocksdb::WriteOptions options;
  options.sync = sync;
  return to_status(db_->Write(options, &batch.batch_), "writing");
}

Status Database::sync() {
  return to_status(db_->FlushWAL(true), "syncing");
}

DatabaseSnapshot Database::take_snapshot() const {
  rocksdb::DB* db = db_.get();
  return DatabaseSnapshot(db->GetSnapshot(), [db](const rocksdb::Snapshot* snapshot) {
    if (snapshot != nullptr) db->ReleaseSnapshot(snapshot);
  });
}

std::uint64_t Database::disk_bytes() const {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(path_, error)) {
    std::error_code ignored;
    const auto size = entry.file_size(ignored);
    if (!ignored) bytes += size;
  }
  return bytes;
}

Status Database::background_error() const {
  return listener_->error();
}

DatabaseMemory Database::memory() const {
  DatabaseMemory memory;
  std::map<rocksdb::MemoryUtil::UsageType, std::uint64_t> held;
  const auto status =
      rocksdb::MemoryUtil::GetApproximateMemoryUsageByType({}, {memory_.cache.get()}, &held);
  MUSTER_ASSERT(status.ok());
  // Memtables are charged to the cache in units of their own.
  const std::size_t charged = memory_.memtables->dummy_entries_in_cache_usage();
  memory.cache_bytes = held[rocksdb::MemoryUtil::kCacheTotal];
  memory.cache_bytes -= std::min<std::uint64_t>(memory.cache_bytes, charged);
  memory.write_buffer_bytes = memory_.memtables->memory_usage();
  memory.writes_stopped = listener_->writes_stopped();
  return memory;
}

Status Database::close() {
  if (db_ == nullptr) return {};
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    if (handle != nullptr) db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  }
  handles_.clear();
  const rocksdb::Status status = db_->Close();
  db_.reset();
  return to_status(status, "closing");
}

void Database::abandon(std::shared_ptr<Database> database) {
  // Reachable, so that leak checkers can tell it from a leak.
  static std::mutex mutex;
  static auto* const kKept = new std::vector<std::shared_ptr<Database>>;
  const std::lock_guard lock(mutex);
  kKept->push_back(std::move(database));
}

Status Database::to_status(const rocksdb::Status& status, std::string_view doing) const {
  if (status.ok()) return {};
  const std::string where = path_.string() + ": " + std::string(doing) + ": " + reason_of(status);
  if (status.IsCorruption()) return {StatusCode::kCorruption, where};
  if (status.IsBusy() || status.IsTryAgain()) return {StatusCode::kBusy, where};
  return {StatusCode::kIoError, where};
}

}  // namespace store
}  // namespace muster
