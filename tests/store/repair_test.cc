// What records imply can be lost: repair computes it again. Records cannot.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/metadata.h>

#include <filesystem>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "muster/backup.h"
#include "muster/repair.h"
#include "store/catalog_records.h"
#include "store/committed.h"
#include "store/database.h"
#include "store/layout.h"
#include "store/store_directory.h"
#include "tests/support/files.h"
#include "tests/support/raw_store.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class Repair : public testing::Test {
 protected:
  void SetUp() override {
    Store store = open_store(buffered(path_));
    apply_all(store, fleet_events({5, 200, 3}, 2'000), "fleet", 64);
    digest_ = digest_of(store);
    require_ok(store.close(), "close");
  }

  Result<RepairReport> repair() { return repair_store(buffered(path_)); }
  void expect_as_before() {
    Store store = open_store(buffered(path_));
    EXPECT_EQ(to_text(findings_of(store)), "");
    EXPECT_EQ(digest_of(store), digest_);
    require_ok(store.close(), "close");
  }
  std::uint64_t findings() {
    const Store store = open_store(read_only(path_));
    return findings_of(store).size();
  }
  std::vector<std::string> keys(std::string_view family) {
    const RawStore raw(path_);
    std::vector<std::string> keys;
    for (const auto& [key, value] : raw.all(family)) keys.push_back(key);
    return keys;
  }
  /// Keys of commands by uuid, or by number.
  std::vector<std::string> command_keys(char prefix) {
    std::vector<std::string> keys = this->keys("commands");
    std::erase_if(keys, [&](const std::string& key) { return key[0] != prefix; });
    return keys;
  }

  /// What is in logs becomes tables, and the first block of each of the family's is damaged.
  void damage_tables(std::string_view family) {
    {
      Store store = open_store(buffered(path_));
      require(store.backup(folder_ / std::string(family)), "backup");
      require_ok(store.close(), "close");
    }
    std::vector<rocksdb::LiveFileMetaData> live;
    {
      store::DatabaseOptions options;
      options.path = store::data_path(path_);
      options.read_only = true;
      const auto database = require(store::Database::open(options), "database");
      database->engine().GetLiveFilesMetaData(&live);
    }
    std::erase_if(live, [&](const auto& table) { return table.column_family_name != family; });
    ASSERT_FALSE(live.empty()) << family;
    for (const auto& table : live) {
      const fs::path path = table.db_path + table.name;
      write_file(path, with_bit_flipped(read_bytes(path), 100));
    }
  }

  /// Rewrites what is small and of the whole store.
  void change_committed(const std::function<void(store::Committed&)>& change) {
    store::DatabaseOptions options;
    options.path = store::data_path(path_);
    const auto database = require(store::Database::open(options), "database");
    store::Committed committed;
    require_ok(store::load_committed(*database, committed), "load");
    change(committed);
    store::Batch batch(*database);
    store::put_folded(committed, batch);
    require_ok(database->write(batch, true), "write");
    require_ok(database->close(), "close");
  }

  TempDir folder_;
  const fs::path path_ = folder_ / "store";
  std::string digest_;
};

TEST_F(Repair, aWholeStoreStaysAsItIs) {
  const RepairReport report = require(repair(), "repair");
  EXPECT_EQ(report.keys_added + report.keys_removed, 0U);
  EXPECT_FALSE(report.totals_changed || report.sums_changed);
  EXPECT_GE(report.stats.hosts, 200U);
  expect_as_before();
}

TEST_F(Repair, derivedKeysThatAreGoneComeBack) {
  std::size_t gone = 0;
  for (const std::string_view family : {"due", "failed"}) {
    const std::vector<std::string> all = keys(family);
    ASSERT_FALSE(all.empty()) << family;
    gone += all.size();
    RawStore raw(path_);
    for (const std::string& key : all) raw.remove(family, key);
  }
  EXPECT_GE(findings(), gone);
  EXPECT_EQ(require(repair(), "repair").keys_added, gone);
  expect_as_before();
}

TEST_F(Repair, derivedKeysThatNothingImpliesGo) {
  {
    RawStore raw(path_);
    raw.put("due", store::due_key(Timestamp{77}, "no such host"), "");
    raw.put("due", "?", "");
    raw.put("failed", store::failed_key(core::ProfileNumber{1}, "no such host"), "");
    raw.put("failed", "??", "");
  }
  EXPECT_GE(findings(), 4U);
  EXPECT_EQ(require(repair(), "repair").keys_removed, 4U);
  expect_as_before();
}

TEST_F(Repair, damagedTablesOfDerivedKeysAreNamed) {
  for (const std::string_view family : {"due", "failed"}) damage_tables(family);
  {
    const Store store = open_store(read_only(path_));
    const std::string found = to_text(findings_of(store));
    EXPECT_THAT(found, HasSubstr("due / the whole family"));
    EXPECT_THAT(found, HasSubstr("failed / the whole family"));
    EXPECT_THAT(found, Not(HasSubstr("hosts")));
  }
  const Result<RepairReport> refused = repair();
  EXPECT_EQ(refused.status().code(), StatusCode::kCorruption);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("all records are whole"));
}

TEST_F(Repair, uuidsOfCommandsLeadToThemAgain) {
  const std::vector<std::string> uuids = command_keys(store::kCommandUuidPrefix);
  ASSERT_GT(uuids.size(), 4U);
  {
    RawStore raw(path_);
    const std::string value = *raw.get("commands", uuids[1]);
    raw.remove("commands", uuids[0]);
    raw.put("commands", uuids[1], with_bit_flipped(value, 99));
    raw.put("commands", uuids[2], "nothing");
    raw.put("commands", store::command_uuid_key("nobody's"),
            store::encode_command_index(
                "nobody's", {core::CommandNumber{1}, core::ProfileNumber{1}, Operation::kInstall}));
  }
  EXPECT_GE(findings(), 4U);
  const RepairReport report = require(repair(), "repair");
  EXPECT_EQ(report.keys_added, 3U);
  EXPECT_EQ(report.keys_removed, 1U);
  expect_as_before();
}

TEST_F(Repair, totalsAndSumsAreCountedAgain) {
  change_committed([](store::Committed& committed) {
    committed.totals.hosts += 3;
    committed.totals.teams[1].failed += 1;
    committed.digest.restore(static_cast<std::uint32_t>(store::Family::kDue), 5);
  });
  EXPECT_GE(findings(), 3U);
  const RepairReport report = require(repair(), "repair");
  EXPECT_TRUE(report.totals_changed);
  EXPECT_TRUE(report.sums_changed);
  expect_as_before();
}

struct Loss {
  const char* name;
  std::string_view family;
  void (*lose)(RawStore& raw, std::string_view family, const std::string& key);
};

std::ostream& operator<<(std::ostream& out, const Loss& loss) {
  return out << loss.name;
}

void remove(RawStore& raw, std::string_view family, const std::string& key) {
  raw.remove(family, key);
}
void flip(RawStore& raw, std::string_view family, const std::string& key) {
  raw.put(family, key, with_bit_flipped(*raw.get(family, key), 200));
}

class RepairOf : public Repair, public testing::WithParamInterface<Loss> {};

TEST_P(RepairOf, lostRecordsIsRefused) {
  const Loss& loss = GetParam();
  {
    RawStore raw(path_);
    const RawStore::Records records = raw.all(loss.family);
    ASSERT_FALSE(records.empty());
    loss.lose(raw, loss.family, records.begin()->first);
    // Something that could be mended beside it stays as it is.
    raw.put("due", "?", "");
  }
  const Result<RepairReport> refused = repair();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(name_of(refused.status().code()), "corruption") << refused.status().to_string();
  const RawStore raw(path_);
  EXPECT_TRUE(raw.get("due", "?"));
}

INSTANTIATE_TEST_SUITE_P(losses, RepairOf,
                         testing::Values(Loss{"AHost", "hosts", remove},
                                         Loss{"ABitOfAHost", "hosts", flip},
                                         Loss{"ACommand", "commands", remove},
                                         Loss{"ACatalogItem", "catalog", remove}),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST_F(Repair, ofNothingSaysSo) {
  const Result<RepairReport> none = repair_store(buffered(folder_ / "none"));
  EXPECT_EQ(name_of(none.status().code()), "not_found");
  EXPECT_FALSE(fs::exists(folder_ / "none"));
}

}  // namespace
}  // namespace muster::test
