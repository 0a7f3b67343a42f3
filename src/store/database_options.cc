#include "store/database_options.h"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>

#include "store/database.h"
#include "store/layout.h"

namespace muster::store {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

struct Memory {
  std::size_t block_cache;
  std::size_t memtables;     ///< of all families
  std::size_t write_buffer;  ///< of the families with much traffic
  std::uint64_t wal;
};

Memory memory_of(const DatabaseOptions& database) {
  Memory memory = {192 * kMiB, 96 * kMiB, 32 * kMiB, 128 * kMiB};
  if (database.memory == MemoryPreset::kBulk) {
    memory = {1024 * kMiB, 1024 * kMiB, 256 * kMiB, 1024 * kMiB};
  }
  if (database.write_buffer_bytes != 0) {
    memory.write_buffer = database.write_buffer_bytes;
    memory.wal = 4 * database.write_buffer_bytes;
  }
  return memory;
}

/// Keeps RocksDB's notes out of a directory.
class Silent : public rocksdb::Logger {
 public:
  using Logger::Logv;
  void Logv(const char*, va_list) override {}
};

rocksdb::ColumnFamilyOptions family_options(Family family, const Memory& memory,
                                            const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.format_version = 5;
  table.checksum = rocksdb::kXXH3;
  table.block_size = 4096;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  rocksdb::ColumnFamilyOptions options;
  const bool busy = family == Family::kHosts || family == Family::kCommands;
  options.write_buffer_size = busy ? memory.write_buffer : memory.write_buffer / 4;
  options.max_write_buffer_number = 2;
  options.level_compaction_dynamic_level_bytes = true;
  options.compression = rocksdb::kLZ4Compression;
  options.memtable_protection_bytes_per_key = kProtectionBytesPerKey;
  // Every look-up of a host is of one that is there, nearly always.
  options.optimize_filters_for_hits = family == Family::kHosts;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

/// A write that waits for a flush or a compaction would wait for ever where its thread runs both.
void never_stall(rocksdb::ColumnFamilyOptions& options) {
  options.max_write_buffer_number = 1000;
  options.level0_slowdown_writes_trigger = 1000;
  options.level0_stop_writes_trigger = 1000;
}

}  // namespace

rocksdb::DBOptions make_db_options(const DatabaseOptions& database) {
  const Memory memory = memory_of(database);
  rocksdb::DBOptions options;
  options.create_if_missing = !database.read_only;
  options.create_missing_column_families = !database.read_only;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  // The first error stops the store: RocksDB's own resumption is not trusted.
  options.max_bgerror_resume_count = 0;
  options.max_background_jobs = 2;
  options.max_total_wal_size = memory.wal;
  options.write_buffer_manager = std::make_shared<rocksdb::WriteBufferManager>(memory.memtables);
  options.bytes_per_sync = kMiB;
  options.avoid_unnecessary_blocking_io = true;
  options.info_log_level = rocksdb::InfoLogLevel::INFO_LEVEL;
  options.max_log_file_size = 4 * kMiB;
  options.keep_log_file_num = 4;
  options.skip_stats_update_on_db_open = true;
  // Nothing reads that file here, and RocksDB 7.8.3 aborts where it fails for a new family.
  options.fail_if_options_file_error = false;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  if (database.read_only || database.jobs_on_demand) options.info_log = std::make_shared<Silent>();
  if (database.jobs_on_demand) options.max_file_opening_threads = 1;
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> make_families(const DatabaseOptions& database) {
  const Memory memory = memory_of(database);
  const auto cache = rocksdb::NewLRUCache(memory.block_cache);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  families.emplace_back(rocksdb::kDefaultColumnFamilyName, rocksdb::ColumnFamilyOptions());
  for (const FamilyInfo& info : kFamilies) {
    families.emplace_back(info.name, family_options(info.family, memory, cache));
    if (database.jobs_on_demand) never_stall(families.back().options);
  }
  return families;
}

}  // namespace muster::store
