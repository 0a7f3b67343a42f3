// Recordings in every form: written, read back, cut, damaged, compressed beyond limits, by threads.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "base/hash.h"
#include "codec/recording_frame.h"
#include "muster/recording.h"
#include "muster/recording_writer.h"
#include "replay/compressor.h"
#include "tests/support/files.h"
#include "tests/support/sanitized.h"
#include "tests/unit/random_event.h"

namespace muster {
namespace {

using codec::FrameCompression;
using codec::FrameEntry;
using test::TempDir;
using Lines = std::vector<std::string>;

struct Form {
  const char* name;
  RecordingForm form;
  RecordingCompression compression;
};

constexpr Form kForms[] = {
    {"text", RecordingForm::kText, RecordingCompression::kNone},
    {"text.gz", RecordingForm::kText, RecordingCompression::kGzip},
    {"text.zst", RecordingForm::kText, RecordingCompression::kZstd},
    {"binary", RecordingForm::kBinary, RecordingCompression::kNone},
    {"binary.gz", RecordingForm::kBinary, RecordingCompression::kGzip},
    {"binary.zst", RecordingForm::kBinary, RecordingCompression::kZstd},
};

Event deleted(std::uint64_t number) {
  return {Timestamp{static_cast<std::int64_t>(number)}, HostDeleted{"h" + std::to_string(number)}};
}

/// Everything that a reader gives: "number line", then how it ended.
struct Reading {
  Lines events;
  std::vector<std::string> damage;
  Status end;
};

Reading read_all(const std::filesystem::path& path, const RecordingOptions& options = {}) {
  Reading reading;
  Result<RecordingReader> reader = RecordingReader::open(path, options);
  reading.end = reader.status();
  while (reading.end.ok()) {
    const Result<RecordedEvent*> next = reader->next();
    reading.end = next.status();
    if (!next.ok() || *next == nullptr) break;
    reading.events.push_back(std::to_string((*next)->number) + ' ' +
                             to_canonical_line((*next)->event));
  }
  if (reader.ok()) reading.damage = reader->damage();
  return reading;
}

/// "first to last" of events that are all readable, or what is in the way.
std::string numbers_of(const Reading& reading) {
  std::string text;
  for (const std::string& event : reading.events) {
    const bool lost = event.find("\"type\":\"unreadable\"") != std::string::npos;
    text += (lost ? "!" : "") + event.substr(0, event.find(' ')) + ' ';
  }
  return text;
}

std::string compressed(std::string_view content, RecordingCompression compression) {
  std::string out;
  recording::make_compressor(compression)->compress(content, true, out);
  return out;
}

/// A header and frames of these events each.
std::string binary(const std::vector<std::vector<std::uint64_t>>& frames,
                   const RecordingHeader& header = {"r", "", 1}) {
  codec::FrameEncoder encoder;
  std::string bytes;
  encoder.append_header(bytes, header);
  for (const std::vector<std::uint64_t>& numbers : frames) {
    std::vector<FrameEntry> entries;
    for (const std::uint64_t number : numbers) entries.push_back({deleted(number), std::nullopt});
    EXPECT_TRUE(
        encoder.append_events(bytes, numbers.front(), entries, FrameCompression::kNone).ok());
  }
  return bytes;
}

/// Where each frame of a binary recording begins.
std::vector<std::size_t> frames_of(std::string_view bytes) {
  std::vector<std::size_t> begins;
  for (std::size_t at = 0; at < bytes.size();) {
    begins.push_back(at);
    at += codec::look_at_frame(bytes.substr(at), SIZE_MAX).bytes;
  }
  return begins;
}

class RecordingForms : public ::testing::Test {
 protected:
  std::filesystem::path put(std::string_view content) {
    const std::filesystem::path path = dir_ / "recording";
    test::write_file(path, content);
    return path;
  }
  Reading read(std::string_view content, const RecordingOptions& options = {}) {
    return read_all(put(content), options);
  }

  TempDir dir_;
};

TEST_F(RecordingForms, EveryFormHoldsTheSame) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    codec::RandomEvents random(seed);
    std::vector<Event> events;
    for (std::size_t count = seed * 4'000; count > 0; --count) events.push_back(random.event());
    Lines expected;
    for (std::size_t index = 0; index < events.size(); ++index) {
      expected.push_back(std::to_string(index + 1) + ' ' + to_canonical_line(events[index]));
    }
    for (const Form& form : kForms) {
      SCOPED_TRACE(std::string(form.name) + ", seed " + std::to_string(seed));
      const std::filesystem::path path = dir_ / (form.name + std::to_string(seed));
      Result<RecordingWriter> writer = RecordingWriter::create(
          path, {"a recording", "test"}, {.form = form.form, .compression = form.compression});
      ASSERT_TRUE(writer.ok()) << writer.status().to_string();
      for (const Event& event : events) ASSERT_TRUE(writer->append(event).ok());
      EXPECT_FALSE(std::filesystem::exists(path));
      ASSERT_TRUE(writer->close().ok());
      for (const unsigned threads : {1U, 2U, 5U}) {
        const Reading reading = read_all(path, {.threads = threads});
        ASSERT_TRUE(reading.end.ok()) << reading.end.to_string();
        ASSERT_TRUE(reading.events == expected) << threads << " threads";
      }
      const Result<RecordingReader> reader = RecordingReader::open(path);
      EXPECT_EQ(reader->header().id, "a recording");
      EXPECT_EQ(reader->header().recorder, "test");
    }
  }
}

TEST_F(RecordingForms, TextComesBackByteForByte) {
  const std::string header =
      "{\"type\":\"header\",\"version\":1,\"id\":\"r\",\"recorder\":\"x\"}\n";
  const std::string unnamed = "{\"type\":\"header\",\"version\":1,\"recorder\":\"x\"}\n";
  const std::string first = "{\"type\":\"header\",\"version\":1,\"id\":\"r\",\"first_event\":9}\n";
  std::string lines;
  while (lines.size() < (3U << 20)) {
    lines += to_canonical_line(codec::RandomEvents(lines.size()).event()) + "\n";
  }
  for (const std::string& text : {lines, header + lines, unnamed + lines, first + lines,
                                  lines.substr(0, lines.find('\n') + 1), header, std::string()}) {
    Result<RecordingReader> reader = RecordingReader::open(put(text));
    const RecordingHeader expected = reader->header();
    std::filesystem::path from = dir_ / "recording";
    for (const RecordingForm form : {RecordingForm::kBinary, RecordingForm::kText}) {
      reader = RecordingReader::open(from);
      ASSERT_TRUE(reader.ok());
      EXPECT_EQ(reader->header().id, expected.id);
      from = dir_ / (form == RecordingForm::kText ? "text" : "binary");
      Result<RecordingWriter> writer =
          RecordingWriter::create(from, reader->header(), {.form = form, .replace = true});
      ASSERT_TRUE(writer.ok()) << writer.status().to_string();
      for (;;) {
        const Result<RecordedEvent*> next = reader->next();
        ASSERT_TRUE(next.ok());
        if (*next == nullptr) break;
        ASSERT_TRUE(writer->append((*next)->event, (*next)->origin).ok());
      }
      ASSERT_TRUE(writer->close().ok());
    }
    EXPECT_TRUE(test::read_file(dir_ / "text") == text) << text.substr(0, 80);
  }
}

TEST_F(RecordingForms, OriginsOfPassesBecomeSeeds) {
  const EventOrigin origin{"site-7", 41};
  for (const Form& form : kForms) {
    const std::filesystem::path path = dir_ / form.name;
    Result<RecordingWriter> writer = RecordingWriter::create(
        path, {"r", ""}, {.form = form.form, .compression = form.compression});
    Reconciled listed;
    listed.commands.emplace();
    ASSERT_TRUE(writer->append({{}, Reconciled()}, origin).ok());
    ASSERT_TRUE(writer->append({{}, listed}, origin).ok());
    ASSERT_TRUE(writer->append({{}, Reconciled()}).ok());
    ASSERT_TRUE(writer->close().ok());
    EXPECT_EQ(read_all(path).events,
              (Lines{"1 {\"type\":\"reconciled\",\"at\":\"1970-01-01T00:00:00Z\",\"uuid_seed\":"
                     "{\"recording\":\"site-7\",\"event\":41}}",
                     "2 {\"type\":\"reconciled\",\"at\":\"1970-01-01T00:00:00Z\",\"commands\":[]}",
                     "3 {\"type\":\"reconciled\",\"at\":\"1970-01-01T00:00:00Z\"}"}));
    auto reader = RecordingReader::open(path);
    const auto first = reader->next();
    EXPECT_EQ((*first)->origin.has_value(), form.form == RecordingForm::kBinary);
  }
}

TEST_F(RecordingForms, WritersLeaveNothingHalfDone) {
  const std::filesystem::path path = dir_ / "out";
  {
    Result<RecordingWriter> writer = RecordingWriter::create(path, {"r", ""});
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE(writer->append(deleted(1)).ok());
  }
  EXPECT_TRUE(std::filesystem::is_empty(dir_.path()));
  Result<RecordingWriter> slow = RecordingWriter::create(path, {"r", ""});
  ASSERT_TRUE(slow.ok());
  test::write_file(path, "mine");
  EXPECT_EQ(RecordingWriter::create(path, {"r", ""}).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(slow->close().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(test::read_file(path), "mine");
  Result<RecordingWriter> forced = RecordingWriter::create(path, {"r", ""}, {.replace = true});
  ASSERT_TRUE(forced.ok()) << forced.status().to_string();
  ASSERT_TRUE(forced->close().ok());
  EXPECT_NE(test::read_file(path), "mine");
  EXPECT_EQ(RecordingWriter::create(dir_.path(), {"r", ""}).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(RecordingWriter::create(dir_ / "none/out", {"r", ""}).status().code(),
            StatusCode::kNotFound);
  EXPECT_EQ(RecordingWriter::create(dir_ / "b", {"", ""}).status().code(),
            StatusCode::kInvalidArgument);
}

TEST_F(RecordingForms, WritersReportAFullDevice) {
  Result<RecordingWriter> writer = RecordingWriter::create("/dev/full", {"r", ""});
  ASSERT_TRUE(writer.ok()) << writer.status().to_string();
  ASSERT_TRUE(writer->append(deleted(1)).ok());
  EXPECT_EQ(writer->close().code(), StatusCode::kIoError);
}

TEST_F(RecordingForms, PipesAreReadAsTheyCome) {
  std::string text;
  for (std::uint64_t number = 1; number <= 30'000; ++number) {
    text += to_canonical_line(deleted(number)) + "\n";
  }
  const std::string plain_id = RecordingReader::open(put(text))->id();
  for (const std::string& content :
       {text, compressed(text, RecordingCompression::kGzip), binary({{1, 2}, {3}})}) {
    const Reading expected = read(content);
    const std::filesystem::path pipe = dir_ / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    std::thread writer([&] {
      const int fd = ::open(pipe.c_str(), O_WRONLY);
      for (std::size_t at = 0; at < content.size();) {
        const ssize_t count =
            ::write(fd, content.data() + at, std::min<std::size_t>(content.size() - at, 777));
        if (count <= 0) break;
        at += static_cast<std::size_t>(count);
      }
      ::close(fd);
    });
    const Reading reading = read_all(pipe);
    writer.join();
    EXPECT_TRUE(reading.end.ok()) << reading.end.to_string();
    EXPECT_TRUE(reading.events == expected.events);
    std::filesystem::remove(pipe);
  }
  EXPECT_EQ(RecordingReader::open(put(compressed(text, RecordingCompression::kZstd)))->id(),
            plain_id);
}

TEST_F(RecordingForms, MembersBehindEachOtherAreOneContent) {
  const std::string one = to_canonical_line(deleted(1)) + "\n";
  const std::string two = to_canonical_line(deleted(2)) + "\n";
  for (const auto way : {RecordingCompression::kGzip, RecordingCompression::kZstd}) {
    EXPECT_EQ(numbers_of(read(compressed(one, way) + compressed(two, way))), "1 2 ");
    const Reading garbage = read(compressed(one, way) + "garbage");
    EXPECT_EQ(numbers_of(garbage), "1 ");
    EXPECT_EQ(garbage.end.code(), StatusCode::kBadInput) << garbage.end.to_string();
  }
}

TEST_F(RecordingForms, ACutCompressedFileGivesWhatIsWholeAndThenAnError) {
  std::string text;
  for (std::uint64_t number = 1; number <= 200; ++number) {
    text += to_canonical_line(deleted(number)) + "\n";
  }
  std::string frames = binary({{1, 2, 3}, {4, 5}, {6}});
  for (const std::string& content : {text, frames}) {
    const Lines whole = read(content).events;
    for (const auto way : {RecordingCompression::kGzip, RecordingCompression::kZstd}) {
      const std::string packed = compressed(content, way);
      for (std::size_t size = 4; size < packed.size(); size += 1 + packed.size() / 100) {
        const Reading reading = read(packed.substr(0, size));
        ASSERT_EQ(reading.end.code(), StatusCode::kBadInput) << size;
        ASSERT_LE(reading.events.size(), whole.size());
        ASSERT_TRUE(std::equal(reading.events.begin(), reading.events.end(), whole.begin()));
        const Reading skipping = read(packed.substr(0, size), {.skip_damaged = true});
        ASSERT_TRUE(skipping.events == reading.events);
      }
    }
  }
  const std::string packed = compressed(text, RecordingCompression::kGzip);
  const Reading cut = read(packed.substr(0, packed.size() - 3));
  EXPECT_EQ(cut.events.size(), 200U);
  EXPECT_EQ(cut.end.message(), (dir_ / "recording").string() +
                                   ": is cut: it ends within its compressed data, at byte " +
                                   std::to_string(packed.size() - 3));
}

TEST_F(RecordingForms, ACompressedFileThatFailsItsChecksumIsReported) {
  const std::string text = to_canonical_line(deleted(1)) + "\n";
  for (const auto way : {RecordingCompression::kGzip, RecordingCompression::kZstd}) {
    std::string packed = compressed(text, way);
    const std::size_t in_checksum = packed.size() - (way == RecordingCompression::kGzip ? 6 : 2);
    packed[in_checksum] = static_cast<char>(packed[in_checksum] ^ 1);
    const Reading reading = read(packed);
    EXPECT_EQ(reading.end.code(), StatusCode::kBadInput) << reading.end.to_string();
  }
}

TEST_F(RecordingForms, BombsAreRefused) {
  const std::string zeros(64U << 20, '\n');
  for (const auto way : {RecordingCompression::kGzip, RecordingCompression::kZstd}) {
    std::string bomb = compressed(zeros, way);
    if (way == RecordingCompression::kZstd) bomb += bomb;
    const Reading reading = read(bomb);
    EXPECT_EQ(reading.end.code(), StatusCode::kLimit) << reading.end.to_string();
    const Reading allowed = read(bomb, {.limits = {.gzip_ratio_max = 0, .zstd_ratio_max = 0}});
    EXPECT_TRUE(allowed.end.ok()) << allowed.end.to_string();
    const Reading total = read(
        bomb,
        {.limits = {.expanded_bytes_max = 8U << 20, .gzip_ratio_max = 0, .zstd_ratio_max = 0}});
    EXPECT_EQ(total.end.code(), StatusCode::kLimit) << total.end.to_string();
  }
}

TEST_F(RecordingForms, ALargeZstdWindowIsRefused) {
  const std::string text = to_canonical_line(deleted(1)) + "\n";
  std::string packed(ZSTD_compressBound(text.size()) + 100, '\0');
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 27);
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  ZSTD_outBuffer out{packed.data(), packed.size(), 0};
  ZSTD_inBuffer in{text.data(), text.size(), 0};
  ZSTD_compressStream2(context, &out, &in, ZSTD_e_flush);
  ASSERT_EQ(ZSTD_compressStream2(context, &out, &in, ZSTD_e_end), 0U);
  ZSTD_freeCCtx(context);
  packed.resize(out.pos);
  EXPECT_TRUE(read(packed).end.ok());
  const Reading refused = read(packed, {.limits = {.window_bytes_max = (128U << 20) - 1}});
  EXPECT_EQ(refused.end.code(), StatusCode::kLimit) << refused.end.to_string();
}

struct DamageCase {
  const char* what;
  std::vector<std::vector<std::uint64_t>> frames;
  std::size_t damaged_frame;  ///< counted with the header; 0: none
  const char* numbers;        ///< until the error
  const char* skipped;        ///< with skip_damaged
  const char* message;
};

TEST_F(RecordingForms, HolesAreNamedAndNeverPassedOverInSilence) {
  const DamageCase cases[] = {
      {"in the middle",
       {{1, 2}, {3, 4}, {5}},
       2,
       "1 2 ",
       "1 2 !3 !4 5 ",
       "events 3 to 4 are missing"},
      {"the first", {{1}, {2, 3}}, 1, "", "!1 2 3 ", "event 1 is missing"},
      {"the last", {{1}, {2, 3}}, 2, "1 ", "1 ", "the events from 2 on are lost"},
      {"a hole without damage", {{1}, {4}}, 0, "1 ", "1 !2 !3 4 ", "events 2 to 3 are missing"},
      {"twice", {{1, 2}, {2, 3}}, 0, "1 2 ", "1 2 3 ", "event 2 stand there a second time"},
  };
  for (const DamageCase& damage : cases) {
    SCOPED_TRACE(damage.what);
    std::string bytes = binary(damage.frames);
    if (damage.damaged_frame > 0) {
      char& byte = bytes[frames_of(bytes)[damage.damaged_frame] + 40];
      byte = static_cast<char>(byte ^ 4);
    }
    for (const unsigned threads : {1U, 3U}) {
      const Reading strict = read(bytes, {.threads = threads});
      EXPECT_EQ(numbers_of(strict), damage.numbers);
      EXPECT_EQ(strict.end.code(), StatusCode::kBadInput);
      EXPECT_NE(strict.end.message().find(damage.message), std::string_view::npos)
          << strict.end.message();
      EXPECT_NE(strict.end.message().find("--skip-damaged"), std::string_view::npos);
      const Reading skipping = read(bytes, {.threads = threads, .skip_damaged = true});
      EXPECT_EQ(numbers_of(skipping), damage.skipped);
      EXPECT_TRUE(skipping.end.ok()) << skipping.end.to_string();
      ASSERT_EQ(skipping.damage.size(), 1U);
      EXPECT_NE(skipping.damage[0].find(damage.message), std::string::npos) << skipping.damage[0];
    }
  }
}

TEST_F(RecordingForms, AHoleMayBeTooLarge) {
  const std::string bytes = binary({{1}, {20'000}});
  const Reading skipping = read(bytes, {.skip_damaged = true});
  EXPECT_EQ(skipping.events.size(), 20'000U);
  EXPECT_EQ(skipping.damage.size(), 1U);
  const Reading refused =
      read(bytes, {.limits = {.missing_events_max = 19'997}, .skip_damaged = true});
  EXPECT_EQ(refused.end.code(), StatusCode::kLimit) << refused.end.to_string();
  EXPECT_EQ(numbers_of(refused), "1 ");
}

TEST_F(RecordingForms, AFrameThatExpandsBeyondTheLimitIsLost) {
  codec::FrameEncoder encoder;
  std::string bytes = binary({{1}});
  const FrameEntry large{{{}, HostDeleted{std::string(100'000, 'x')}}, std::nullopt};
  ASSERT_TRUE(encoder.append_events(bytes, 2, std::span(&large, 1), FrameCompression::kZstd).ok());
  const Reading refused = read(bytes, {.limits = {.frame_bytes_max = 100'000}});
  EXPECT_EQ(refused.end.code(), StatusCode::kLimit) << refused.end.to_string();
  EXPECT_EQ(numbers_of(refused), "1 ");
  EXPECT_EQ(numbers_of(read(bytes, {.limits = {.frame_bytes_max = 100'000}, .skip_damaged = true})),
            "1 !2 ");
}

TEST_F(RecordingForms, SegmentsMayFollowEachOtherInOneFile) {
  EXPECT_EQ(numbers_of(read(binary({{1, 2}}) + binary({{3}}, {"r", "", 3}))), "1 2 3 ");
  const Reading other = read(binary({{1, 2}}) + binary({{3}}, {"s", "", 3}));
  EXPECT_EQ(numbers_of(other), "1 2 ");
  EXPECT_EQ(other.end.code(), StatusCode::kBadInput);
}

TEST_F(RecordingForms, SkippingCountsLikeReading) {
  std::string bytes = binary({{1, 2, 3}, {4, 5}, {6, 7, 8, 9}, {10}});
  bytes[frames_of(bytes)[2] + 40] ^= 1;
  std::string text;
  for (std::uint64_t number = 1; number <= 20'000; ++number) {
    text += to_canonical_line(deleted(number)) + "\n";
  }
  for (const std::string& content : {bytes, text}) {
    const Lines all = read(content, {.skip_damaged = true}).events;
    for (const std::uint64_t count : {0, 1, 3, 4, 5, 7, 9, 10, 11, 4'444, 19'999, 20'000, 20'001}) {
      Result<RecordingReader> reader = RecordingReader::open(put(content), {.skip_damaged = true});
      const Result<std::uint64_t> skipped = reader->skip(count);
      ASSERT_TRUE(skipped.ok());
      ASSERT_EQ(*skipped, std::min<std::uint64_t>(count, all.size()));
      const Result<RecordedEvent*> next = reader->next();
      ASSERT_TRUE(next.ok());
      ASSERT_EQ(*next != nullptr, count < all.size());
      if (*next != nullptr) {
        EXPECT_EQ(std::to_string((*next)->number) + ' ' + to_canonical_line((*next)->event),
                  all[count]);
      }
    }
  }
  // What was applied before the damage was there is no reason to stop.
  Result<RecordingReader> behind = RecordingReader::open(put(bytes));
  ASSERT_EQ(*behind->skip(5), 5U);
  EXPECT_EQ((**behind->next()).number, 6U);
}

/// Whatever happens to a file: what is read is right, or said to be lost.
void expect_no_lie(const Reading& reading, const Lines& truth, const std::string& what) {
  for (const std::string& event : reading.events) {
    const bool refused = event.find("\"type\":\"unreadable\"") != std::string::npos;
    const std::size_t number = std::stoul(event);
    ASSERT_LE(number, truth.size()) << what;
    ASSERT_TRUE(refused || event == truth[number - 1]) << what << ": " << event;
  }
  for (std::size_t index = 0; index < reading.events.size(); ++index) {
    ASSERT_EQ(std::stoul(reading.events[index]), index + 1) << what;
  }
  const bool complete = reading.events == truth;
  ASSERT_TRUE(complete || !reading.end.ok() || !reading.damage.empty()) << what;
}

TEST_F(RecordingForms, EveryCutAndEveryBitOfABinaryRecording) {
  codec::FrameEncoder encoder;
  std::string bytes;
  encoder.append_header(bytes, {"r", "", 1});
  for (std::uint64_t number = 1; number <= 6; number += 2) {
    const FrameEntry entries[] = {{deleted(number), std::nullopt},
                                  {deleted(number + 1), EventOrigin{"s", number}}};
    const auto compression = number == 3 ? FrameCompression::kZstd : FrameCompression::kNone;
    ASSERT_TRUE(encoder.append_events(bytes, number, entries, compression).ok());
  }
  const Lines truth = read(bytes).events;
  ASSERT_EQ(truth.size(), 6U);
  const std::vector<std::size_t> begins = frames_of(bytes);
  for (const bool skip_damaged : {false, true}) {
    const RecordingOptions options{.skip_damaged = skip_damaged};
    for (std::size_t size = begins[1]; size < bytes.size(); ++size) {
      const Reading reading = read(bytes.substr(0, size), options);
      expect_no_lie(
          reading,
          Lines(truth.begin(), truth.begin() + static_cast<std::ptrdiff_t>(reading.events.size())),
          "cut at " + std::to_string(size));
      const bool between = std::find(begins.begin(), begins.end(), size) != begins.end();
      EXPECT_EQ(reading.end.ok() && reading.damage.empty(), between) << size;
    }
    for (std::size_t bit = 0; bit < bytes.size() * 8; bit += test::kSanitized ? 7 : 1) {
      std::string damaged = bytes;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
      expect_no_lie(read(damaged, options), truth, "bit " + std::to_string(bit));
    }
  }
}

TEST_F(RecordingForms, ThreadsChangeNothing) {
  std::string text;
  for (std::uint64_t seed = 1; text.size() < (4U << 20); ++seed) {
    text += seed % 5 == 0 ? codec::RandomEvents(seed).damaged_line()
                          : to_canonical_line(codec::RandomEvents(seed).event());
    text += seed % 7 == 0 ? "\r\n\n" : "\n";
  }
  const RecordingLimits limits{.line_bytes_max = 2'000};
  const Reading one = read(text, {.limits = limits});
  for (const unsigned threads : {2U, 3U, 8U, 64U}) {
    const Reading many = read(text, {.limits = limits, .threads = threads});
    EXPECT_TRUE(many.events == one.events) << threads;
    EXPECT_EQ(many.end.to_string(), one.end.to_string());
  }
  EXPECT_EQ(read(text, {.threads = 0}).end.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(read(text, {.threads = 65}).end.code(), StatusCode::kInvalidArgument);
}

TEST_F(RecordingForms, ReadersWithThreadsMayGoAtAnyTime) {
  std::string text;
  for (std::uint64_t number = 1; number <= 40'000; ++number) {
    text += to_canonical_line(deleted(number)) + "\n";
  }
  for (const int taken : {0, 1, 5'000, 20'000}) {
    Result<RecordingReader> reader = RecordingReader::open(put(text), {.threads = 4});
    for (int count = 0; count < taken; ++count) ASSERT_TRUE(reader->next().ok());
    RecordingReader moved = *std::move(reader);
    ASSERT_TRUE(moved.next().ok());
  }
}

}  // namespace
}  // namespace muster
