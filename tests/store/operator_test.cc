// A store says what happens to it: opened, recovered, stopped, closed. Several stores in one
// process do not disturb each other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/version.h>

#include <atomic>
#include <barrier>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "muster/snapshot.h"
#include "tests/support/files.h"
#include "tests/support/hooked_env.h"
#include "tests/support/store_tools.h"
#include "tests/support/test_disk.h"

namespace muster::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// The callbacks of one store, from any thread.
class Operator {
 public:
  void listen(StoreOptions& options) {
    options.log = [this](LogLevel level, std::string_view line) {
      const std::lock_guard lock(mutex_);
      lines_.push_back((level == LogLevel::kError ? "ERROR " : "") + std::string(line));
    };
    options.on_failure = [this](const Status& status) {
      const std::lock_guard lock(mutex_);
      failures_.push_back(status.to_string());
    };
  }
  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  std::vector<std::string> failures() const {
    const std::lock_guard lock(mutex_);
    return failures_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
  std::vector<std::string> failures_;
};

class OperatorTest : public testing::Test {
 protected:
  StoreOptions options_at(const std::string& name) {
    StoreOptions options = buffered(folder_ / name);
    operator_.listen(options);
    return options;
  }

  TempDir folder_;
  Operator operator_;
  std::vector<Event> events_ = fleet_events({.seed = 3, .hosts = 40, .teams = 2}, 300);
};

TEST_F(OperatorTest, MadeAndClosed) {
  Store store = open_store(options_at("store"));
  apply_all(store, events_, "s", 64);
  require_ok(store.close(), "close");
  EXPECT_THAT(operator_.lines(),
              ElementsAre(HasSubstr("making a new store"), HasSubstr("opened at sequence 0"),
                          HasSubstr("closed at sequence " + std::to_string(events_.size()))));
  EXPECT_THAT(operator_.failures(), ElementsAre());
}

TEST_F(OperatorTest, RecoveredAfterACrash) {
  Store store = open_store(buffered(folder_ / "store"));
  apply_all(store, events_, "s", 64);
  const std::uint64_t groups = require(store.stats(), "stats").commit_groups;
  ASSERT_TRUE(copy_store(folder_ / "store", folder_ / "crashed"));
  const Store crashed = open_store(options_at("crashed"));
  EXPECT_THAT(operator_.lines(), ElementsAre(HasSubstr(std::to_string(groups) + " commit groups"),
                                             HasSubstr("opened at sequence")));
}

TEST_F(OperatorTest, AnInterruptedFanOutIsNamed) {
  HookedEnv env;
  store::Tuning tuning = small_windows();
  tuning.env = env.env();
  Store store = open_store(buffered(folder_ / "store"), tuning);
  apply_all(store, events_, "s", 64);
  bool copied = false;
  int writes = 0;
  env.set_hook([&](LogCall, const std::string&) {
    if (++writes == 4) copied = copy_store(folder_ / "store", folder_ / "crashed");
    return true;
  });
  ProfileUploaded profile;
  profile.profile_uuid = profile.identifier = profile.name = "another";
  profile.uploaded_at = events_.back().at;
  const std::vector<Event> more = {{events_.back().at, profile}, {events_.back().at, Reconciled()}};
  apply(store, more, "s", events_.size() + 1);
  env.set_hook({});
  ASSERT_TRUE(copied);
  const Store crashed = open_store(options_at("crashed"), small_windows());
  const std::string number = std::to_string(events_.size() + 2);
  EXPECT_THAT(operator_.lines(),
              testing::Contains(HasSubstr("cut off: event " + number + " of source s")));
}

TEST_F(OperatorTest, AFailureIsToldOnce) {
  static auto* const disk = new TestDisk;  // a failed engine keeps it
  store::Tuning tuning;
  tuning.env = disk->env();
  Store store = open_store(options_at("store"), tuning);
  apply_all(store, events_, "s", 64);
  disk->set_full(true);
  const std::vector<Event> event = {{events_.back().at, LabelCreated{"one more"}}};
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(store.apply(event).ok());
  EXPECT_FALSE(store.close().ok());
  disk->set_full(false);
  EXPECT_THAT(operator_.failures(), ElementsAre(HasSubstr("full")));
  EXPECT_THAT(operator_.lines().back(), HasSubstr("ERROR"));
  EXPECT_THAT(operator_.lines().back(), HasSubstr("the store stops"));
}

TEST_F(OperatorTest, AFailureOfClosingIsTold) {
  static auto* const disk = new TestDisk;
  store::Tuning tuning;
  tuning.env = disk->env();
  Store store = open_store(options_at("store"), tuning);
  apply_all(store, events_, "s", 64);
  disk->set_full(true);
  EXPECT_FALSE(store.close().ok());
  disk->set_full(false);
  EXPECT_EQ(operator_.failures().size(), 1u);
}

TEST_F(OperatorTest, OfManyWhoOpenAStoreAtOnceOneGetsIt) {
  std::atomic<int> opened = 0;
  std::atomic<int> busy = 0;
  std::vector<Result<Store>> stores;
  require_ok(open_store(buffered(folder_ / "store")).close(), "close");
  std::mutex mutex;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      Result<Store> store = Store::open(buffered(folder_ / "store"));
      opened += store.ok() ? 1 : 0;
      busy += store.status().code() == StatusCode::kBusy ? 1 : 0;
      const std::lock_guard lock(mutex);
      stores.push_back(std::move(store));  // all stay open until everybody has tried
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(opened, 1);
  EXPECT_EQ(busy, 7);
}

/// None of them makes the store another one than the one who got it.
TEST_F(OperatorTest, OfManyWhoMakeAStoreAtOnceOneGetsIt) {
  constexpr int kRounds = 20;
  constexpr int kOpeners = 6;
  for (int round = 0; round < kRounds; ++round) {
    const StoreOptions options = buffered(folder_ / ("new" + std::to_string(round)));
    std::barrier begin(kOpeners);
    std::vector<Result<Store>> stores;
    for (int i = 0; i < kOpeners; ++i) stores.emplace_back(Status(StatusCode::kLimit, "not tried"));
    std::vector<std::thread> threads;
    for (Result<Store>& store : stores) {
      threads.emplace_back([&] {
        begin.arrive_and_wait();
        store = Store::open(options);
      });
    }
    for (std::thread& thread : threads) thread.join();
    int opened = 0;
    for (const Result<Store>& store : stores) {
      opened += store.ok() ? 1 : 0;
      if (store.ok()) continue;
      EXPECT_EQ(store.status().code(), StatusCode::kBusy) << store.status().to_string();
    }
    EXPECT_EQ(opened, 1);
    stores.clear();
    const Status again = Store::open(options).status();
    ASSERT_TRUE(again.ok()) << again.to_string();
  }
}

/// One disk fills up; what another store with other options does and says is its own.
TEST_F(OperatorTest, StoresInOneProcessAreApart) {
  Store alone = open_store(buffered(folder_ / "alone"));
  apply_all(alone, events_, "s", 64);
  const std::string expected = digest_of(alone);

  static auto* const disk = new TestDisk;
  Operator unlucky;
  StoreOptions small = buffered(folder_ / "unlucky");
  unlucky.listen(small);
  small.memory_bytes = 32u << 20;
  small.policy = Policy::fleet_current();
  store::Tuning tuning;
  tuning.env = disk->env();
  StoreOptions large = options_at("lucky");
  large.memory = MemoryPreset::kBulk;
  large.durability = Durability::kSync;
  store::Tuning shared;
  shared.env = TestDisk::shared().env();

  std::string digest;
  std::thread fails([&] {
    Store store = open_store(small, tuning);
    apply_all(store, events_, "s", 16);
    disk->set_full(true);
    EXPECT_FALSE(store.apply(std::vector<Event>{{events_.back().at, LabelCreated{"x"}}}).ok());
    EXPECT_FALSE(store.close().ok());
    disk->set_full(false);
  });
  std::thread works([&] {
    Store store = open_store(large, shared);
    apply_all(store, events_, "s", 4);
    digest = digest_of(store);
    EXPECT_TRUE(store.close().ok());
  });
  fails.join();
  works.join();
  EXPECT_EQ(digest, expected);
  EXPECT_EQ(unlucky.failures().size(), 1u);
  EXPECT_THAT(operator_.failures(), ElementsAre());
  for (const std::string& line : operator_.lines()) EXPECT_THAT(line, HasSubstr("lucky: "));
}

TEST(EngineVersion, isThatOfTheHeaders) {
  EXPECT_EQ(engine_version(), "RocksDB " + std::to_string(ROCKSDB_MAJOR) + "." +
                                  std::to_string(ROCKSDB_MINOR) + "." +
                                  std::to_string(ROCKSDB_PATCH));
}

}  // namespace
}  // namespace muster::test
