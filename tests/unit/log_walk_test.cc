// What RocksDB writes, and where a walk of its logs stops when a part of them is missing.
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "store/log_walk.h"
#include "store/manifest.h"
#include "tests/support/files.h"

namespace muster::store {
namespace {

namespace fs = std::filesystem;
using test::TempDir;

/// Three families, of which the first has no records.
class SmallDatabase {
 public:
  explicit SmallDatabase(const fs::path& path) {
    rocksdb::DBOptions options;
    options.create_if_missing = options.create_missing_column_families = true;
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    rocksdb::ColumnFamilyOptions family;
    family.max_write_buffer_number = 20;
    rocksdb::DB* opened = nullptr;
    const rocksdb::Status status = rocksdb::DB::Open(
        options, path.string(), {{"default", family}, {"one", family}, {"two", family}}, &families_,
        &opened);
    EXPECT_TRUE(status.ok()) << status.ToString();
    db_.reset(opened);
  }
  SmallDatabase(const SmallDatabase&) = delete;
  SmallDatabase& operator=(const SmallDatabase&) = delete;
  ~SmallDatabase() {
    for (auto* family : families_) EXPECT_TRUE(db_->DestroyColumnFamilyHandle(family).ok());
  }

  /// In both families: two changes a batch.
  void write(int batches) {
    for (int i = 0; i < batches; ++i) {
      rocksdb::WriteBatch batch;
      const std::string key = std::to_string(written_++);
      EXPECT_TRUE(batch.Put(families_[1], key, "value").ok());
      EXPECT_TRUE(batch.Put(families_[2], key, "value").ok());
      rocksdb::WriteOptions options;
      options.sync = true;
      EXPECT_TRUE(db_->Write(options, &batch).ok());
    }
  }
  void write_nothing() {
    rocksdb::WriteBatch batch;
    EXPECT_TRUE(db_->Write({}, &batch).ok());
  }
  void flush(std::size_t family, bool wait = true) {
    rocksdb::FlushOptions options;
    options.wait = wait;
    options.allow_write_stall = true;
    EXPECT_TRUE(db_->Flush(options, families_[family]).ok());
  }
  /// From here on logs are begun, and no table is written.
  void pause() { EXPECT_TRUE(db_->PauseBackgroundWork().ok()); }
  void go_on() { EXPECT_TRUE(db_->ContinueBackgroundWork().ok()); }

 private:
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
  std::unique_ptr<rocksdb::DB> db_;
  int written_ = 0;
};

class LogWalkTest : public testing::Test {
 protected:
  fs::path path() const { return folder_ / "db"; }
  fs::path copy() const { return folder_ / "copy"; }
  /// As a kill would leave it.
  void copy_files() {
    // RocksDB tidies up meanwhile.
    std::error_code error;
    do {
      fs::remove_all(copy());
      fs::copy(path(), copy(), error);
    } while (error);
  }
  std::vector<fs::path> logs() const {
    std::vector<fs::path> logs;
    for (const auto& entry : fs::directory_iterator(copy())) {
      if (entry.path().extension() == ".log") logs.push_back(entry.path());
    }
    std::sort(logs.begin(), logs.end());
    return logs;
  }
  static std::vector<std::uint64_t> records_of(const fs::path& log) {
    std::vector<std::uint64_t> begins;
    const auto note = [&](std::uint64_t at, std::string_view) { begins.push_back(at); };
    EXPECT_FALSE(find_torn(*rocksdb::Env::Default(), log, LogScan(note))->has_value());
    return begins;
  }
  /// "whole", "stops before N", or the error's name.
  std::string walked() const {
    const Result<LogWalk> walk = walk_logs(*rocksdb::Env::Default(), copy());
    if (!walk.ok()) return std::string(name_of(walk.status().code()));
    if (walk->stop_before) return "stops before " + std::to_string(*walk->stop_before);
    return walk->torn.empty() ? "whole" : "torn";
  }
  LogNeeds needs() const { return **read_log_needs(*rocksdb::Env::Default(), copy()); }
  void cut(const fs::path& log, std::uint64_t bytes) { fs::resize_file(log, bytes); }

  TempDir folder_;
};

TEST_F(LogWalkTest, whatRocksDbWritesIsWhole) {
  for (int opened = 0; opened < 3; ++opened) {
    SCOPED_TRACE(opened);
    SmallDatabase database(path());
    const auto expect_whole = [this](const char* when) {
      copy_files();
      EXPECT_EQ(walked(), "whole") << when;
    };
    expect_whole("opened");
    EXPECT_FALSE(needs().begins_there);
    // What was written before stands in tables.
    EXPECT_EQ(needs().next, opened == 0 ? 1U : needs().in_tables + 1);
    database.write(3);
    database.write_nothing();
    database.write(1);
    expect_whole("written");
    database.flush(1);
    expect_whole("one family flushed");
    database.write(2);
    database.flush(2);
    expect_whole("the other one flushed");
    EXPECT_TRUE(needs().begins_there);
    database.write(2);
    database.flush(1);
    database.write(1);
    expect_whole("and on");
  }
  // A database that is opened and not written to leaves empty logs.
  for (int opened = 0; opened < 3; ++opened) SmallDatabase database(path());
  copy_files();
  EXPECT_EQ(walked(), "whole");
  EXPECT_FALSE(needs().begins_there);
}

/// Several logs, and tables of none of them.
TEST_F(LogWalkTest, stopsWhereBatchesAreMissing) {
  { SmallDatabase(path()).write(2); }
  SmallDatabase database(path());
  database.pause();
  for (const std::size_t family : {1U, 2U, 1U}) {
    database.write(3);
    database.flush(family, false);
  }
  database.write(3);
  copy_files();
  ASSERT_EQ(logs().size(), 4U);
  EXPECT_EQ(walked(), "whole");
  // Two batches of two changes, and 6 changes a log.
  for (std::size_t number = 0; number < 4; ++number) {
    SCOPED_TRACE(number);
    const std::string expected =
        number == 3 ? "whole" : "stops before " + std::to_string(5 + 6 * (number + 1));
    copy_files();
    const std::vector<std::uint64_t> begins = records_of(logs()[number]);
    ASSERT_EQ(begins.size(), 3U);
    for (const std::uint64_t begin : begins) {
      copy_files();
      cut(logs()[number], begin);
      EXPECT_EQ(walked(), expected) << begin;
    }
    copy_files();
    cut(logs()[number], begins[1] + 5);
    EXPECT_EQ(walked(), number == 3 ? "torn" : expected);
    copy_files();
    fs::remove(logs()[number]);
    EXPECT_EQ(walked(), expected);
  }
  database.go_on();
}

TEST_F(LogWalkTest, namesWhatStandsBehindAGap) {
  SmallDatabase database(path());
  database.pause();
  for (int log = 0; log < 3; ++log) {
    database.write(2);
    database.flush(1, false);
  }
  copy_files();
  const std::vector<fs::path> all = logs();
  ASSERT_EQ(all.size(), 4U);
  cut(all[0], records_of(all[0])[1]);
  const Result<LogWalk> walk = walk_logs(*rocksdb::Env::Default(), copy());
  ASSERT_TRUE(walk.ok()) << walk.status().to_string();
  EXPECT_EQ(walk->stop_before, 5U);
  ASSERT_EQ(walk->torn.size(), 2U) << "the last log is empty";
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(walk->torn[i].path, all[i + 1]);
    EXPECT_EQ(walk->torn[i].whole_bytes, 0U);
    EXPECT_EQ(walk->torn[i].file_bytes, fs::file_size(all[i + 1]));
    EXPECT_NE(walk->torn[i].to_string().find("is missing"), std::string::npos);
  }
  database.go_on();
}

/// Where a family has its part in a table, the others cannot go back before it.
TEST_F(LogWalkTest, refusesTablesAheadOfTheLogs) {
  SmallDatabase database(path());
  database.write(3);
  database.flush(1);
  database.write(3);
  database.flush(1);
  copy_files();
  ASSERT_EQ(logs().size(), 3U);
  EXPECT_EQ(walked(), "whole");
  for (std::size_t number = 0; number < 2; ++number) {
    copy_files();
    for (const std::uint64_t begin : records_of(logs()[number])) {
      copy_files();
      cut(logs()[number], begin);
      EXPECT_EQ(walked(), "corruption") << number << " " << begin;
    }
    copy_files();
    fs::remove(logs()[number]);
    EXPECT_EQ(walked(), "corruption") << number;
  }
  // Both families are in tables: only the newest log counts, and it is empty.
  database.flush(2);
  copy_files();
  for (const fs::path& log : logs()) fs::remove(log);
  EXPECT_EQ(walked(), "whole");
}

/// A log of other times is none of this sequence.
TEST_F(LogWalkTest, refusesAnOlderLogInTheNewestsPlace) {
  SmallDatabase database(path());
  database.pause();
  database.write(2);
  database.flush(1, false);
  database.write(2);
  copy_files();
  fs::copy_file(logs()[0], logs()[1], fs::copy_options::overwrite_existing);
  EXPECT_EQ(walked(), "corruption");
  database.go_on();
}

TEST_F(LogWalkTest, knowsNoOtherManifest) {
  { SmallDatabase(path()).write(1); }
  copy_files();
  EXPECT_EQ(walked(), "whole");
  fs::remove(copy() / "CURRENT");
  EXPECT_FALSE(read_log_needs(*rocksdb::Env::Default(), copy())->has_value());
}

}  // namespace
}  // namespace muster::store
