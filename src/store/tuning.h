// What tests and measurements set and users do not.
#pragma once

#include <cstddef>
#include <cstdint>

#include "muster/status.h"
#include "muster/store.h"

namespace rocksdb {
class DB;
class Env;
}  // namespace rocksdb

namespace muster::store {

struct Tuning {
  /// Host records that a fan-out changes in one write batch.
  std::uint32_t window_hosts = 2048;
  /// A window ends, too, when the records that it read have this many bytes.
  std::uint64_t window_bytes = 8u << 20;
  /// The group log is folded when its records pass this and the size of all times.
  std::uint64_t fold_bytes_min = 4u << 20;
  /// The watermark is begun anew when it has so many bytes, and synced when so much time has
  /// passed.
  std::uint64_t watermark_bytes_max = 1u << 20;
  std::uint64_t watermark_sync_nanos = 1'000'000'000;
  /// Events that the leader takes into one commit group from waiting callers.
  std::uint32_t group_events_max = 4096;
  /// The environment below RocksDB; null: the machine's. Outlives the store.
  rocksdb::Env* env = nullptr;
  /// Write buffer of a busy family; the log's limit is four of them. 0: as the memory preset says.
  std::size_t write_buffer_bytes = 0;
  /// RocksDB works on the caller's thread and in jobs of `env` alone, and no write waits for a job.
  bool jobs_on_demand = false;
  /// Is set to the store's database, which lives until the store is closed: measurements flush it.
  rocksdb::DB** database = nullptr;
};

Result<Store> open_tuned(const StoreOptions& options, const Tuning& tuning);

}  // namespace muster::store
