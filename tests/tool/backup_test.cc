// muster backup, verify and restore.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/tool/tool_run.h"

namespace muster::tool_test {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using Json = nlohmann::json;

class BackupTool : public ::testing::Test {
 protected:
  void SetUp() override {
    write_file(scratch_.file("small.ndjson"), small_recording());
    ASSERT_EQ(call({"replay", "--db", db_, scratch_.file("small.ndjson")}).exit_code, 0);
  }
  std::string digest(const std::string& db) { return call({"export", "--db", db, "--digest"}).out; }

  ScratchDir scratch_;
  std::string db_ = scratch_.file("db");
  std::string backups_ = scratch_.file("backups");
};

TEST_F(BackupTool, thereAndBack) {
  const Ran made = call({"backup", "--db", db_, backups_});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  EXPECT_THAT(made.out, MatchesRegex("backup 1 of 20..-..-..T..:..:..Z: 11 events, [0-9,]+ bytes "
                                     "in [0-9]+ files, verified\n"));
  const Ran verified = call({"verify", backups_});
  EXPECT_EQ(verified.exit_code, 0) << verified.err;
  EXPECT_THAT(verified.out, HasSubstr("whole"));
  const Ran restored = call({"restore", "--db", scratch_.file("again"), backups_});
  EXPECT_EQ(restored.exit_code, 0) << restored.err;
  EXPECT_THAT(restored.out, HasSubstr("again: 11 events, 2 hosts, 2 rows; every record read"));
  EXPECT_EQ(digest(scratch_.file("again")), digest(db_));
}

TEST_F(BackupTool, oldOnesGo) {
  for (int i = 0; i < 3; ++i) ASSERT_EQ(call({"backup", "--db", db_, backups_}).exit_code, 0);
  const Ran made = call({"backup", "--db", db_, backups_, "--keep", "2", "--output", "json"});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  EXPECT_EQ(Json::parse(made.out)["deleted"], 2);
  const Json found = Json::parse(call({"verify", backups_, "--output", "json"}).out)["backups"];
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0]["id"], 3);
  EXPECT_EQ(found[1]["whole"], true);
}

TEST_F(BackupTool, mistakesSayWhatToDo) {
  ASSERT_EQ(call({"backup", "--db", db_, backups_}).exit_code, 0);
  const struct {
    Arguments arguments;
    int exit_code;
    const char* message;
  } cases[] = {
      {{"restore", "--db", db_, backups_}, 2, "something stands there: name a new directory"},
      {{"restore", "--db", scratch_.file("new"), db_}, 65, "holds something else than backups"},
      {{"restore", "--db", scratch_.file("new"), "--backup", "9", backups_}, 2, "no backup 9"},
      {{"verify", scratch_.file("none")}, 2, "there is no folder of backups"},
      {{"verify", "--backup", "9", backups_}, 2, "no backup 9"},
      {{"backup", "--db", scratch_.file("none"), backups_}, 2, "there is no store"},
      {{"backup", "--db", db_, scratch_.file("no/such")}, 74, "cannot be made"},
  };
  for (const auto& example : cases) {
    const Ran ran = call(example.arguments);
    EXPECT_EQ(ran.exit_code, example.exit_code) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(example.message));
  }
}

TEST_F(BackupTool, damageIsAnExitCode) {
  ASSERT_EQ(call({"backup", "--db", db_, backups_}).exit_code, 0);
  std::ofstream(backups_ + "/private/1/CURRENT", std::ios::binary) << "MANIFEST-999999\n";
  const Ran verified = call({"verify", backups_});
  EXPECT_EQ(verified.exit_code, 74);
  EXPECT_THAT(verified.err, HasSubstr("backup 1"));
  EXPECT_EQ(call({"restore", "--db", scratch_.file("new"), backups_}).exit_code, 74);
  EXPECT_FALSE(std::filesystem::exists(scratch_.file("new")));
}

/// Its list is all that is known of it, and that cannot be read.
TEST_F(BackupTool, nothingIsMadeUpOfADamagedOne) {
  for (int i = 0; i < 2; ++i) ASSERT_EQ(call({"backup", "--db", db_, backups_}).exit_code, 0);
  std::filesystem::remove(backups_ + "/private/1/CURRENT");
  const Ran text = call({"verify", backups_});
  EXPECT_EQ(text.exit_code, 74);
  EXPECT_THAT(text.out, ContainsRegex("\n *1  +damaged\n"));
  EXPECT_THAT(text.err, HasSubstr("private/1/CURRENT"));
  const Ran json = call({"verify", backups_, "--output", "json"});
  const Json found = Json::parse(json.out)["backups"];
  ASSERT_EQ(found.size(), 2U);
  for (const char* unknown : {"made_at", "store_id", "sequence", "bytes", "files"}) {
    EXPECT_TRUE(found[0][unknown].is_null()) << unknown;
    EXPECT_FALSE(found[1][unknown].is_null()) << unknown;
  }
  EXPECT_EQ(found[0]["whole"], false);
  EXPECT_EQ(found[1]["whole"], true);
}

}  // namespace
}  // namespace muster::tool_test
