// muster generate: what it writes and where.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

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

std::string digest_of_replay(const ScratchDir& scratch, const std::string& file) {
  const std::string db = scratch.file("db of " + file);
  EXPECT_EQ(call({"replay", scratch.file(file), "--strict", "--db", db}).exit_code, 0);
  return call({"export", "--digest", "--db", db}).out;
}

TEST(Generate, WritesTheSameEventsInEveryForm) {
  const ScratchDir scratch;
  const Arguments steady = {"--scenario", "steady"};
  for (const char* file : {"a.ndjson", "b.ndjson", "c.ndjson.zst", "d.ndjson.gz"}) {
    EXPECT_EQ(call(generate(scratch.file(file), steady)).exit_code, 0) << file;
  }
  for (const char* file : {"e.mrec", "f.mrec.zst"}) {
    Arguments arguments = generate(scratch.file(file), steady);
    arguments.insert(arguments.end(), {"--format", "binary"});
    EXPECT_EQ(call(arguments).exit_code, 0) << file;
  }
  const std::string text = read_file(scratch.file("a.ndjson"));
  EXPECT_THAT(text, StartsWith(R"({"type":"header","version":1,"id":"muster-generate/)"));
  EXPECT_EQ(read_file(scratch.file("b.ndjson")), text);
  EXPECT_LT(std::filesystem::file_size(scratch.file("c.ndjson.zst")), text.size() / 4);
  const std::string digest = digest_of_replay(scratch, "a.ndjson");
  EXPECT_EQ(digest.size(), 33U);
  for (const char* file : {"c.ndjson.zst", "d.ndjson.gz", "e.mrec", "f.mrec.zst"}) {
    EXPECT_EQ(digest_of_replay(scratch, file), digest) << file;
  }
  call(generate(scratch.file("g.ndjson"), {"--seed", "2"}));
  EXPECT_NE(read_file(scratch.file("g.ndjson")), text);
}

TEST(Generate, CountsEventsAndRefusals) {
  const ScratchDir scratch;
  const std::string file = scratch.file("fleet.ndjson");
  const Ran ran = call(generate(file, {"--scenario", "steady"}));
  const Ran replay =
      call({"replay", file, "--strict", "--db", scratch.file("db"), "--output", "json"});
  EXPECT_EQ(replay.exit_code, 0) << replay.out;
  const std::string events = std::to_string(json::parse(replay.out)["events"].get<int>());
  EXPECT_EQ(ran.err, events + " events; a replay refuses 0 of them\n");
}

TEST(Generate, ReplacesTheFile) {
  const ScratchDir scratch;
  const std::string file = scratch.file("fleet.ndjson");
  write_file(file, std::string(1u << 20, 'x'));
  EXPECT_EQ(call(generate(file)).exit_code, 0);
  EXPECT_THAT(read_file(file), StartsWith("{\"type\":\"header\""));
}

TEST(Generate, SaysWhatItCannotWrite) {
  const ScratchDir scratch;
  const std::pair<std::string, int> cases[] = {{"/dev/full", 74},
                                               {scratch.file("no/folder.ndjson"), 2}};
  for (const auto& [file, exit_code] : cases) {
    const Ran ran = call(generate(file));
    EXPECT_EQ(ran.exit_code, exit_code);
    EXPECT_THAT(ran.err, StartsWith("muster generate: "));
    EXPECT_THAT(ran.err, HasSubstr(file));
  }
}

}  // namespace
}  // namespace muster::tool_test
