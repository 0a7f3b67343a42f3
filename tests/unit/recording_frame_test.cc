#include "codec/recording_frame.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "codec/ndjson_reader.h"
#include "schema/recording_generated.h"
#include "tests/unit/random_event.h"
#include "tests/unit/same_event.h"

namespace muster::codec {
namespace {

namespace fb = muster::fb::recording;

std::vector<FrameEntry> random_entries(std::uint64_t seed, std::size_t count) {
  RandomEvents random(seed);
  std::vector<FrameEntry> entries(count);
  for (FrameEntry& entry : entries) {
    entry.event = random.event();
    if (random.below(3) == 0) {
      random.fill(entry.origin.emplace().source);
      random.fill(entry.origin->number);
      if (random.below(2) == 0) random.fill(entry.origin->at.emplace());
    }
  }
  return entries;
}

std::string frame_of(const std::vector<FrameEntry>& entries, FrameCompression compression,
                     std::uint64_t first_event = 1) {
  std::string frame;
  EXPECT_TRUE(FrameEncoder().append_events(frame, first_event, entries, compression).ok());
  return frame;
}

FrameView look(std::string_view bytes) {
  return look_at_frame(bytes, RecordingLimits{}.frame_bytes_max);
}

bool same_entries(const std::vector<FrameEntry>& left, const std::vector<FrameEntry>& right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](const FrameEntry& a, const FrameEntry& b) {
                      return same_event(a.event, b.event) &&
                             a.origin.has_value() == b.origin.has_value() &&
                             (!a.origin || (a.origin->source == b.origin->source &&
                                            a.origin->number == b.origin->number &&
                                            a.origin->at == b.origin->at));
                    });
}

/// The checksum of a changed frame made good again.
void seal_again(std::string& frame) {
  const std::string_view all = frame;
  const std::uint64_t sum =
      base::hash64(all.substr(kFrameHeadBytes), base::hash64(all.substr(0, 24)));
  std::memcpy(frame.data() + 24, &sum, sizeof sum);
}

TEST(RecordingFrame, EventsSurvive) {
  FrameEncoder encoder;
  FrameDecoder decoder;
  for (std::uint64_t seed = 1; seed <= 1'000; ++seed) {
    const std::vector<FrameEntry> entries = random_entries(seed, 1 + seed % 9);
    const auto compression = seed % 2 == 0 ? FrameCompression::kZstd : FrameCompression::kNone;
    std::string bytes = "before";
    ASSERT_TRUE(encoder.append_events(bytes, seed, entries, compression).ok());
    const FrameView view = look(std::string_view(bytes).substr(6));
    ASSERT_EQ(view.state, FrameState::kWhole) << "seed " << seed << ": " << view.problem;
    EXPECT_EQ(view.bytes, bytes.size() - 6);
    EXPECT_EQ(view.first_event, seed);
    EXPECT_EQ(view.events, entries.size());
    const auto read = decoder.decode_events(view);
    ASSERT_TRUE(read.ok()) << "seed " << seed << ": " << read.status().to_string();
    ASSERT_TRUE(same_entries(entries, *read)) << "seed " << seed;
  }
}

TEST(RecordingFrame, OneEventIsAFrameOfOne) {
  const std::vector<FrameEntry> entries = random_entries(7, 1);
  std::string one;
  ASSERT_TRUE(
      FrameEncoder()
          .append_event(one, 5, entries[0].event, entries[0].origin, FrameCompression::kNone)
          .ok());
  EXPECT_EQ(one, frame_of(entries, FrameCompression::kNone, 5));
}

/// Wherever it comes to stand: an empty list is written without alignment.
TEST(RecordingFrame, AnEmptyReportSurvives) {
  for (std::size_t bytes = 1; bytes < 20; ++bytes) {
    ProfilesReported report;
    report.host_uuid = "h";
    const std::vector<FrameEntry> entries = {
        {{Timestamp{1}, HostDeleted{std::string(bytes, 'h')}}, std::nullopt},
        {{Timestamp{1}, report}, std::nullopt},
        {{Timestamp{1}, report}, std::nullopt}};
    const std::string frame = frame_of(entries, FrameCompression::kNone);
    const auto read = FrameDecoder().decode_events(look(frame));
    ASSERT_TRUE(read.ok()) << bytes << ": " << read.status().to_string();
    EXPECT_TRUE(same_entries(*read, entries));
  }
}

TEST(RecordingFrame, HeadersSurvive) {
  for (const RecordingHeader& header :
       {RecordingHeader{"site", "", 1},
        RecordingHeader{"s/\xC3\xA4", "appliance 1.2", 1ULL << 50}}) {
    std::string bytes;
    FrameEncoder().append_header(bytes, header);
    const FrameView view = look(bytes);
    ASSERT_EQ(view.state, FrameState::kWhole) << view.problem;
    ASSERT_EQ(view.kind, FrameKind::kHeader);
    const auto read = FrameDecoder().decode_header(view);
    ASSERT_TRUE(read.ok()) << read.status().to_string();
    EXPECT_EQ(read->id, header.id);
    EXPECT_EQ(read->recorder, header.recorder);
    EXPECT_EQ(read->first_event, header.first_event);
  }
}

TEST(RecordingFrame, CompressesOnlyWhatGetsSmaller) {
  const std::vector<FrameEntry> many = random_entries(3, 200);
  const std::string packed = frame_of(many, FrameCompression::kZstd);
  EXPECT_TRUE(look(packed).compressed);
  EXPECT_LT(packed.size(), frame_of(many, FrameCompression::kNone).size());
  std::size_t left_as_they_are = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const std::vector<FrameEntry> one = random_entries(seed, 1);
    const std::string frame = frame_of(one, FrameCompression::kZstd);
    left_as_they_are += look(frame).compressed ? 0 : 1;
    ASSERT_LE(frame.size(), frame_of(one, FrameCompression::kNone).size()) << "seed " << seed;
  }
  EXPECT_GT(left_as_they_are, 0U);
}

TEST(RecordingFrame, AReportIsCompact) {
  ProfilesReported report{"C02XL0GYJGH5", Timestamp{1}, {}};
  std::size_t text = 0;
  for (int index = 0; index < 30; ++index) {
    const std::string identifier = "com.example.profile." + std::to_string(index);
    report.profiles.add(identifier, "A profile", Timestamp{1'700'000'000'000'000});
    text += identifier.size() + 9;
  }
  const std::string frame =
      frame_of({{{Timestamp{1}, report}, std::nullopt}}, FrameCompression::kNone);
  EXPECT_LE(frame.size(), text + 30 * 16 + 160);
}

TEST(RecordingFrame, ACutFrameSaysHowManyBytesItNeeds) {
  const std::string frame = frame_of(random_entries(11, 5), FrameCompression::kNone);
  for (std::size_t size = 0; size < frame.size(); ++size) {
    const FrameView view = look(std::string_view(frame).substr(0, size));
    ASSERT_EQ(view.state, FrameState::kCut) << size;
    ASSERT_EQ(view.bytes, size < kFrameHeadBytes ? kFrameHeadBytes : frame.size()) << size;
  }
}

TEST(RecordingFrame, EveryBitCounts) {
  for (const FrameCompression compression : {FrameCompression::kNone, FrameCompression::kZstd}) {
    const std::string frame = frame_of(random_entries(13, 6), compression);
    for (std::size_t bit = 0; bit < frame.size() * 8; ++bit) {
      std::string damaged = frame;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
      ASSERT_NE(look(damaged).state, FrameState::kWhole) << "bit " << bit;
    }
  }
}

TEST(RecordingFrame, FindsTheNextFrame) {
  const std::string frame = frame_of(random_entries(2, 1), FrameCompression::kNone);
  const std::string bytes = "\xF5M\xF5" + frame + "\xF5Mu";
  EXPECT_EQ(find_frame(bytes, 0), 3U);
  EXPECT_EQ(find_frame(bytes, 4), bytes.size() - 3);
  EXPECT_EQ(find_frame(bytes, bytes.size()), bytes.size());
  EXPECT_EQ(find_frame("nothing", 0), 7U);
}

// Whoever can write a checksum can write anything into a frame: no bytes may break the reader.
TEST(RecordingFrame, SealedNonsenseIsRefusedOrRead) {
  FrameDecoder decoder;
  std::size_t refused = 0;
  std::size_t unreadable = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const auto compression = seed % 4 == 0 ? FrameCompression::kZstd : FrameCompression::kNone;
    const std::string frame = frame_of(random_entries(seed, 3), compression);
    RandomEvents random(seed);
    for (int round = 0; round < 300; ++round) {
      std::string damaged = frame;
      for (std::size_t hits = 1 + random.below(3); hits > 0; --hits) {
        const std::size_t at = 8 + random.below(damaged.size() - 8);
        damaged[at] = static_cast<char>(random.below(256));
      }
      if (random.below(4) == 0) damaged.resize(kFrameHeadBytes + random.below(damaged.size() - 32));
      const auto payload = static_cast<std::uint32_t>(damaged.size() - kFrameHeadBytes);
      std::memcpy(damaged.data() + 8, &payload, sizeof payload);
      seal_again(damaged);
      const FrameView view = look(damaged);
      if (view.state != FrameState::kWhole || view.kind != FrameKind::kEvents) continue;
      const auto read = decoder.decode_events(view);
      if (!read.ok()) {
        ++refused;
        continue;
      }
      for (const FrameEntry& entry : *read) {
        unreadable += std::holds_alternative<Unreadable>(entry.event.body) ? 1 : 0;
        const std::string line = to_canonical_line(entry.event);
        ASSERT_EQ(to_canonical_line(parse_canonical_line(line)), line) << "seed " << seed;
      }
    }
  }
  EXPECT_GT(refused, 100U);
  EXPECT_GT(unreadable, 1'000U);
}

/// The reason why an entry that was built by hand cannot be read.
std::string reason_of(flatbuffers::FlatBufferBuilder& builder, fb::Body type,
                      flatbuffers::Offset<void> body, const RecordingLimits& limits = {},
                      std::int64_t at = 0) {
  builder.FinishSizePrefixed(fb::CreateEntry(builder, at, type, body));
  std::vector<std::uint64_t> words(builder.GetSize() / 8 + 1);
  std::memcpy(words.data(), builder.GetBufferPointer(), builder.GetSize());
  const FrameEntry read =
      unpack_entry({reinterpret_cast<const char*>(words.data()), builder.GetSize()}, limits);
  const auto* unreadable = std::get_if<Unreadable>(&read.event.body);
  return unreadable == nullptr ? "" : unreadable->reason;
}

TEST(RecordingFrame, MeaningIsCheckedBehindTheStructure) {
  using Builder = flatbuffers::FlatBufferBuilder;
  const auto deleted = [](Builder& b, std::string_view host) {
    return fb::CreateHostDeleted(b, b.CreateString(host.data(), host.size())).Union();
  };
  Builder b;
  EXPECT_EQ(reason_of(b, fb::Body::HostDeleted, deleted(b, "h")), "");
  b.Clear();
  EXPECT_EQ(reason_of(b, fb::Body::HostDeleted, deleted(b, "\xFF")), "host_uuid: is not UTF-8");
  b.Clear();
  EXPECT_EQ(reason_of(b, fb::Body::HostDeleted, deleted(b, "h"), {}, INT64_MAX),
            "at: is not in the years 1 to 9999");
  b.Clear();
  EXPECT_EQ(reason_of(b, static_cast<fb::Body>(99), deleted(b, "h")),
            "type: 99 is not a type of event that this Muster knows");
  b.Clear();
  EXPECT_EQ(
      reason_of(b, fb::Body::HostAdded, fb::CreateHostAdded(b, b.CreateString("h"), 9).Union()),
      "platform: 9 is not a platform that this Muster knows");
  b.Clear();
  EXPECT_EQ(reason_of(b, fb::Body::InstallResult,
                      fb::CreateInstallResult(b, b.CreateString("h"), b.CreateString("c"), 9,
                                              b.CreateString(""))
                          .Union()),
            "status: 9 is not a delivery status that this Muster knows");
  b.Clear();
  const std::vector<fb::ReportedProfile> rows = {{0, 1, 1}, {0, 2, 9}};
  EXPECT_EQ(
      reason_of(b, fb::Body::ProfilesReported,
                fb::CreateProfilesReported(b, b.CreateString("h"), 0, b.CreateVectorOfStructs(rows),
                                           b.CreateString("abcd"))
                    .Union()),
      "profiles[1].display_name: is longer than the text");
  b.Clear();
  const std::vector<fb::ReportedProfile> halves = {{0, 1, 1}};
  EXPECT_EQ(reason_of(b, fb::Body::ProfilesReported,
                      fb::CreateProfilesReported(b, b.CreateString("h"), 0,
                                                 b.CreateVectorOfStructs(halves),
                                                 b.CreateString("\xC3\xA4"))
                          .Union()),
            "profiles[0].identifier: is not UTF-8");
}

TEST(RecordingFrame, OneTextStoredOnceCannotBeReadAMillionTimes) {
  flatbuffers::FlatBufferBuilder b;
  const auto text = b.CreateString(std::string(1'000, 'x'));
  const std::vector<flatbuffers::Offset<flatbuffers::String>> many(1'000, text);
  const auto labels = b.CreateVector(many);
  EXPECT_EQ(reason_of(b, fb::Body::HostLabelsReported,
                      fb::CreateHostLabelsReported(b, b.CreateString("h"), labels).Union()),
            "labels[5]: is stored more than once");
}

TEST(RecordingFrame, LimitsOfOneEvent) {
  RecordingLimits limits;
  limits.string_bytes_max = 20;
  limits.elements_max = 3;
  const auto read = [&](const Event& event, const RecordingLimits& used) {
    FrameDecoder decoder(used);
    const auto entries =
        decoder.decode_events(look(frame_of({{event, std::nullopt}}, FrameCompression::kNone)));
    const auto* unreadable = std::get_if<Unreadable>(&entries->front().event.body);
    const std::string binary = unreadable == nullptr ? "" : unreadable->reason;
    const Event line = NdjsonReader(used).parse(to_canonical_line(event));
    unreadable = std::get_if<Unreadable>(&line.body);
    EXPECT_EQ(unreadable == nullptr ? "" : unreadable->reason, binary);
    return binary;
  };
  EXPECT_EQ(read({{}, HostDeleted{std::string(20, 'h')}}, limits), "");
  EXPECT_EQ(read({{}, HostDeleted{std::string(21, 'h')}}, limits),
            "host_uuid: is longer than the limit of 20 bytes");
  EXPECT_EQ(read({{}, HostLabelsReported{"h", {"a", "b", "c"}, {}}}, limits), "");
  EXPECT_EQ(read({{}, HostLabelsReported{"h", {"a", "b", "c", "d"}, {}}}, limits),
            "labels: the event's lists have more than 3 elements, the limit");
  ProfilesReported report{"h", {}, {}};
  for (int index = 0; index < 4; ++index) report.profiles.add("i", "", {});
  EXPECT_EQ(read({{}, report}, limits),
            "profiles: the event's lists have more than 3 elements, the limit");
}

TEST(RecordingFrame, LimitsOfAFrame) {
  const std::string frame =
      frame_of({{{{}, HostDeleted{std::string(100'000, 'x')}}, {}}}, FrameCompression::kZstd);
  ASSERT_LT(frame.size(), 1'000U);
  RecordingLimits limits;
  limits.frame_bytes_max = 100'000;
  const FrameView view = look_at_frame(frame, limits.frame_bytes_max);
  ASSERT_EQ(view.state, FrameState::kWhole);
  const Status refused = FrameDecoder(limits).decode_events(view).status();
  EXPECT_EQ(refused.code(), StatusCode::kLimit);
  EXPECT_EQ(look_at_frame(frame, 10).problem, "the frame is longer than the limit");
  std::string none;
  const FrameEntry large{{{}, HostDeleted{std::string(65U << 20, 'x')}}, {}};
  EXPECT_EQ(
      FrameEncoder().append_events(none, 1, std::span(&large, 1), FrameCompression::kNone).code(),
      StatusCode::kLimit);
  EXPECT_TRUE(none.empty());
}

}  // namespace
}  // namespace muster::codec
