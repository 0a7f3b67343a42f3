#include "store/database_options.h"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>

#include <algorithm>
#include <bit>

#include "store/database.h"
#include "store/layout.h"

namespace muster::store {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;
/// A filling memtable a family, and one that is being flushed: behind them writes wait.
constexpr int kMemtablesPerFamily = 2;
constexpr std::size_t kHostsWriteShare = 12;
/// A shard has to hold the index of a whole table beside its share of blocks.
constexpr std::size_t kCacheShardBytesMin = 8 * kMiB;
constexpr int kCacheShardBitsMax = 6;
/// A compaction reads some twenty tables at once at most.
constexpr std::size_t kReadaheadBytesMin = kMiB / 8;
constexpr std::size_t kReadaheadBytesMax = 2 * kMiB;
constexpr std::uint64_t kWalBytesMax = 1024 * kMiB;
/// Of 64 MiB mostly: enough for 30 GiB without opening one twice.
constexpr int kOpenTables = 512;

/// Of the write buffers. Most bytes are of hosts, or of changes where they are kept; what is
/// written twice while it stands in one buffer is written to tables, and merged there, once.
constexpr std::size_t write_share(Family family) {
  switch (family) {
    case Family::kHosts:
      return kHostsWriteShare;
    case Family::kCommands:
    case Family::kChanges:
      return kHostsWriteShare / 3;
    default:
      return 1;
  }
}

/// Keeps RocksDB's notes out of a directory.
class Silent : public rocksdb::Logger {
 public:
  using Logger::Logv;
  void Logv(const char*, va_list) override {}
};

rocksdb::ColumnFamilyOptions family_options(Family family, const MemoryPlan& plan,
                                            const SharedMemory& memory) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = memory.cache;
  table.cache_index_and_filter_blocks = true;
  // A read that leaves nothing in the cache would read a whole index anew each time.
  table.metadata_cache_options.unpartitioned_pinning = rocksdb::PinningTier::kAll;
  for (const auto role : {rocksdb::CacheEntryRole::kBlockBasedTableReader,
                          rocksdb::CacheEntryRole::kFilterConstruction}) {
    table.cache_usage_options.options_overrides[role].charged =
        rocksdb::CacheEntryRoleOptions::Decision::kEnabled;
  }
  table.format_version = 5;
  table.checksum = rocksdb::kXXH3;
  table.block_size = 4096;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = plan.write_buffer / kHostsWriteShare * write_share(family);
  options.max_write_buffer_number = kMemtablesPerFamily;
  options.level_compaction_dynamic_level_bytes = true;
  options.compression = rocksdb::kLZ4Compression;
  options.memtable_protection_bytes_per_key = kProtectionBytesPerKey;
  // Groups that were folded are dead, and there are few others: tables of them do not pile up.
  if (family == Family::kGroups) options.level0_file_num_compaction_trigger = 2;
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

MemoryPlan plan_memory(std::uint64_t bytes, bool known_reports) {
  constexpr std::size_t shares = [] {
    std::size_t sum = 0;
    for (const FamilyInfo& info : kFamilies) sum += write_share(info.family);
    return sum;
  }();
  MemoryPlan plan;
  plan.known_reports = known_reports ? bytes / 16 * 3 : 0;
  plan.host_cache = bytes / 8 * 5;
  plan.cache = bytes / 8 * 3;
  plan.memtables = bytes / 4;
  // Even when every family fills all it may have before a flush ends, the cache has room for it.
  plan.write_buffer = plan.cache / kMemtablesPerFamily / shares * kHostsWriteShare;
  plan.readahead = std::clamp(plan.cache / 64, kReadaheadBytesMin, kReadaheadBytesMax);
  plan.wal = std::min(bytes / 2, kWalBytesMax);
  return plan;
}

SharedMemory make_shared_memory(const MemoryPlan& plan) {
  const int shard_bits =
      std::clamp(static_cast<int>(std::bit_width(plan.cache / kCacheShardBytesMin)) - 1, 0,
                 kCacheShardBitsMax);
  SharedMemory memory;
  // Not strict: a strict cache fails reads when it is full of what is in use.
  memory.cache = rocksdb::NewLRUCache(plan.cache, shard_bits);
  memory.memtables = std::make_shared<rocksdb::WriteBufferManager>(plan.memtables, memory.cache);
  return memory;
}

rocksdb::DBOptions make_db_options(const DatabaseOptions& database, const MemoryPlan& plan,
                                   const SharedMemory& memory) {
  rocksdb::DBOptions options;
  options.create_if_missing = !database.read_only;
  options.create_missing_column_families = !database.read_only;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  // The first error stops the store: RocksDB's own resumption is not trusted.
  options.max_bgerror_resume_count = 0;
  options.max_background_jobs = 2;
  options.max_open_files = database.keep_tables_open ? -1 : kOpenTables;
  options.max_total_wal_size = plan.wal;
  options.write_buffer_manager = memory.memtables;
  options.bytes_per_sync = kMiB;
  // Without it a compaction asks for each block with a call of its own, before RocksDB 9.
  options.compaction_readahead_size = plan.readahead;
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

std::vector<rocksdb::ColumnFamilyDescriptor> make_families(const DatabaseOptions& database,
                                                           const MemoryPlan& plan,
                                                           const SharedMemory& memory) {
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  families.emplace_back(rocksdb::kDefaultColumnFamilyName, rocksdb::ColumnFamilyOptions());
  for (const FamilyInfo& info : kFamilies) {
    families.emplace_back(info.name, family_options(info.family, plan, memory));
    if (database.jobs_on_demand) never_stall(families.back().options);
  }
  return families;
}

}  // namespace muster::store
