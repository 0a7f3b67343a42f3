#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "muster/recording.h"
#include "tests/support/files.h"
#include "tests/unit/random_event.h"

namespace muster {
namespace {

using namespace std::string_literals;
using test::TempDir;

std::filesystem::path write_file(const TempDir& dir, std::string_view name,
                                 std::string_view content) {
  const std::filesystem::path path = dir.path() / name;
  test::write_file(path, content);
  return path;
}

std::string deleted(std::string_view host) {
  return R"({"type":"host_deleted","at":"2025-06-01T00:00:00Z","host_uuid":")" + std::string(host) +
         "\"}";
}

/// "number:line host", or "number:line ! reason".
std::string shown(const RecordedEvent& recorded) {
  std::string text = std::to_string(recorded.number) + ':' + std::to_string(recorded.line) + ' ';
  if (const auto* host = std::get_if<HostDeleted>(&recorded.event.body)) {
    return text + host->host_uuid;
  }
  const auto* unreadable = std::get_if<Unreadable>(&recorded.event.body);
  return text + (unreadable != nullptr ? "! " + unreadable->reason : "another event");
}

std::string read_as(const Event& event) {
  const auto* unreadable = std::get_if<Unreadable>(&event.body);
  return unreadable != nullptr ? unreadable->reason : to_canonical_line(event);
}

class RecordingReaderTest : public ::testing::Test {
 protected:
  RecordingReader open(std::string_view content, const RecordingLimits& limits = {}) {
    Result<RecordingReader> reader =
        RecordingReader::open(write_file(dir_, "r.ndjson", content), {.limits = limits});
    EXPECT_TRUE(reader.ok()) << reader.status().to_string();
    return *std::move(reader);
  }

  Status refusal(std::string_view content) {
    return RecordingReader::open(write_file(dir_, "r.ndjson", content)).status();
  }

  /// Compares places with `content`, if it is given.
  static std::vector<std::string> rest(RecordingReader& reader, std::string_view content = {}) {
    std::vector<std::string> all;
    for (;;) {
      Result<RecordedEvent*> next = reader.next();
      EXPECT_TRUE(next.ok());
      if (!next.ok() || *next == nullptr) return all;
      all.push_back(shown(**next));
      if (content.empty()) continue;
      const std::uint64_t begin = (*next)->offset;
      const std::uint64_t end = begin + (*next)->bytes;
      const std::string_view before = content.substr(0, begin);
      EXPECT_TRUE(before.empty() || before == "\xEF\xBB\xBF" || before.back() == '\n')
          << all.back();
      EXPECT_TRUE(end == content.size() || content.at(end - 1) == '\n') << all.back();
    }
  }

  std::vector<std::string> read(std::string_view content, const RecordingLimits& limits = {}) {
    RecordingReader reader = open(content, limits);
    std::vector<std::string> all = rest(reader, content);
    EXPECT_EQ(reader.bytes_read(), content.size());
    EXPECT_EQ(reader.bytes_total(), content.size());
    return all;
  }

  TempDir dir_;
};

using Lines = std::vector<std::string>;

TEST_F(RecordingReaderTest, ReadsLinesInOrder) {
  EXPECT_EQ(read(deleted("a") + "\n" + deleted("b") + "\n"), (Lines{"1:1 a", "2:2 b"}));
}

TEST_F(RecordingReaderTest, AnEmptyFileHasNoEvents) {
  EXPECT_EQ(read(""), Lines{});
  EXPECT_EQ(read("\n\r\n   \n"), Lines{});
  EXPECT_EQ(open("").id(), "99aa06d3014798d86001c324468d497f");
}

TEST_F(RecordingReaderTest, BlankLinesHaveNoNumber) {
  EXPECT_EQ(read("\n" + deleted("a") + "\n\n \r\n" + deleted("b") + "\n\n"),
            (Lines{"1:2 a", "2:5 b"}));
}

TEST_F(RecordingReaderTest, AcceptsCarriageReturnsAndAByteOrderMark) {
  EXPECT_EQ(read("\xEF\xBB\xBF" + deleted("a") + "\r\n" + deleted("b") + "\r\n"),
            (Lines{"1:1 a", "2:2 b"}));
}

TEST_F(RecordingReaderTest, TheLastLineNeedsNoLineFeed) {
  EXPECT_EQ(read(deleted("a") + "\n" + deleted("b")), (Lines{"1:1 a", "2:2 b"}));
}

TEST_F(RecordingReaderTest, ACutLastLineIsOneUnreadableEvent) {
  const std::string cut = deleted("b").substr(0, 60);
  EXPECT_EQ(read(deleted("a") + "\n" + cut),
            (Lines{"1:1 a",
                   "2:2 ! the last line is cut: not JSON: a text does not end; the line may be "
                   "cut"}));
  EXPECT_EQ(read(deleted("a") + "\n{\"type\":\"host_deleted\"}"),
            (Lines{"1:1 a", "2:2 ! at: this key is missing"}));
}

TEST_F(RecordingReaderTest, ABadLineIsNotTheEnd) {
  EXPECT_EQ(read("nonsense\n" + deleted("a") + "\n{\"type\":\n\xFF\n" + deleted("b") + "\n"),
            (Lines{"1:1 ! the line is not a JSON object", "2:2 a",
                   "3:3 ! not JSON: the line does not end with its object's last brace",
                   "4:4 ! the line is not UTF-8", "5:5 b"}));
}

TEST_F(RecordingReaderTest, ALongLineIsOneUnreadableEvent) {
  const std::string fits = deleted(std::string(40, 'x'));
  const std::string too_long = deleted(std::string(41, 'x'));
  const RecordingLimits limits{fits.size()};
  const std::string reason =
      " ! the line is longer than the limit of " + std::to_string(limits.line_bytes_max) + " bytes";
  EXPECT_EQ(read(fits + "\n" + too_long + "\n" + deleted("a") + "\n" + too_long, limits),
            (Lines{"1:1 " + std::string(40, 'x'), "2:2" + reason, "3:3 a", "4:4" + reason}));
}

TEST_F(RecordingReaderTest, LinesMayBeLongerThanABlock) {
  const std::string host(3U << 20, 'h');
  const RecordingLimits limits{2U << 20};
  const std::string content = deleted("a") + "\n" + deleted(host) + "\n" + deleted("b") + "\n";
  EXPECT_EQ(read(content), (Lines{"1:1 a", "2:2 " + host, "3:3 b"}));
  EXPECT_EQ(read(content, limits).at(1),
            "2:2 ! the line is longer than the limit of 2097152 bytes");
  EXPECT_EQ(read(content, limits).at(2), "3:3 b");
}

TEST_F(RecordingReaderTest, BlocksMayEndAnywhere) {
  std::string content;
  Lines expected;
  for (int index = 1; index <= 40'000; ++index) {
    const std::string host = "host-" + std::to_string(index);
    content += deleted(host) + (index % 3 == 0 ? "\r\n" : "\n");
    expected.push_back(std::to_string(index) + ':' + std::to_string(index) + ' ' + host);
  }
  ASSERT_GT(content.size(), 2U << 20);
  EXPECT_EQ(read(content), expected);
}

TEST_F(RecordingReaderTest, TheHeaderNamesTheRecording) {
  RecordingReader reader =
      open("\xEF\xBB\xBF\n{\"type\":\"header\",\"version\":1,\"id\":\"r-1\",\"recorder\":\"x\"}\n" +
           deleted("a") + "\n");
  EXPECT_EQ(reader.id(), "r-1");
  EXPECT_EQ(reader.header().recorder, "x");
  EXPECT_EQ(rest(reader), Lines{"1:3 a"});
}

TEST_F(RecordingReaderTest, TheHeaderMayNumberTheEvents) {
  RecordingReader reader =
      open("{\"type\":\"header\",\"version\":1,\"id\":\"r\",\"first_event\":70}\n" + deleted("a") +
           "\n" + deleted("b"));
  EXPECT_EQ(reader.header().first_event, 70U);
  EXPECT_EQ(rest(reader), (Lines{"70:2 a", "71:3 b"}));
}

TEST_F(RecordingReaderTest, AHeaderIsOnlyOneInFrontOfEverything) {
  EXPECT_EQ(
      read(deleted("a") + "\n{\"type\":\"header\",\"version\":1,\"id\":\"r-1\"}\n"),
      (Lines{"1:1 a", "2:2 ! type: a header is no event: it may be the first line of a file"}));
}

TEST_F(RecordingReaderTest, WithoutAnIdTheContentNamesTheRecording) {
  const std::string content = "{\"type\":\"header\",\"version\":1}\n" + deleted("a") + "\n";
  EXPECT_EQ(open(content).id(), to_string(base::hash128(content)));
  EXPECT_EQ(open(deleted("a")).id(), to_string(base::hash128(deleted("a"))));
}

TEST_F(RecordingReaderTest, OnlyTheFirstMebibyteNamesTheRecording) {
  std::string content(1U << 20, ' ');
  const std::string id = to_string(base::hash128(content));
  EXPECT_EQ(open(content).id(), id);
  EXPECT_EQ(open(content + "\n" + deleted("a")).id(), id);
  content.front() = '\n';
  EXPECT_NE(open(content).id(), id);
}

TEST_F(RecordingReaderTest, RefusesHeadersThatItCannotFollow) {
  for (std::string_view header : {
           R"({"type":"header","version":2,"id":"r"})",
           R"({"type":"header","version":0,"id":"r"})",
           R"({"type":"header","version":"1","id":"r"})",
           R"({"type":"header","id":"r"})",
           R"({"type":"header","version":1,"id":""})",
           R"({"type":"header","version":1,"id":5})",
           R"({"type":"header","version":1,"first_event":0})",
           R"({"type":"header","version":1,"first_event":-1})",
       }) {
    EXPECT_EQ(refusal(header).code(), StatusCode::kBadInput) << header;
  }
  const auto with_id = [](std::size_t bytes) {
    return R"({"type":"header","version":1,"id":")" + std::string(bytes, 'i') + "\"}";
  };
  EXPECT_TRUE(refusal(with_id(1024)).ok());
  EXPECT_EQ(refusal(with_id(1025)).code(), StatusCode::kBadInput);
}

TEST_F(RecordingReaderTest, ACutHeaderIsABadLine) {
  EXPECT_EQ(read("{\"type\":\"header\",\"version\":1,\"id\":\"r\"\n" + deleted("a")),
            (Lines{"1:1 ! not JSON: the line does not end with its object's last brace", "2:2 a"}));
}

TEST_F(RecordingReaderTest, RefusesWhatIsNoText) {
  for (const std::string& content :
       {std::string(40, '\0'), "{\0\"\0t\0"s, "\xF4Mur\x01\x01\0\0"s, "uMur\x01\x01\0\0"s}) {
    const Status refused = refusal(content);
    EXPECT_EQ(refused.code(), StatusCode::kBadInput) << content;
    EXPECT_NE(refused.message().find("neither text nor a binary recording"), std::string::npos);
  }
}

TEST_F(RecordingReaderTest, RefusesFoldersAndMissingFiles) {
  const Status folder = RecordingReader::open(dir_.path()).status();
  EXPECT_EQ(folder.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(folder.message(),
            dir_.path().string() + " is a folder: name the recording files in it");
  EXPECT_EQ(RecordingReader::open(dir_.path() / "none").status().code(), StatusCode::kNotFound);
}

TEST_F(RecordingReaderTest, SkippingCountsLikeReading) {
  const std::string content = "{\"type\":\"header\",\"version\":1,\"id\":\"r\"}\n\n" +
                              deleted("a") + "\nnonsense\n\n" + deleted("b") + "\n" + deleted("c");
  const Lines all = read(content);
  ASSERT_EQ(all.size(), 4U);
  for (std::uint64_t count = 0; count <= 6; ++count) {
    RecordingReader reader = open(content);
    const Result<std::uint64_t> skipped = reader.skip(count);
    ASSERT_TRUE(skipped.ok());
    EXPECT_EQ(*skipped, std::min<std::uint64_t>(count, 4));
    EXPECT_EQ(rest(reader), Lines(all.begin() + static_cast<std::ptrdiff_t>(*skipped), all.end()));
  }
}

TEST_F(RecordingReaderTest, StaysAtTheEnd) {
  RecordingReader reader = open(deleted("a") + "\n");
  EXPECT_EQ(rest(reader).size(), 1U);
  EXPECT_EQ(rest(reader).size(), 0U);
  EXPECT_EQ(*reader.skip(5), 0U);
}

TEST_F(RecordingReaderTest, ReadsDamagedLinesAsTheParserDoes) {
  std::string content;
  Lines expected;
  for (std::uint64_t seed = 1; seed <= 3'000; ++seed) {
    const std::string line = codec::RandomEvents(seed).damaged_line();
    if (line.find_first_not_of(' ') == std::string::npos) continue;
    content += line + "\n";
    expected.push_back(read_as(parse_canonical_line(line)));
  }
  RecordingReader reader = open(content);
  for (std::size_t index = 0; index < expected.size(); ++index) {
    const Result<RecordedEvent*> next = reader.next();
    ASSERT_TRUE(next.ok() && *next != nullptr);
    ASSERT_EQ(read_as((*next)->event), expected[index]) << "line " << index + 1;
  }
}

TEST_F(RecordingReaderTest, CanBeMoved) {
  RecordingReader reader = open(deleted("a") + "\n" + deleted("b") + "\n");
  ASSERT_TRUE(reader.next().ok());
  RecordingReader moved = std::move(reader);
  EXPECT_EQ(rest(moved), Lines{"2:2 b"});
}

}  // namespace
}  // namespace muster
