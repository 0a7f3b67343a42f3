// Small files that would take much memory or never end, as the program itself meets them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <string>
#include <utility>

#include "tests/support/sanitized.h"
#include "tests/tool/tool_run.h"

namespace muster::tool_test {
namespace {

using ::testing::HasSubstr;

constexpr bool kMemoryCounts = !test::kSanitized;  // sanitizers take their own
constexpr long kKibibytesMax = 256 * 1024;

/// What a file has, in pieces: what a test holds counts for the programs that it starts, too.
class Content {
 public:
  explicit Content(std::string begin) : begin_(std::move(begin)) {}
  Content(std::string begin, std::string text, std::size_t times, std::string end)
      : begin_(std::move(begin)), text_(std::move(text)), times_(times), end_(std::move(end)) {}

  void pieces(const std::function<void(const std::string&)>& take) const {
    take(begin_);
    const std::size_t at_once = text_.empty() ? 1 : std::max<std::size_t>(1, 65'536 / text_.size());
    std::string block;
    for (std::size_t count = 0; count < std::min(at_once, times_); ++count) block += text_;
    std::size_t left = times_;
    for (; left >= at_once; left -= at_once) take(block);
    for (; left > 0; --left) take(text_);
    take(end_);
  }

 private:
  std::string begin_;
  std::string text_;
  std::size_t times_ = 0;
  std::string end_;
};

void write_plain(const std::string& file, const Content& content) {
  std::ofstream out(file, std::ios::binary);
  content.pieces([&](const std::string& piece) { out << piece; });
}

void write_gzip(const std::string& file, const Content& content) {
  gzFile const out = gzopen(file.c_str(), "wb9");
  content.pieces([&](const std::string& piece) {
    gzwrite(out, piece.data(), static_cast<unsigned>(piece.size()));
  });
  gzclose(out);
}

void write_zstd(const std::string& file, const Content& content) {
  std::ofstream out(file, std::ios::binary);
  ZSTD_CStream* const stream = ZSTD_createCStream();
  std::string room(ZSTD_CStreamOutSize(), '\0');
  const auto pack = [&](const std::string& piece, ZSTD_EndDirective directive) {
    ZSTD_inBuffer from{piece.data(), piece.size(), 0};
    std::size_t left = 0;
    do {
      ZSTD_outBuffer to{room.data(), room.size(), 0};
      left = ZSTD_compressStream2(stream, &to, &from, directive);
      out.write(room.data(), static_cast<std::streamsize>(to.pos));
    } while (directive == ZSTD_e_end ? left > 0 : from.pos < from.size);
  };
  content.pieces([&](const std::string& piece) { pack(piece, ZSTD_e_continue); });
  pack({}, ZSTD_e_end);
  ZSTD_freeCStream(stream);
}

/// A binary list of lists of lists, all the same one: 200 to the power of 40 in few bytes.
std::string shared_lists() {
  constexpr int kLevels = 40;
  constexpr int kWidth = 200;
  std::string plist = "bplist00";
  std::string offsets;
  const auto note_offset = [&] {
    offsets += static_cast<char>(plist.size() >> 8U);
    offsets += static_cast<char>(plist.size());
  };
  for (int level = 0; level < kLevels; ++level) {
    note_offset();
    plist += "\xAF\x10";
    plist += static_cast<char>(kWidth);
    plist += std::string(kWidth, static_cast<char>(level + 1));
  }
  note_offset();
  plist += '\x09';
  const std::size_t table = plist.size();
  plist += offsets;
  plist += std::string(6, '\0') + "\x02\x01";
  const auto number = [&](std::uint64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8) plist += static_cast<char>(value >> shift);
  };
  number(kLevels + 1);
  number(0);
  number(table);
  return plist;
}

struct Bomb {
  const char* name;
  const char* format;
  Content content;
  const char* message;  ///< in the report, or in the error
  void (*write)(const std::string& file, const Content& content) = write_plain;
};

class Bombs : public testing::Test {
 protected:
  void meets(const Bomb& bomb) {
    const ScratchDir scratch;
    const std::string file = scratch.file(bomb.name);
    bomb.write(file, bomb.content);
    const Ran ran = spawn({"replay", "--db", scratch.file("db"), "--format", bomb.format, "--begin",
                           "2026-02-03T17:00:00Z", file});
    EXPECT_THAT(ran.out + ran.err, HasSubstr(bomb.message)) << bomb.name;
    EXPECT_TRUE(ran.exit_code == 0 || ran.exit_code == 65) << bomb.name << ": " << ran.exit_code;
    struct rusage usage {};
    ::getrusage(RUSAGE_CHILDREN, &usage);
    if (kMemoryCounts) {
      EXPECT_LE(usage.ru_maxrss, kKibibytesMax) << bomb.name;
    }
  }
};

TEST_F(Bombs, compressed) {
  const Content zeros("", std::string(65'536, '\0'), 4096, "");
  meets({"zeros.gz", "osquery_log", zeros, "times its size", write_gzip});
  meets({"zeros.zst", "osquery_log", zeros, "times its size", write_zstd});
  meets({"blanks.zst", "mdm_webhook", Content("", " ", 256U << 20, ""), "times its size",
         write_zstd});
}

TEST_F(Bombs, entities) {
  meets({"laughs.plist", "mdm_message",
         Content(R"(<?xml version="1.0"?><!DOCTYPE plist [<!ENTITY a "aaaaaaaaaa">)",
                 R"(<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">)", 1,
                 "]><plist><string>&b;</string></plist>"),
         "declares entities"});
}

TEST_F(Bombs, nesting) {
  meets({"deep.plist", "mdm_message", Content("<plist>", "<dict><key>a</key>", 200'000, "</plist>"),
         "deeper than the limit"});
  meets({"deep.json", "mdm_webhook", Content("{\"a\":", "[", 10'000'000, "}\n"),
         "deeper than the limit"});
  meets({"objects.json", "fleet", Content("", "{\"a\":", 2'000'000, "\n"), "unreadable"});
  meets({"shared.bplist", "mdm_message", Content(shared_lists()), "than the limit"});
}

TEST_F(Bombs, number) {
  meets({"objects.ndjson", "mdm_webhook", Content("", "{}\n", 1'000'000, ""), "unreadable"});
  meets({"close.json", "osquery_log", Content("", "{}", 1'000'000, ""), "1,000,000 documents"});
  meets({"plists", "mdm_message", Content("", "<plist/>", 500'000, ""), "unreadable"});
  meets({"members.json", "fleet", Content("[{}", ",{}", 500'000, "]"), "unreadable"});
}

TEST_F(Bombs, length) {
  constexpr std::size_t kBytes = 100U << 20;
  meets({"line.json", "osquery_write", Content("{\"a\":\"", "x", kBytes, "\"}\n"),
         "longer than the limit"});
  meets({"text", "osquery_log", Content("", "x", kBytes, ""), "longer than the limit"});
  meets({"long.plist", "mdm_message", Content("<plist>", "x", kBytes, "</plist>"),
         "longer than the limit"});
  meets({"many.json", "osquery_log", Content("{\"a\":[0", ",0", 7'900'000, "]}\n"),
         "more elements than the limit"});
  meets({"braces.json", "osquery_log", Content("", "{\n", 8'000'000, ""), "unreadable"});
}

}  // namespace
}  // namespace muster::tool_test
