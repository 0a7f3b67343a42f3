// Raw RocksDB under Muster's load, without rules, derived keys, counters or checks: the floors of
// full changes (rocksdb_put) and of rollouts (rocksdb_rewrite).
//
// It has all of the preset's memory for itself, of which Muster gives five eighths to hosts as they
// are judged: one block cache of that size that memtables are charged to, memtables of a sixteenth
// of it, a log of half the preset. The rest is as Muster has it: LZ4, blocks of 4 KiB with bloom
// filters, two background jobs, compactions that read ahead; a write batch a commit, synced where
// commits are durable. Left out is what guards bytes in memory. A value has the size of a
// host's record, 12 bytes a profile and 128 for everything else, and compresses like one: slots are
// those of one of four teams, 24 bytes are of the host alone.
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>

#include <array>
#include <cstring>
#include <stdexcept>

#include "base/hash.h"
#include "bench/engine.h"
#include "core/host.h"
#include "core/step.h"

namespace muster::bench {
namespace {

constexpr std::size_t kFixedBytes = 128;
constexpr std::uint32_t kTeams = 4;
constexpr int kRewriteWindow = 2'048;

void check(const rocksdb::Status& status) {
  if (!status.ok()) throw std::runtime_error("RocksDB: " + status.ToString());
}

rocksdb::Options options_of(std::uint64_t memory) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(memory);
  table.cache_index_and_filter_blocks = true;
  table.format_version = 5;
  table.checksum = rocksdb::kXXH3;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  rocksdb::Options options;
  options.create_if_missing = true;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.write_buffer_size = memory / 16;
  options.write_buffer_manager =
      std::make_shared<rocksdb::WriteBufferManager>(memory / 4, table.block_cache);
  options.max_total_wal_size = memory / 2;
  options.max_background_jobs = 2;
  options.level_compaction_dynamic_level_bytes = true;
  options.compression = rocksdb::kLZ4Compression;
  options.optimize_filters_for_hits = true;
  options.bytes_per_sync = 1u << 20;
  options.compaction_readahead_size = 2u << 20;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

class RocksDbFloor : public Engine {
 public:
  explicit RocksDbFloor(const EngineSetting& setting)
      : folder_(setting.folder), slots_(setting.profiles) {
    write_.sync = setting.durability == Durability::kSync;
    rocksdb::DB* database = nullptr;
    check(rocksdb::DB::Open(options_of(setting.memory_bytes()), folder_.string(), &database));
    database_.reset(database);
    for (std::string& value : values_) value.resize(kFixedBytes + slots_ * sizeof(core::Slot));
    renew_values();
  }

  void apply(std::span<const Event> events) override {
    for (const Event& event : events) {
      if (std::holds_alternative<Reconciled>(event.body)) {
        rewrite_all();
      } else if (std::holds_alternative<ProfilesReported>(event.body)) {
        put(*core::host_of(event));
      }
    }
    write();
  }
  void settle() override { check(database_->Flush({})); }
  EngineUse use() override {
    use_.disk_bytes = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder_)) {
      if (file.is_regular_file()) use_.disk_bytes += file.file_size();
    }
    return use_;
  }

 private:
  /// Slots of one more pass: commands that all hosts of a team share.
  void renew_values() {
    ++pass_;
    for (std::uint32_t team = 0; team < kTeams; ++team) {
      for (std::uint32_t i = 0; i < slots_; ++i) {
        const std::uint32_t profile = team * slots_ + i;
        core::Slot slot(core::VersionNumber{profile + 1}, Operation::kInstall,
                        DeliveryStatus::kPending, Scope::kSystem);
        slot.set_command(core::CommandNumber{pass_ * kTeams * slots_ + profile});
        std::memcpy(values_[team].data() + kFixedBytes + i * sizeof slot, &slot, sizeof slot);
      }
    }
  }
  void put(std::string_view uuid) {
    const std::uint64_t hash = base::hash64(uuid);
    const std::array own = {hash, hash * 31 + pass_, hash * 17};
    std::string& value = values_[hash % kTeams];
    std::memcpy(value.data(), own.data(), sizeof own);
    batch_.Put(rocksdb::Slice(uuid.data(), uuid.size()), value);
  }
  void rewrite_all() {
    write();
    renew_values();
    const std::unique_ptr<rocksdb::Iterator> at(database_->NewIterator({}));
    int in_window = 0;
    for (at->SeekToFirst(); at->Valid(); at->Next()) {
      if (at->value().size() != values_[0].size()) throw std::runtime_error("a value is cut");
      put({at->key().data(), at->key().size()});
      if (++in_window % kRewriteWindow == 0) write();
    }
    check(at->status());
    write();
  }
  void write() {
    if (batch_.Count() == 0) return;
    check(database_->Write(write_, &batch_));
    use_.log_bytes += batch_.GetDataSize();
    use_.commits += 1;
    use_.syncs += write_.sync ? 1 : 0;
    batch_.Clear();
  }

  const std::filesystem::path folder_;
  const std::uint32_t slots_;
  rocksdb::WriteOptions write_;
  std::unique_ptr<rocksdb::DB> database_;
  rocksdb::WriteBatch batch_;
  std::array<std::string, kTeams> values_;
  std::uint64_t pass_ = 0;
  EngineUse use_;
};

}  // namespace

std::unique_ptr<Engine> make_rocksdb_put(const EngineSetting& setting) {
  return std::make_unique<RocksDbFloor>(setting);
}

std::unique_ptr<Engine> make_rocksdb_rewrite(const EngineSetting& setting) {
  return std::make_unique<RocksDbFloor>(setting);
}

}  // namespace muster::bench
