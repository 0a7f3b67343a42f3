// The real program where the machine gives no more: a full file system, a bound on the size of
// files, on the number of open ones. What was applied stays, and the next run goes on behind it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>
#include <string>

#include "tests/support/places.h"
#include "tests/support/process.h"
#include "tests/support/sanitized.h"
#include "tests/tool/tool_run.h"

namespace muster::tool_test {
namespace {

using testing::HasSubstr;

constexpr int kNoMounts = 99;
constexpr int kNoNamespaces = 1;  // of unshare
constexpr int kFileTooLarge = 128 + 25;  // SIGXFSZ

class Exhausted : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(spawn({"generate", "--hosts", "200", "--hours", "6", "-o", recording_}).exit_code, 0);
    const std::string whole = scratch_.file("whole");
    ASSERT_EQ(spawn({"replay", "--db", whole, recording_}).exit_code, 0);
    digest_ = spawn({"export", "--digest", "--db", whole}).out;
    ASSERT_FALSE(digest_.empty());
  }

  /// Runs lines of a shell. $muster is the program, $db a store that is not there yet.
  test::ProcessResult shell(const std::string& script, const std::string& wrapper = "") {
    const std::string text = "muster='" + test::tool_file() + "' db='" + db_ + "' recording='" +
                             recording_ + "'\n" + script;
    write_file(scratch_.file("script"), text);
    return test::run_process({"/bin/sh", "-c", wrapper + " /bin/sh " + scratch_.file("script")},
                             scratch_.path());
  }

  void expect_the_rest_is_applied() {
    EXPECT_EQ(spawn({"replay", "--db", db_, recording_}).exit_code, 0);
    EXPECT_EQ(spawn({"export", "--digest", "--db", db_}).out, digest_);
    EXPECT_EQ(spawn({"check", "--db", db_}).exit_code, 0);
  }

  ScratchDir scratch_;
  std::string db_ = scratch_.file("db");
  std::string recording_ = scratch_.file("fleet.ndjson");
  std::string digest_;
};

TEST_F(Exhausted, AFullFileSystemStopsTheProgramAndRoomLetsItGoOn) {
  const std::string disk = scratch_.file("disk");
  for (const std::string size : {"200k", "600k", "1500k"}) {
    const test::ProcessResult ran =
        shell("mkdir -p '" + disk + "' && mount -t tmpfs -o size=" + size + " none '" + disk +
                  "' || exit " + std::to_string(kNoMounts) + "\ndb='" + disk + "/db'\n" + R"(
"$muster" replay --db "$db" "$recording" >/dev/null; echo "full: $?"
mount -o remount,size=200m none ")" +
                  disk + R"("
"$muster" replay --db "$db" "$recording" >/dev/null; echo "room: $?"
"$muster" check --db "$db" >/dev/null; echo "check: $?"
"$muster" export --digest --db "$db"
true
)",
              "as=; [ \"$(id -u)\" = 0 ] || as='--user --map-root-user'; exec unshare $as --mount");
    if (ran.exit_code == kNoMounts || ran.exit_code == kNoNamespaces) {
      // CTest shows it as skipped, and the report of the program has the property.
      std::cout << "not tested: no file system can be mounted here: " << ran.err;
      RecordProperty("not_tested", "a full file system: none can be mounted here");
      return;
    }
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_EQ(ran.out, "full: 74\nroom: 0\ncheck: 0\n" + digest_) << size << ": " << ran.err;
    EXPECT_THAT(ran.err, HasSubstr("No space left on device")) << size;
    EXPECT_THAT(ran.err, HasSubstr("make room")) << size;
  }
}

TEST_F(Exhausted, ABoundOnTheSizeOfFilesEndsItAsAKillDoes) {
  for (const std::string blocks : {"20", "200", "1000"}) {
    SCOPED_TRACE(blocks);
    const test::ProcessResult ran = shell("ulimit -c 0\nulimit -f " + blocks + R"(
exec "$muster" replay --db "$db" "$recording"
)");
    EXPECT_EQ(ran.exit_code, kFileTooLarge) << ran.err;
    expect_the_rest_is_applied();
    std::filesystem::remove_all(db_);
  }
}

TEST_F(Exhausted, WhereTheSignalIsIgnoredItIsAnError) {
  const test::ProcessResult ran = shell(R"(trap '' XFSZ
ulimit -f 200
exec "$muster" replay --db "$db" "$recording"
)");
  EXPECT_EQ(ran.exit_code, 74) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("File too large"));
  expect_the_rest_is_applied();
}

TEST_F(Exhausted, TooFewOpenFilesAreNamed) {
  if (test::kSanitized) return;  // they look at memory through files of their own
  int refused = 0;
  for (int files = 6; files <= 48; files += 6) {
    SCOPED_TRACE(files);
    const test::ProcessResult ran = shell("ulimit -n " + std::to_string(files) + R"(
exec "$muster" replay --db "$db" "$recording"
)");
    if (ran.exit_code == 0) break;
    ++refused;
    EXPECT_EQ(ran.exit_code, 74) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr("Too many open files"));
    expect_the_rest_is_applied();
    std::filesystem::remove_all(db_);
  }
  EXPECT_GT(refused, 2) << "the bound was never felt";
}

}  // namespace
}  // namespace muster::tool_test
