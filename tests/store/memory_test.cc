// The bound for memory: how it is split, that it holds, and windows of large records.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "muster/snapshot.h"
#include "store/database.h"
#include "store/layout.h"
#include "tests/support/files.h"
#include "tests/support/store_tools.h"
#include "tests/support/test_disk.h"

namespace muster::test {
namespace {

constexpr std::uint64_t kMiB = 1u << 20;

TEST(Memory, IsSplit) {
  const struct {
    std::uint64_t bytes;
    std::uint64_t wal;
  } cases[] = {{32 * kMiB, 16 * kMiB},
               {64 * kMiB, 32 * kMiB},
               {288 * kMiB, 144 * kMiB},
               {2048 * kMiB, 1024 * kMiB},
               {4096 * kMiB, 1024 * kMiB}};
  for (const auto& example : cases) {
    const store::MemoryPlan plan = store::plan_memory(example.bytes, true);
    EXPECT_EQ(plan.cache, example.bytes / 8 * 3);
    EXPECT_LE(plan.cache + plan.host_cache, example.bytes);
    EXPECT_LT(2 * plan.known_reports, plan.host_cache) << "which they take from it";
    EXPECT_EQ(plan.memtables, example.bytes / 4);
    EXPECT_EQ(plan.wal, example.wal);
    const auto memory = store::make_shared_memory(plan);
    std::uint64_t most = 0;
    for (const auto& family : store::make_families({}, plan, memory)) {
      if (family.name == rocksdb::kDefaultColumnFamilyName) continue;
      most += family.options.write_buffer_size *
              static_cast<std::uint64_t>(family.options.max_write_buffer_number);
    }
    EXPECT_LE(most, plan.cache) << "which they count in";
    EXPECT_GE(most, plan.cache - kMiB) << "and not much less";
  }
}

TEST(Memory, HoldsWhateverIsWrittenAndRead) {
  constexpr std::uint64_t kBound = 32 * kMiB;
  constexpr std::size_t kValueBytes = 16'384;
  constexpr int kBatches = 48;
  constexpr int kValuesPerBatch = 64;
  const TempDir folder;
  store::DatabaseOptions options;
  options.path = folder.path() / "data";
  options.memory = store::plan_memory(kBound, true);
  options.env = TestDisk::shared().env();
  const auto database = require(store::Database::open(options), "open");
  std::mt19937_64 random(1);  // only so that nothing compresses
  std::uint64_t most = 0;
  for (int i = 0; i < kBatches; ++i) {
    store::Batch batch(*database);
    for (int j = 0; j < kValuesPerBatch; ++j) {
      std::string value;
      while (value.size() < kValueBytes) {
        const std::uint64_t word = random();
        value.append(reinterpret_cast<const char*>(&word), sizeof word);
      }
      batch.put(store::Family::kHosts, std::to_string(i * kValuesPerBatch + j), value);
    }
    require_ok(database->write(batch, false), "write");
    const store::DatabaseMemory now = database->memory();
    EXPECT_GT(now.write_buffer_bytes, 0u);
    most = std::max(most, now.write_buffer_bytes);
    EXPECT_LE(now.cache_bytes + now.write_buffer_bytes, kBound + 2 * kMiB) << "batch " << i;
  }
  EXPECT_LE(most, kBound / 2 + 2 * kMiB);
  std::string value;
  for (int i = 0; i < kBatches * kValuesPerBatch; ++i) {
    ASSERT_TRUE(require(database->get(store::Family::kHosts, std::to_string(i), value), "get"));
  }
  const store::DatabaseMemory after = database->memory();
  EXPECT_GT(after.cache_bytes, kBound / 4) << "the cache is used";
  EXPECT_LE(after.cache_bytes + after.write_buffer_bytes, kBound + 2 * kMiB);
}

TEST(Memory, AWindowEndsAtItsBytes) {
  const std::vector<Event> events = fleet_events({.seed = 5, .hosts = 60, .teams = 2}, 200);
  std::vector<std::string> digests;
  std::vector<std::uint64_t> groups;
  for (const std::uint64_t bytes : {std::uint64_t{8} << 20, std::uint64_t{1}}) {
    const TempDir folder;
    store::Tuning tuning;
    tuning.window_bytes = bytes;
    tuning.env = TestDisk::shared().env();
    Store store = open_store(buffered(folder / "store"), tuning);
    apply_all(store, events, "s", 64);
    digests.push_back(digest_of(store));
    groups.push_back(require(store.stats(), "stats").commit_groups);
    EXPECT_EQ(to_text(findings_of(store)), "");
  }
  EXPECT_EQ(digests[0], digests[1]);
  EXPECT_GT(groups[1], groups[0] + 30);
}

TEST(Memory, TooLittleMakesNoStore) {
  const TempDir folder;
  StoreOptions options = buffered(folder / "store");
  options.memory_bytes = 32 * kMiB - 1;
  const Status status = Store::open(options).status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(status.to_string(), testing::HasSubstr("memory_bytes"));
  EXPECT_FALSE(std::filesystem::exists(options.path));
  options.memory_bytes = 32 * kMiB;
  EXPECT_TRUE(Store::open(options).ok());
}

}  // namespace
}  // namespace muster::test
