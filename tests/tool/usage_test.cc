// What the tool answers to a command line that it cannot use, and its exit codes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/tool/tool_run.h"
#include "tools/exit_code.h"

namespace muster::tool_test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(ExitCode, OfEveryStatus) {
  using tool::exit_code_of;
  EXPECT_EQ(exit_code_of(StatusCode::kOk), 0);
  for (const StatusCode usage : {StatusCode::kInvalidArgument, StatusCode::kNotFound,
                                 StatusCode::kPolicyMismatch, StatusCode::kReadOnly}) {
    EXPECT_EQ(exit_code_of(usage), 2);
  }
  for (const StatusCode bad :
       {StatusCode::kFormatTooNew, StatusCode::kNotAStore, StatusCode::kBadInput,
        StatusCode::kLimit, StatusCode::kEventsLost}) {
    EXPECT_EQ(exit_code_of(bad), 65);
  }
  for (const StatusCode storage :
       {StatusCode::kCorruption, StatusCode::kIoError, StatusCode::kClosed}) {
    EXPECT_EQ(exit_code_of(storage), 74);
  }
  EXPECT_EQ(exit_code_of(StatusCode::kBusy), 75);
}

struct WrongCall {
  Arguments arguments;
  std::string begin;    ///< of the message
  std::string mention;  ///< something it has to name
};

class WrongCalls : public testing::TestWithParam<WrongCall> {};

TEST_P(WrongCalls, AreUsageErrors) {
  const ScratchDir scratch;
  Arguments arguments = GetParam().arguments;
  for (std::string& argument : arguments) {
    if (argument == "DB") argument = scratch.file("db");
    if (argument == "FOLDER") argument = scratch.path().native();
    if (argument == "MISSING") argument = scratch.file("missing.ndjson");
  }
  const Ran ran = call(arguments);
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, StartsWith(GetParam().begin));
  EXPECT_THAT(ran.err, HasSubstr(GetParam().mention));
  EXPECT_FALSE(std::filesystem::exists(scratch.file("db"))) << "a wrong call made a store";
}

INSTANTIATE_TEST_SUITE_P(
    Cases, WrongCalls,
    testing::Values(
        WrongCall{{}, "muster: ", "subcommand"},
        WrongCall{{"frobnicate"}, "muster: ", "no command 'frobnicate'"},
        WrongCall{{"sumary", "--db", "DB"}, "muster: ", "no command 'sumary'"},
        WrongCall{{"stats", "--bd", "DB"}, "muster stats: ", "'--bd'"},
        WrongCall{{"--nonsense"}, "muster: ", "--help"},
        WrongCall{{"stats"}, "muster stats: ", "--db"},
        WrongCall{{"stats", "--db", "DB", "--nonsense"}, "muster stats: ", "--nonsense"},
        WrongCall{{"stats", "--db", "DB", "--output", "xml"}, "muster stats: ", "xml"},
        WrongCall{{"stats", "--db", "DB"}, "muster stats: ", "no store"},
        WrongCall{{"--db", "DB", "stats"}, "muster stats: ", "no store"},
        WrongCall{{"--db", "DB", "host", "H1"}, "muster host: ", "no store"},
        WrongCall{{"--db=", "stats"}, "muster stats: ", "--db"},
        WrongCall{{"--db", "", "stats"}, "muster stats: ", "--db: it names no directory"},
        WrongCall{{"stats", "--db", ""}, "muster stats: ", "--db: it names no directory"},
        WrongCall{{"--db"}, "muster: ", "--db"}, WrongCall{{"--db", "DB"}, "muster: ", "--db"},
        WrongCall{{"--db", "DB", "generate", "-o", "-"}, "muster generate: ", "--db"},
        WrongCall{{"host", "--db", "DB"}, "muster host: ", "UUID"},
        WrongCall{{"host", "H1", "--db", "DB"}, "muster host: ", "no store"},
        WrongCall{{"list", "--db", "DB"}, "muster list: ", "--status"},
        WrongCall{{"list", "--db", "DB", "--status", "unsent"}, "muster list: ", "unsent"},
        WrongCall{
            {"list", "--db", "DB", "--status", "failed", "--limit", "0"}, "muster list: ", "0"},
        WrongCall{{"export", "--db", "DB", "--hosts", "--digest"}, "muster export: ", "--hosts"},
        WrongCall{{"generate"}, "muster generate: ", "-o"},
        WrongCall{{"generate", "--hosts", "0", "-o", "-"}, "muster generate: ", "hosts is 0"},
        WrongCall{{"generate", "--hosts", "many", "-o", "-"}, "muster generate: ", "many"},
        WrongCall{{"generate", "--scenario", "calm", "-o", "-"}, "muster generate: ", "calm"},
        WrongCall{{"replay", "--db", "DB"}, "muster replay: ", "FILE"},
        WrongCall{{"replay", "--db", "DB", "MISSING"}, "muster replay: ", "missing.ndjson"},
        WrongCall{{"replay", "--db", "DB", "FOLDER"}, "muster replay: ", "folder"},
        WrongCall{
            {"replay", "--db", "DB", "--batch", "0", "MISSING"}, "muster replay: ", "--batch"},
        WrongCall{{"replay", "--db", "DB", "--max-retries-apple", "255", "MISSING"},
                  "muster replay: ",
                  "--max-retries-apple"},
        WrongCall{{"replay", "--db", "DB", "--grace-seconds", "-1", "MISSING"},
                  "muster replay: ",
                  "--grace-seconds"},
        WrongCall{{"replay", "--db", "DB", "--late-results", "maybe", "MISSING"},
                  "muster replay: ",
                  "maybe"},
        WrongCall{
            {"replay", "--db", "DB", "--threads", "65", "MISSING"}, "muster replay: ", "--threads"},
        WrongCall{{"convert", "MISSING"}, "muster convert: ", "-o"},
        WrongCall{{"convert", "MISSING", "-o", "x.txt"}, "muster convert: ", "--to"},
        WrongCall{{"convert", "MISSING", "-o", "x.mrec"}, "muster convert: ", "missing.ndjson"},
        WrongCall{{"convert", "FOLDER", "-o", "x.mrec"}, "muster convert: ", "folder"},
        WrongCall{{"replay", "--db", "DB", "--set-policy", "MISSING"},
                  "muster replay: ",
                  "--set-policy"}));

TEST(Usage, HelpAndVersionAreFine) {
  const Ran version = call({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.out, StartsWith("muster "));
  EXPECT_THAT(version.out, HasSubstr(", RocksDB "));
  EXPECT_THAT(call({"convert", "--help"}).out, HasSubstr("--to"));
  for (const char* command : {"replay", "export", "host", "summary", "profile", "profiles", "list",
                              "check", "scrub", "stats"}) {
    const Ran help = call({command, "--help"});
    EXPECT_EQ(help.exit_code, 0) << command;
    EXPECT_THAT(help.out, HasSubstr("--db"));
    EXPECT_THAT(help.out, HasSubstr("Exit codes"));
  }
  const Ran help = call({"generate", "--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, HasSubstr("--scenario"));
  EXPECT_THAT(help.out, testing::Not(HasSubstr("--db")));
}

TEST(Usage, MessagesAreEscaped) {
  const Ran ran = call({"host", "H1", "--db", "/nowhere/\x1b[2J"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.err, HasSubstr("/nowhere/\\u001b[2J"));
}

}  // namespace
}  // namespace muster::tool_test
