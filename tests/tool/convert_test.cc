#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/places.h"
#include "tests/tool/tool_run.h"

namespace muster::tool_test {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

const std::string kDemo = test::source_dir() + "/tests/data/demo.ndjson";

/// The bytes as they are: read_file() unpacks.
std::string raw(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class Convert : public ::testing::Test {
 protected:
  std::string file(std::string_view name) const { return scratch_.file(name); }

  Ran convert(const Arguments& arguments) {
    Arguments all = {"convert"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return call(all);
  }

  std::string digest(const Arguments& recordings, int exit_code = 0) {
    const std::string db = file("db" + std::to_string(stores_++));
    Arguments all = {"replay", "--db", db};
    all.insert(all.end(), recordings.begin(), recordings.end());
    const Ran ran = call(all);
    EXPECT_EQ(ran.exit_code, exit_code) << ran.err;
    return call({"export", "--db", db, "--digest"}).out;
  }

  ScratchDir scratch_;
  int stores_ = 0;
};

TEST_F(Convert, EveryFormReplaysToTheSameState) {
  const std::string expected = digest({kDemo});
  std::string from = kDemo;
  for (const char* name :
       {"a.mrec", "b.ndjson.zst", "c.mrec.gz", "d.jsonl.gz", "e.mrec.zst", "f.ndjson"}) {
    const Ran ran = convert({from, "-o", file(name)});
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_EQ(ran.out, "2,296 events, 0 of them unreadable\n");
    from = file(name);
    EXPECT_EQ(digest({from}), expected) << name;
    EXPECT_EQ(digest({"--threads", "3", "--batch", "7", from}), expected) << name;
  }
  EXPECT_TRUE(raw(from) == raw(kDemo));
  EXPECT_LT(raw(file("a.mrec")).size(), raw(kDemo).size() / 10);
}

TEST_F(Convert, FormAndCompressionMayBeSaid) {
  ASSERT_EQ(convert({kDemo, "-o", file("x"), "--to", "binary", "--compress", "gzip"}).exit_code, 0);
  EXPECT_EQ(raw(file("x")).substr(0, 2), "\x1F\x8B");
  ASSERT_EQ(convert({file("x"), "-o", file("y.mrec"), "--to", "text"}).exit_code, 0);
  EXPECT_TRUE(raw(file("y.mrec")) == raw(kDemo));
}

TEST_F(Convert, NothingIsReplacedUnasked) {
  write_file(file("x.mrec"), "mine");
  const Ran refused = convert({kDemo, "-o", file("x.mrec")});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("--force"));
  EXPECT_EQ(raw(file("x.mrec")), "mine");
  EXPECT_EQ(convert({kDemo, "-o", file("x.mrec"), "--force"}).exit_code, 0);
  EXPECT_NE(raw(file("x.mrec")), "mine");
}

TEST_F(Convert, BadLinesKeepTheirPlacesAndReasons) {
  write_file(file("small.ndjson"), small_recording());
  ASSERT_EQ(convert({file("small.ndjson"), "-o", file("s.mrec")}).out,
            "11 events, 1 of them unreadable\n");
  ASSERT_EQ(convert({file("s.mrec"), "-o", file("back.ndjson")}).exit_code, 0);
  const auto rejected = [&](const std::string& recording) {
    const Ran ran = call(
        {"replay", "--db", file("r" + std::to_string(stores_++)), "--output", "json", recording});
    Json first = Json::parse(ran.out).at("first_rejected");
    for (Json& event : first) {
      event.erase("file");
      event.erase("line");
    }
    return first;
  };
  const Json expected = rejected(file("small.ndjson"));
  EXPECT_EQ(expected.size(), 2U);
  EXPECT_EQ(rejected(file("s.mrec")), expected);
  EXPECT_EQ(rejected(file("back.ndjson")), expected);
}

TEST_F(Convert, PartsOfOneRecordingAreJoined) {
  write_file(file("1.ndjson"),
             R"({"type":"header","version":1,"id":"r"}
{"type":"host_added","at":"2025-06-01T00:00:00Z","host_uuid":"H1","platform":"darwin","team_id":0}
)");
  write_file(file("2.ndjson"),
             R"({"type":"header","version":1,"id":"r","first_event":2}
{"type":"host_added","at":"2025-06-01T00:00:00Z","host_uuid":"H2","platform":"darwin","team_id":0}
)");
  ASSERT_EQ(convert({file("1.ndjson"), "-o", file("1.mrec")}).exit_code, 0);
  ASSERT_EQ(convert({file("2.ndjson"), "-o", file("2.mrec")}).exit_code, 0);
  const std::string expected = digest({file("1.ndjson"), file("2.ndjson")});
  EXPECT_EQ(digest({file("1.mrec"), file("2.mrec")}), expected);
  ASSERT_EQ(convert({file("1.mrec"), file("2.ndjson"), "-o", file("all.mrec")}).exit_code, 0);
  EXPECT_EQ(digest({file("all.mrec")}), expected);

  const Ran order = convert({file("2.mrec"), file("1.mrec"), "-o", file("no.mrec")});
  EXPECT_EQ(order.exit_code, 65) << order.err;
  EXPECT_FALSE(std::filesystem::exists(file("no.mrec")));
  const Ran gap = call({"replay", "--db", file("gap"), file("2.mrec")});
  EXPECT_EQ(gap.exit_code, 65);
  EXPECT_THAT(gap.err, HasSubstr("begins with event 2 of r, of which the store has 0"));
}

TEST_F(Convert, DamageStopsUnlessItIsToBeSkipped) {
  ASSERT_EQ(convert({kDemo, "-o", file("a.mrec")}).exit_code, 0);
  std::string bytes = raw(file("a.mrec"));
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  write_file(file("a.mrec"), bytes);
  const Ran stopped = convert({file("a.mrec"), "-o", file("b.ndjson")});
  EXPECT_EQ(stopped.exit_code, 65);
  EXPECT_THAT(stopped.err, HasSubstr("are missing"));
  EXPECT_FALSE(std::filesystem::exists(file("b.ndjson")));
  const Ran skipped = convert({file("a.mrec"), "-o", file("b.ndjson"), "--skip-damaged"});
  EXPECT_EQ(skipped.exit_code, 0) << skipped.err;
  EXPECT_THAT(skipped.out, HasSubstr("2,296 events"));
  EXPECT_THAT(skipped.err, HasSubstr("are missing"));

  EXPECT_NE(digest({file("a.mrec")}, 65), digest({kDemo}));
  EXPECT_EQ(digest({"--skip-damaged", file("a.mrec")}), digest({file("b.ndjson")}));
  const Ran report = call(
      {"replay", "--db", file("skipped"), "--output", "json", "--skip-damaged", file("a.mrec")});
  EXPECT_EQ(Json::parse(report.out).at("damage").size(), 1U);
  const Ran stop = call({"replay", "--db", file("stopped"), "--output", "json", file("a.mrec")});
  EXPECT_EQ(stop.exit_code, 65);
  EXPECT_THAT(Json::parse(stop.out).at("input_error").get<std::string>(), HasSubstr("are missing"));
  EXPECT_GT(Json::parse(stop.out).at("events").get<int>(), 0);
}

TEST_F(Convert, ACutFileIsTakenAsFarAsItGoesAndResumedLater) {
  ASSERT_EQ(convert({kDemo, "-o", file("a.ndjson.gz")}).exit_code, 0);
  const std::string whole = raw(file("a.ndjson.gz"));
  write_file(file("cut"), whole.substr(0, whole.size() / 2));
  const Ran cut = call({"replay", "--db", file("db"), file("cut")});
  EXPECT_EQ(cut.exit_code, 65);
  EXPECT_THAT(cut.err, HasSubstr("is cut"));
  ASSERT_EQ(call({"replay", "--db", file("db"), file("a.ndjson.gz")}).exit_code, 0);
  EXPECT_EQ(call({"export", "--db", file("db"), "--digest"}).out, digest({kDemo}));
}

TEST_F(Convert, ReadsStandardInputAndWritesStandardOutput) {
  const std::string tool = test::tool_file();
  const std::string command = "cat '" + kDemo + "' | '" + tool +
                              "' convert - -o - --to binary | '" + tool + "' convert - -o - > '" +
                              file("out") + "'";
  ASSERT_EQ(std::system(command.c_str()), 0);
  EXPECT_TRUE(raw(file("out")) == raw(kDemo));
  const std::string replay =
      "'" + tool + "' replay --db '" + file("db") + "' - < '" + file("out") + "' > /dev/null";
  ASSERT_EQ(std::system(replay.c_str()), 0);
  EXPECT_EQ(call({"export", "--db", file("db"), "--digest"}).out, digest({kDemo}));
}

}  // namespace
}  // namespace muster::tool_test
