// RocksDB's settings: they follow from the memory that it may use.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace rocksdb {
class Cache;
class WriteBufferManager;
}  // namespace rocksdb

namespace muster::store {

struct DatabaseOptions;

/// Checksum bytes that follow a key from the batch into the memtable.
inline constexpr std::size_t kProtectionBytesPerKey = 8;
inline constexpr std::size_t kScanReadaheadBytes = 256u << 10;

inline constexpr std::uint64_t kApplianceMemoryBytes = 288u << 20;
inline constexpr std::uint64_t kBulkMemoryBytes = std::uint64_t{4096} << 20;

/// How a bound for all memory is spent (docs/limits.md).
struct MemoryPlan {
  std::size_t known_reports = 0;  ///< of each kind
  std::size_t host_cache = 0;     ///< less what known reports take
  std::size_t cache = 0;          ///< blocks, indexes, filters, tables; memtables count in it
  std::size_t memtables = 0;      ///< of all families: more is flushed
  std::size_t write_buffer = 0;   ///< of hosts; the others have less
  std::size_t readahead = 0;      ///< of a compaction, for each table that it reads
  std::uint64_t wal = 0;          ///< on the disk; more is flushed
};
MemoryPlan plan_memory(std::uint64_t bytes, bool known_reports);

/// What the families share.
struct SharedMemory {
  std::shared_ptr<rocksdb::Cache> cache;
  std::shared_ptr<rocksdb::WriteBufferManager> memtables;
};
SharedMemory make_shared_memory(const MemoryPlan& plan);

rocksdb::DBOptions make_db_options(const DatabaseOptions& database, const MemoryPlan& plan,
                                   const SharedMemory& memory);

/// "default" first, then the families in the order of kFamilies.
std::vector<rocksdb::ColumnFamilyDescriptor> make_families(const DatabaseOptions& database,
                                                           const MemoryPlan& plan,
                                                           const SharedMemory& memory);

}  // namespace muster::store
