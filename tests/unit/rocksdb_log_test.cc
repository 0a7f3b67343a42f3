// What RocksDB says of itself, where it can be written and where it cannot.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <string>

#include "store/rocksdb_log.h"
#include "tests/support/files.h"

namespace muster::test {
namespace {

TEST(RocksDbLog, KeepsLinesWithTheirTime) {
  const TempDir folder;
  const auto log = store::make_rocksdb_log(folder / "LOG");
  rocksdb::Log(rocksdb::InfoLogLevel::WARN_LEVEL, log, "table %d", 7);
  rocksdb::Log(rocksdb::InfoLogLevel::WARN_LEVEL, log, "%s", std::string(20'000, 'x').c_str());
  const std::string text = read_bytes(folder / "LOG");
  EXPECT_THAT(text, testing::ContainsRegex("^20[0-9-]+T[0-9:.]+Z .*table 7\n"));
  EXPECT_LT(text.size(), 10'000U);
  EXPECT_EQ(text.back(), '\n');
  EXPECT_EQ(log->GetLogFileSize(), text.size());
}

TEST(RocksDbLog, LosesWhatFindsNoRoomAndGoesOn) {
  for (const std::string path : {"/dev/full", "/no/such/folder/LOG"}) {
    const auto log = store::make_rocksdb_log(path);
    for (int i = 0; i < 3; ++i) rocksdb::Log(rocksdb::InfoLogLevel::ERROR_LEVEL, log, "line %d", i);
    EXPECT_EQ(log->GetLogFileSize(), 0U) << path;
    EXPECT_TRUE(log->Close().ok()) << path;
  }
}

}  // namespace
}  // namespace muster::test
