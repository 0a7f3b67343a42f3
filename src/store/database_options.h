// RocksDB's settings: two presets, chosen once at open.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <cstddef>
#include <vector>

namespace muster::store {

struct DatabaseOptions;

/// Checksum bytes that follow a key from the batch into the memtable.
inline constexpr std::size_t kProtectionBytesPerKey = 8;
inline constexpr std::size_t kScanReadaheadBytes = 256u << 10;

rocksdb::DBOptions make_db_options(const DatabaseOptions& database);

/// "default" first, then the families in the order of kFamilies.
std::vector<rocksdb::ColumnFamilyDescriptor> make_families(const DatabaseOptions& database);

}  // namespace muster::store
