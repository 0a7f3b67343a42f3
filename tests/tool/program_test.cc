// The real program: exit codes, and output that cannot be written.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "muster/store.h"
#include "tests/support/places.h"
#include "tests/tool/tool_run.h"

namespace muster::tool_test {
namespace {

using testing::HasSubstr;

class Program : public testing::Test {
 protected:
  void SetUp() override { write_file(recording_, small_recording()); }

  void replay() const {
    const Ran ran = spawn({"replay", "--db", db_, recording_});
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
  }

  ScratchDir scratch_;
  std::string db_ = scratch_.file("db");
  std::string recording_ = scratch_.file("small.ndjson");
};

TEST_F(Program, ExitCodes) {
  replay();
  EXPECT_EQ(spawn({"check", "--db", db_}).exit_code, 0);
  EXPECT_EQ(spawn({"host", "H9", "--db", db_}).exit_code, 1);
  EXPECT_EQ(spawn({"replay", "--strict", "--db", scratch_.file("other"), recording_}).exit_code, 1);
  EXPECT_EQ(spawn({"host", "--nonsense"}).exit_code, 2);
  EXPECT_EQ(spawn({"replay", "--db", db_, scratch_.file("missing")}).exit_code, 2);
  const std::string empty = scratch_.file("empty");
  std::filesystem::create_directory(empty);
  EXPECT_EQ(spawn({"replay", "--db", db_, empty}).exit_code, 2);
  EXPECT_EQ(spawn({"replay", "--db", scratch_.file("new"), db_}).exit_code, 65);
  EXPECT_EQ(spawn({"stats", "--db", recording_}).exit_code, 65);
}

TEST_F(Program, SomethingElseIsNotAStore) {
  const std::string other = scratch_.file("other");
  std::filesystem::create_directory(other);
  write_file(other + "/notes.txt", "not a store");
  for (const Arguments& arguments :
       {Arguments{"stats", "--db", other}, Arguments{"replay", "--db", other, recording_}}) {
    const Ran ran = spawn(arguments);
    EXPECT_EQ(ran.exit_code, 65) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(other));
  }
  EXPECT_EQ(read_file(other + "/notes.txt"), "not a store");
}

TEST_F(Program, ASecondWriterIsBusyAndAReaderIsNot) {
  replay();
  StoreOptions options;
  options.path = db_;
  const Result<Store> writer = Store::open(options);
  ASSERT_TRUE(writer.ok()) << writer.status().to_string();
  const Ran second = spawn({"replay", "--db", db_, recording_});
  EXPECT_EQ(second.exit_code, 75) << second.err;
  EXPECT_EQ(spawn({"summary", "--db", db_}).exit_code, 0);
}

TEST_F(Program, AFullDiskForTheOutputIsAnError) {
  replay();
  Process process({"export", "--db", db_}, "/dev/full", scratch_.file("err"));
  EXPECT_EQ(process.wait(), 74);
  EXPECT_THAT(read_file(scratch_.file("err")), HasSubstr("cannot write the output"));
}

TEST_F(Program, WhatCannotBeAcknowledgedIsReplayedAllTheSame) {
  const Ran ran = spawn({"replay", "--db", db_, "--acknowledge", "/dev/full", recording_});
  EXPECT_EQ(ran.exit_code, 74);
  EXPECT_THAT(ran.err, HasSubstr("/dev/full: cannot be written: No space left"));
  EXPECT_THAT(ran.out, HasSubstr("11 events"));
  EXPECT_THAT(spawn({"replay", "--db", db_, recording_}).out, HasSubstr("0 events"));
  const std::string missing = scratch_.file("no/such");
  const Ran refused =
      spawn({"replay", "--db", scratch_.file("new"), "--acknowledge", missing, recording_});
  EXPECT_EQ(refused.exit_code, 74);
  EXPECT_THAT(refused.err, HasSubstr(missing));
  EXPECT_FALSE(std::filesystem::exists(scratch_.file("new"))) << "nothing is left behind";
}

TEST_F(Program, AClosedPipeEndsQuietly) {
  replay();
  const std::string pipe = scratch_.file("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  // The reader goes as soon as the writer is there: the program's first write finds nobody.
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  const int writer = ::open(pipe.c_str(), O_WRONLY);
  ASSERT_GE(writer, 0);
  Process process({"export", "--db", db_}, "/proc/self/fd/" + std::to_string(writer),
                  scratch_.file("err"));
  ::close(reader);
  const int exit_code = process.wait();
  ::close(writer);
  EXPECT_EQ(exit_code, 0);
  EXPECT_EQ(read_file(scratch_.file("err")), "");
}

TEST_F(Program, PipesGetNoColourAndNoProgress) {
  const Ran ran = spawn({"replay", "--db", db_, test::source_dir() + "/tests/data/demo.ndjson"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(ran.out.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace muster::tool_test
