// muster generate: what it writes and where.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/tool/tool_run.h"

namespace muster::tool_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

Arguments generate(const std::string& out, Arguments more = {}) {
  Arguments arguments = {"generate", "--hosts", "10", "--profiles", "4", "--hours", "2", "-o", out};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST(Generate, WritesTheSameToAFileAndToItsOutput) {
  const ScratchDir scratch;
  const Ran shown = call(generate("-"));
  EXPECT_EQ(shown.exit_code, 0);
  EXPECT_THAT(shown.out, StartsWith(R"({"type":"header","version":1,"id":"muster-generate/)"));
  const Ran written = call(generate(scratch.file("fleet.ndjson")));
  EXPECT_EQ(written.exit_code, 0);
  EXPECT_EQ(written.out, "");
  EXPECT_EQ(read_file(scratch.file("fleet.ndjson")), shown.out);
  EXPECT_EQ(written.err, shown.err);
  EXPECT_NE(call(generate("-", {"--seed", "2"})).out, shown.out);
}

TEST(Generate, CountsEventsAndRefusals) {
  const ScratchDir scratch;
  const std::string file = scratch.file("fleet.ndjson");
  const Ran ran = call(generate(file, {"--scenario", "steady"}));
  const Ran replay =
      call({"replay", file, "--strict", "--db", scratch.file("db"), "--output", "json"});
  EXPECT_EQ(replay.exit_code, 0) << replay.out;
  const std::string events = std::to_string(json::parse(replay.out)["events"].get<int>());
  EXPECT_THAT(ran.err, StartsWith(events + " events, "));
  EXPECT_THAT(ran.err, HasSubstr("refuses 0 of"));
}

TEST(Generate, ReplacesTheFile) {
  const ScratchDir scratch;
  const std::string file = scratch.file("fleet.ndjson");
  write_file(file, std::string(1u << 20, 'x'));
  EXPECT_EQ(call(generate(file)).exit_code, 0);
  EXPECT_EQ(read_file(file), call(generate("-")).out);
}

TEST(Generate, SaysWhatItCannotWrite) {
  const ScratchDir scratch;
  for (const std::string& file : {std::string("/dev/full"), scratch.file("no/folder.ndjson")}) {
    const Ran ran = call(generate(file));
    EXPECT_EQ(ran.exit_code, 74);
    EXPECT_THAT(ran.err, StartsWith("muster generate: cannot write " + file + ": "));
  }
}

}  // namespace
}  // namespace muster::tool_test
