#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <string_view>

#include "base/time.h"
#include "codec/ndjson_reader.h"
#include "codec/ndjson_writer.h"
#include "muster/recording.h"
#include "tests/support/places.h"

namespace muster::codec {
namespace {

std::string shown(const Event& event) {
  const auto* unreadable = std::get_if<Unreadable>(&event.body);
  return unreadable != nullptr ? "unreadable: " + unreadable->reason : to_canonical_line(event);
}

Timestamp time_of(std::string_view text) {
  return *base::parse_rfc3339(text);
}

TEST(Ndjson, ReadsAndWritesTheTable) {
  std::ifstream table(test::source_dir() + "/tests/unit/ndjson_lines.txt");
  ASSERT_TRUE(table.is_open());
  NdjsonReader reader;  // one for all: a bad line must leave nothing behind
  std::string input;
  int cases = 0;
  int number = 0;
  for (std::string line; std::getline(table, line);) {
    ++number;
    if (line.empty() || line.front() == '#') continue;
    const char kind = line.front();
    const std::string text = line.size() > 2 ? line.substr(2) : std::string();
    if (kind == '<') {
      input = text;
      continue;
    }
    ASSERT_TRUE(kind == '=' || kind == '>') << "line " << number;
    const Event event = reader.parse(kind == '=' ? text : input);
    EXPECT_EQ(shown(event), text) << "line " << number;
    EXPECT_EQ(shown(parse_canonical_line(kind == '=' ? text : input)), text);
    const std::string written = to_canonical_line(event);
    EXPECT_EQ(to_canonical_line(reader.parse(written)), written) << "line " << number;
    ++cases;
  }
  EXPECT_GT(cases, 100);
}

TEST(Ndjson, EveryTypeIsInTheTable) {
  std::ifstream table(test::source_dir() + "/tests/unit/ndjson_lines.txt");
  std::string all((std::istreambuf_iterator<char>(table)), {});
  for (std::size_t index = 0; index + 1 < kEventTypes; ++index) {
    const std::string begin = "= {\"type\":\"" + std::string(type_name(index)) + "\",\"at\":";
    EXPECT_NE(all.find(begin), std::string::npos) << begin;
  }
}

TEST(Ndjson, AnUnreadableEventKeepsItsTime) {
  const Timestamp at = time_of("2025-06-01T00:00:00.5Z");
  for (std::string_view line : {
           R"({"type":"host_deleted","at":"2025-06-01T00:00:00.5Z"})",
           R"({"type":"host_deleted","host_uuid":7,"at":"2025-06-01T00:00:00.5Z"})",
           R"({"host_uuid":[{"at":"2020-01-01T00:00:00Z"}],"at":"2025-06-01T02:00:00.5+02:00"})",
           R"({"type":"nothing known","at":"2025-06-01T00:00:00.5Z"})",
           R"({"at":"2025-06-01T00:00:00.5Z","type":"host_deleted","host_uuid":"h"} x})",
       }) {
    const Event event = parse_canonical_line(line);
    EXPECT_TRUE(std::holds_alternative<Unreadable>(event.body)) << line;
    EXPECT_EQ(event.at, at) << line;
  }
  EXPECT_EQ(parse_canonical_line(R"({"type":"host_deleted","at":"soon"})").at, Timestamp{});
  EXPECT_EQ(parse_canonical_line("nonsense").at, Timestamp{});
}

TEST(Ndjson, RefusesTextThatIsNotUtf8) {
  const Event event = parse_canonical_line(
      "{\"type\":\"host_deleted\",\"at\":\"2025-06-01T00:00:00Z\",\"host_uuid\":\"\xFF\"}");
  EXPECT_EQ(shown(event), "unreadable: the line is not UTF-8");
}

TEST(Ndjson, RefusesControlCharactersInTexts) {
  const Event event = parse_canonical_line(
      "{\"type\":\"host_deleted\",\"at\":\"2025-06-01T00:00:00Z\",\"host_uuid\":\"a\tb\"}");
  EXPECT_EQ(shown(event),
            "unreadable: not JSON: a text holds a control character that is not escaped");
}

TEST(Ndjson, AnEmptyLineIsUnreadable) {
  EXPECT_EQ(shown(parse_canonical_line("")), "unreadable: the line is empty");
  EXPECT_EQ(shown(parse_canonical_line("  \r")), "unreadable: the line is empty");
}

TEST(Ndjson, KeepsTextOfEveryLanguage) {
  const std::string line =
      "{\"type\":\"host_deleted\",\"at\":\"2025-06-01T00:00:00Z\","
      "\"host_uuid\":\"\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\\u0000z\"}";
  const Event event = parse_canonical_line(line);
  EXPECT_EQ(shown(event), line);
  EXPECT_EQ(std::get<HostDeleted>(event.body).host_uuid.size(), 11U);
  const Event escaped = parse_canonical_line(
      R"({"type":"host_deleted","at":"2025-06-01T00:00:00Z","host_uuid":"\ud83d\ude00"})");
  EXPECT_EQ(std::get<HostDeleted>(escaped.body).host_uuid, "\xF0\x9F\x98\x80");
}

TEST(Ndjson, RefusesDeepNesting) {
  const auto nested = [](std::size_t levels) {
    return R"({"type":"host_deleted","at":"2025-06-01T00:00:00Z","host_uuid":"h1","x":)" +
           std::string(levels, '[') + std::string(levels, ']') + "}";
  };
  EXPECT_TRUE(std::holds_alternative<HostDeleted>(parse_canonical_line(nested(60)).body));
  for (std::size_t levels : {70U, 2'000U, 1'000'000U}) {
    EXPECT_EQ(shown(parse_canonical_line(nested(levels))),
              "unreadable: lists and objects are nested too deep");
  }
}

TEST(Ndjson, ReadsLongReports) {
  constexpr std::size_t kRows = 100'000;
  std::string line = R"({"type":"profiles_reported","at":"2025-06-01T00:00:00Z","host_uuid":"h1",)"
                     R"("detail_updated_at":"2025-06-01T00:00:00Z","profiles":[)";
  for (std::size_t row = 0; row < kRows; ++row) {
    if (row > 0) line += ',';
    line += R"({"identifier":"com.example.)" + std::to_string(row) + R"(","display_name":"Name )" +
            std::to_string(row) + R"(","install_date":"2025-05-31T22:00:00Z"})";
  }
  line += "]}";
  const Event event = parse_canonical_line(line);
  const auto& reported = std::get<ProfilesReported>(event.body);
  ASSERT_EQ(reported.profiles.size(), kRows);
  EXPECT_EQ(reported.profiles[kRows - 1].identifier, "com.example.99999");
  EXPECT_EQ(reported.profiles[kRows - 1].display_name, "Name 99999");
  EXPECT_EQ(to_canonical_line(event), line);
}

TEST(Ndjson, EveryPrefixOfALineIsUnreadable) {
  std::ifstream table(test::source_dir() + "/tests/unit/ndjson_lines.txt");
  NdjsonReader reader;
  for (std::string line; std::getline(table, line);) {
    if (line.empty() || line.front() != '=') continue;
    for (std::size_t length = 2; length < line.size(); ++length) {
      const std::string prefix = line.substr(2, length - 2);
      ASSERT_TRUE(std::holds_alternative<Unreadable>(reader.parse(prefix).body)) << prefix;
      ASSERT_TRUE(reader.was_broken()) << prefix;
    }
  }
}

TEST(Ndjson, KnowsHeaders) {
  NdjsonReader reader;
  std::optional<Header> header;
  std::string problem;
  EXPECT_TRUE(reader.parse_header(R"({"type":"header","version":1,"id":"r1","recorder":"x"})",
                                  header, problem));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->version, 1);
  EXPECT_EQ(header->id, "r1");
  EXPECT_TRUE(reader.parse_header(R"({"version":2,"id":null,"type":"header"})", header, problem));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->version, 2);
  EXPECT_FALSE(header->id);
  EXPECT_FALSE(reader.parse_header(R"({"type":"host_deleted"})", header, problem));
  EXPECT_FALSE(reader.parse_header("nonsense", header, problem));
  EXPECT_TRUE(reader.parse_header(R"({"type":"header","version":"1"})", header, problem));
  EXPECT_FALSE(header);
  EXPECT_EQ(problem, "version: must be a whole number, not a text");
}

TEST(Ndjson, TheDepthOfUnknownValuesIsLimited) {
  const auto read = [](int lists, const RecordingLimits& limits) {
    const std::string line =
        "{\"type\":\"host_deleted\",\"at\":\"2025-06-01T00:00:00Z\",\"host_uuid\":\"h\",\"x\":" +
        std::string(static_cast<std::size_t>(lists), '[') +
        std::string(static_cast<std::size_t>(lists), ']') + "}";
    return shown(NdjsonReader(limits).parse(line)).starts_with("unreadable");
  };
  RecordingLimits limits;
  EXPECT_FALSE(read(65, limits));
  EXPECT_TRUE(read(66, limits));
  limits.depth_max = 3;
  EXPECT_FALSE(read(4, limits));
  EXPECT_TRUE(read(5, limits));
}

}  // namespace
}  // namespace muster::codec
