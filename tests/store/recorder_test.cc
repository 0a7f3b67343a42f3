// What the recorder keeps gives the state again, whatever cut it off.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <limits>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "codec/recording_frame.h"
#include "muster/recording.h"
#include "tests/support/files.h"
#include "tests/support/fleet.h"
#include "tests/support/hooked_env.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

namespace fs = std::filesystem;

/// Every frame of the segments in order, whole to the last byte.
std::vector<Event> recorded_events(const fs::path& store, std::uint64_t first = 1) {
  std::vector<Event> events;
  codec::FrameDecoder decoder;
  for (const fs::path& segment : segments_of(store)) {
    const std::string bytes = read_file(segment);
    for (std::size_t at = 0; at < bytes.size();) {
      const auto frame = codec::look_at_frame(std::string_view(bytes).substr(at), 64u << 20);
      if (frame.state != codec::FrameState::kWhole) {
        ADD_FAILURE() << segment << " at byte " << at;
        return events;
      }
      at += frame.bytes;
      if (frame.kind == codec::FrameKind::kHeader) continue;
      EXPECT_EQ(frame.first_event, first + events.size()) << segment;
      auto entries = require(decoder.decode_events(frame), "decode");
      for (auto& entry : entries) events.push_back(std::move(entry.event));
    }
  }
  return events;
}

std::string digest_of_replay(const fs::path& store, const std::string& recording) {
  const TempDir folder;
  Store copy = open_store(buffered(folder.path() / "copy"));
  apply_all(copy, recorded_events(store), recording, 64);
  EXPECT_EQ(findings_of(copy).size(), 0U);
  return digest_of(copy);
}

/// An appliance's day: live events, passes that issue commands, and events of another recording.
class Day {
 public:
  Day(Store& store, std::uint64_t seed)
      : random_(seed), view_(store), fleet_({seed, 30, 3}, view_) {}

  /// Not ok: the store stopped.
  Status go_on(Store& store, int events) {
    for (int i = 0; i < events; ++i) {
      Event event = fleet_.next();
      Status status;
      const auto* pass = std::get_if<Reconciled>(&event.body);
      if (pass != nullptr && random_() % 4 != 0) {
        status = store.reconcile(event.at, [this] { return "live-" + std::to_string(++commands_); })
                     .status();
      } else if (random_() % 2 == 0) {
        status = store.apply(std::span(&event, 1)).status();
      } else {
        // Times go back now and then: such events are refused, and their numbers stay taken.
        if (random_() % 16 == 0) event.at.micros -= 3'600'000'000;
        status = store.apply(std::span(&event, 1), SourcePosition{"other", ++positioned_}).status();
      }
      if (!status.ok()) return status;
    }
    return {};
  }
  std::uint64_t positioned() const { return positioned_; }
  std::uint64_t commands() const { return commands_; }

 private:
  std::mt19937_64 random_;
  StoreView view_;
  Fleet fleet_;
  std::uint64_t commands_ = 0;
  std::uint64_t positioned_ = 0;
};

/// Nothing was confirmed: the outbox asks for all that rows wait for, and takes back the rest.
void expect_outbox_of_rows(const Store& store) {
  std::set<std::pair<std::string, std::string>> asked;
  for (const PendingCommand& entry : require(store.pending_commands(0, SIZE_MAX), "outbox")) {
    for (const std::string& host : entry.hosts) {
      if (entry.kind == PendingCommand::Kind::kSend) {
        asked.emplace(host, entry.command_uuid);
      } else {
        asked.erase({host, entry.command_uuid});
      }
    }
  }
  const Snapshot snapshot = require(store.snapshot(), "snapshot");
  std::size_t waiting = 0;
  require_ok(snapshot.visit_hosts(
                 {},
                 [&](const HostState& host) {
                   require_ok(snapshot.visit_host(
                                  host.host_uuid, {},
                                  [&](const ProfileState& row) {
                                    if (row.status != DeliveryStatus::kPending ||
                                        !row.command_uuid.starts_with("live-")) {
                                      return true;
                                    }
                                    ++waiting;
                                    EXPECT_TRUE(asked.contains({host.host_uuid, row.command_uuid}))
                                        << host.host_uuid;
                                    return true;
                                  }),
                              "rows");
                   return true;
                 }),
             "hosts");
  EXPECT_GT(waiting, 0U);
}

class RecorderFleet : public testing::TestWithParam<std::uint64_t> {
 protected:
  std::uint64_t seed_ = seed_or(GetParam());
};

TEST_P(RecorderFleet, SegmentsReplayToTheSameState) {
  SCOPED_TRACE("MUSTER_SEED=" + std::to_string(seed_));
  const TempDir folder;
  const fs::path path = folder.path() / "appliance";
  const StoreOptions options = recording_to(path, 4'096);
  std::optional<Store> store(open_store(options, small_windows()));
  Day day(*store, seed_);
  for (int part = 0; part < 4; ++part) {
    require_ok(day.go_on(*store, 250), "a part of the day");
    require_ok(store->close(), "close");
    store.reset();
    store.emplace(open_store(options, small_windows()));
  }
  const StoreStats stats = require(store->stats(), "stats");
  EXPECT_GT(segments_of(path).size(), 4U);
  EXPECT_GT(day.commands(), 50U);
  EXPECT_EQ(recorded_events(path).size(), stats.sequence);
  EXPECT_EQ(digest_of_replay(path, stats.store_id), digest_of(*store));
  // As a user does it.
  Store copy = open_store(buffered(folder.path() / "replayed"));
  const ReplayReport report = require(replay(copy, segments_of(path), {}, {}), "replay");
  EXPECT_EQ(report.events, stats.sequence);
  const Divergences& divergences = report.divergences;
  EXPECT_EQ(divergences.commands_not_listed, 0U) << divergences.example;
  EXPECT_EQ(divergences.commands_not_needed, 0U) << divergences.example;
  EXPECT_EQ(digest_of(copy), digest_of(*store));
}

TEST_P(RecorderFleet, WhatWasRecordedAndNotCommittedIsAppliedAtOpen) {
  SCOPED_TRACE("MUSTER_SEED=" + std::to_string(seed_));
  HookedEnv env;
  store::Tuning tuning = small_windows();
  tuning.env = env.env();
  int saved = 0;
  for (int stop_at = 1; stop_at < 260; stop_at += 37) {
    const TempDir folder;
    const fs::path path = folder.path() / "appliance";
    Store store = open_store(recording_to(path), tuning);
    Day day(store, seed_);
    require_ok(day.go_on(store, 150), "founding");
    int left = stop_at;
    env.set_hook([&](LogCall, const std::string&) { return --left > 0; });
    while (day.go_on(store, 1).ok()) {
    }
    env.set_hook({});
    // What a crash leaves; the failed store keeps its lock.
    const fs::path after = folder.path() / "after";
    ASSERT_TRUE(copy_store(path, after));
    fs::copy(path / "recorder", after / "recorder", fs::copy_options::recursive);
    const std::size_t recorded = recorded_events(after).size();
    const Sequence before = require(open_store(read_only(after)).stats(), "stats").sequence;
    EXPECT_LE(before, recorded);
    saved += before < recorded ? 1 : 0;

    Store opened = open_store(recording_to(after), small_windows());
    const StoreStats stats = require(opened.stats(), "stats");
    EXPECT_EQ(stats.sequence, recorded);
    EXPECT_EQ(findings_of(opened).size(), 0U) << to_text(findings_of(opened));
    EXPECT_EQ(digest_of_replay(after, stats.store_id), digest_of(opened));
    expect_outbox_of_rows(opened);
    const auto last = require(opened.last_position("other"), "last_position");
    EXPECT_EQ(last ? last->event : 0, day.positioned());
    require_ok(day.go_on(opened, 50), "going on");
    EXPECT_EQ(digest_of_replay(after, stats.store_id), digest_of(opened));
  }
  EXPECT_GT(saved, 3);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RecorderFleet, testing::Values(1, 2, 3));

/// Those behind it would be judged at its time, and recorded with it.
TEST(Recorder, ARefusedEventLeavesNoTime) {
  const TempDir folder;
  const fs::path path = folder / "store";
  constexpr Timestamp kNow{1'748'736'000'000'000};
  constexpr Timestamp kYear9999{253'400'000'000'000'000};
  constexpr Timestamp kNone{std::numeric_limits<std::int64_t>::max() / 2};
  std::string digest;
  {
    Store store = open_store(recording_to(path));
    const auto outcome_of = [&store](const EventBody& body, Timestamp at) {
      const std::vector<Event> event = {{at, body}};
      return require(store.apply(event), "apply").results.at(0).outcome;
    };
    HostAdded host;
    host.host_uuid = "H1";
    host.team_id = 1;
    EXPECT_EQ(outcome_of(HostDeleted{"H0"}, kYear9999), Outcome::kUnknownHost);
    EXPECT_EQ(outcome_of(host, kNone), Outcome::kInvalid);
    EXPECT_EQ(outcome_of(host, kNow), Outcome::kApplied);
    EXPECT_EQ(outcome_of(HostDeleted{"H0"}, kYear9999), Outcome::kUnknownHost);
    EXPECT_EQ(outcome_of(HostDeleted{"H0"}, kNone), Outcome::kInvalid);
    EXPECT_EQ(outcome_of(HostTransferred{"H1", 2}, kNow), Outcome::kApplied);
    const auto found = require(require(store.snapshot(), "snapshot").find_host("H1"), "find");
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->enrolled_at, kNow);
    digest = digest_of(store);
    require_ok(store.close(), "close");
  }
  const std::vector<Event> recorded = recorded_events(path);
  ASSERT_EQ(recorded.size(), 6U);
  for (std::size_t i = 1; i < recorded.size(); ++i) {
    EXPECT_LE(recorded[i - 1].at, recorded[i].at) << i;
    EXPECT_LE(recorded[i].at, kNow) << i;
  }
  EXPECT_EQ(digest_of_replay(path, "again"), digest);
}

class RecorderFiles : public testing::Test {
 protected:
  Sequence sequence(const Store& store) { return require(store.stats(), "stats").sequence; }
  void close(Store& store) { require_ok(store.close(), "close"); }
  StoreOptions logged() {
    StoreOptions options = recording_to(path_);
    options.log = [this](LogLevel level, std::string_view line) {
      (level == LogLevel::kInfo ? infos_ : warnings_) += std::string(line) + '\n';
    };
    return options;
  }
  static fs::path torn_copy_of(const fs::path& segment) {
    return segment.parent_path() / ("." + segment.filename().string() + ".torn");
  }

  TempDir folder_;
  fs::path path_ = folder_.path() / "store";
  std::string infos_;
  std::string warnings_;
};

TEST_F(RecorderFiles, EveryTornTailIsCut) {
  Store store = open_store(recording_to(path_));
  add_labels(store, 0, 5);
  close(store);
  const fs::path segment = segments_of(path_).back();
  const std::string whole = read_bytes(segment);
  for (const std::size_t bytes : {1, 7, 31, 40}) {
    const std::string torn = whole + whole.substr(whole.size() - 60, bytes);
    write_file(segment, torn);
    Store again = open_store(logged());
    EXPECT_EQ(sequence(again), 5U);
    close(again);
    EXPECT_EQ(read_bytes(segment), whole);
    EXPECT_EQ(read_bytes(torn_copy_of(segment)), torn);
  }
  EXPECT_NE(infos_.find("40 bytes behind byte " + std::to_string(whole.size()) + " are no frame"),
            std::string::npos)
      << infos_;
  EXPECT_EQ(warnings_, "");
}

/// No crash leaves that: the store has its event, which was recorded first.
TEST_F(RecorderFiles, ARottenLastFrameIsKeptAside) {
  Store store = open_store(recording_to(path_));
  add_labels(store, 0, 5);
  close(store);
  const fs::path segment = segments_of(path_).back();
  std::string bytes = read_bytes(segment);
  bytes[bytes.size() - 10] = static_cast<char>(bytes[bytes.size() - 10] ^ 4);
  write_file(segment, bytes);
  Store again = open_store(logged());
  EXPECT_EQ(sequence(again), 5U);
  EXPECT_EQ(recorded_events(path_).size(), 4U);
  EXPECT_EQ(read_bytes(torn_copy_of(segment)), bytes);
  EXPECT_NE(warnings_.find("it was damaged"), std::string::npos) << warnings_;
}

TEST_F(RecorderFiles, WhatWasKeptAsideGoesWithItsSegment) {
  Store store = open_store(recording_to(path_, 600));
  add_labels(store, 0, 3);
  close(store);
  const fs::path segment = segments_of(path_).back();
  write_file(segment, read_bytes(segment) + "noise");
  StoreOptions options = recording_to(path_, 600);
  options.recorder->keep_bytes = 3'000;
  Store again = open_store(options);
  EXPECT_TRUE(fs::exists(torn_copy_of(segment)));
  add_labels(again, 3, 200);
  EXPECT_FALSE(fs::exists(segment));
  EXPECT_FALSE(fs::exists(torn_copy_of(segment)));
}

TEST_F(RecorderFiles, UnacknowledgedEventsCanBeDiscarded) {
  Store store = open_store(recording_to(path_));
  add_labels(store, 0, 5);
  ASSERT_TRUE(copy_store(path_, folder_.path() / "older"));
  add_labels(store, 5, 3);
  close(store);
  const fs::path older = folder_.path() / "older";
  fs::copy(path_ / "recorder", older / "recorder", fs::copy_options::recursive);
  StoreOptions options = recording_to(older);
  options.recorder->unacknowledged = Unacknowledged::kDiscard;
  Store opened = open_store(options);
  EXPECT_EQ(sequence(opened), 5U);
  EXPECT_EQ(recorded_events(older).size(), 5U);
  add_labels(opened, 20, 2);
  EXPECT_EQ(recorded_events(older).size(), 7U);
}

TEST_F(RecorderFiles, AFrameOfWhichTheStoreHasTheBeginIsGoneOnWith) {
  Store store = open_store(recording_to(path_));
  add_labels(store, 0, 5);
  ASSERT_TRUE(copy_store(path_, folder_.path() / "older"));
  const std::vector<Event> four = {label(5), label(6), label(7), label(8)};
  require(store.apply(four), "apply");
  close(store);
  for (const auto choice : {Unacknowledged::kApply, Unacknowledged::kDiscard}) {
    const fs::path half = folder_.path() / ("half" + std::to_string(static_cast<int>(choice)));
    fs::copy(folder_.path() / "older", half, fs::copy_options::recursive);
    Store without = open_store(buffered(half));
    add_labels(without, 5, 2);
    close(without);
    fs::copy(path_ / "recorder", half / "recorder", fs::copy_options::recursive);
    StoreOptions options = recording_to(half);
    options.recorder->unacknowledged = choice;
    Store opened = open_store(options);
    const std::size_t held = choice == Unacknowledged::kApply ? 9 : 7;
    EXPECT_EQ(sequence(opened), held);
    EXPECT_EQ(recorded_events(half).size(), held);
    add_labels(opened, 20, 2);
    EXPECT_EQ(recorded_events(half).size(), held + 2);
    const std::string id = require(opened.stats(), "stats").store_id;
    EXPECT_EQ(digest_of_replay(half, id), digest_of(opened));
    const auto mode = fs::status(segments_of(half).front()).permissions();
    EXPECT_EQ(mode, fs::perms::owner_read | fs::perms::owner_write);
  }
}

TEST_F(RecorderFiles, DamageBeforeUnacknowledgedEventsRefusesTheOpen) {
  Store store = open_store(recording_to(path_));
  add_labels(store, 0, 5);
  const fs::path older = folder_.path() / "older";
  ASSERT_TRUE(copy_store(path_, older));
  add_labels(store, 5, 3);
  close(store);
  fs::copy(path_ / "recorder", older / "recorder", fs::copy_options::recursive);
  for (const fs::path& path : {path_, older}) {
    const fs::path segment = segments_of(path).back();
    std::string bytes = read_file(segment);
    bytes[bytes.size() / 2] ^= 1;
    write_file(segment, bytes);
  }
  const auto refused = Store::open(recording_to(older));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.status().code(), StatusCode::kCorruption);
  EXPECT_NE(refused.status().message().find("events up to 8"), std::string::npos)
      << refused.status().message();
  // A store that has them all needs no recording to open.
  Store opened = open_store(recording_to(path_));
  EXPECT_EQ(sequence(opened), 8U);
}

TEST_F(RecorderFiles, AGapIsTold) {
  Store store = open_store(recording_to(path_));
  add_labels(store, 0, 2);
  close(store);
  Store without = open_store(buffered(path_));
  add_labels(without, 2, 3);
  close(without);
  Store again = open_store(logged());
  close(again);
  EXPECT_NE(warnings_.find("end at event 2 and the store is at 5"), std::string::npos) << warnings_;
}

TEST_F(RecorderFiles, ADirectoryIsOfOneStore) {
  StoreOptions options = recording_to(path_);
  options.recorder->directory = folder_.path() / "shared";
  StoreOptions other = recording_to(folder_.path() / "other");
  other.recorder->directory = options.recorder->directory;
  Store store = open_store(options);
  const auto beside = Store::open(other);
  ASSERT_FALSE(beside.ok());
  EXPECT_EQ(beside.status().code(), StatusCode::kBusy);
  EXPECT_NE(beside.status().message().find("another store records there"), std::string::npos);
  add_labels(store, 0, 3);
  close(store);
  const auto after = Store::open(other);
  ASSERT_FALSE(after.ok());
  EXPECT_EQ(after.status().code(), StatusCode::kInvalidArgument);
  EXPECT_NE(after.status().message().find("directory of its own"), std::string::npos);
  // Nothing was taken from there.
  EXPECT_EQ(sequence(open_store(buffered(folder_.path() / "other"))), 0U);
  Store again = open_store(options);
  EXPECT_EQ(sequence(again), 3U);
}

TEST_F(RecorderFiles, OldSegmentsGo) {
  StoreOptions options = recording_to(path_, 600);
  options.recorder->keep_bytes = 3'000;
  Store store = open_store(options);
  add_labels(store, 0, 200);
  std::uintmax_t bytes = 0;
  for (const fs::path& segment : segments_of(path_)) bytes += fs::file_size(segment);
  EXPECT_LT(bytes, 4'000U);
  EXPECT_GT(bytes, 1'500U);
  close(store);
  // Age: a segment a minute, the last five are kept.
  options.recorder->segment_seconds = 60;
  options.recorder->keep_bytes = 0;
  options.recorder->keep_seconds = 300;
  options.recorder->segment_bytes = 1u << 20;
  Store again = open_store(options);
  for (int minute = 10; minute < 40; ++minute) add_labels(again, 60 * minute, 2);
  EXPECT_EQ(segments_of(path_).size(), 6U);
}

/// A segment that does not tell its time goes with the one behind it.
TEST_F(RecorderFiles, ADamagedOldSegmentGoes) {
  StoreOptions options = recording_to(path_);
  options.recorder->segment_seconds = 60;
  {
    Store store = open_store(options);
    for (int minute = 0; minute < 4; ++minute) add_labels(store, 60 * minute, 2);
  }
  const fs::path oldest = segments_of(path_).front();
  std::string bytes = read_file(oldest);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  for (std::size_t at = bytes.size() / 2; at < bytes.size(); ++at) bytes[at] = 'x';
  write_file(oldest.native(), "x" + bytes.substr(1));
  options.recorder->keep_seconds = 300;
  Store store = open_store(options);
  add_labels(store, 60 * 5, 2);
  EXPECT_EQ(segments_of(path_).front(), oldest);
  for (int minute = 6; minute < 20; ++minute) add_labels(store, 60 * minute, 2);
  EXPECT_EQ(segments_of(path_).size(), 6U);
}

/// What a backup is brought to the present by: its segments were made by a store that knew more.
class CatchingUp : public RecorderFiles {
 protected:
  /// The store is closed.
  void set_aside() { fs::copy(path_, older_, fs::copy_options::recursive); }
  void expect_caught_up(StoreOptions options) {
    options.path = path_;
    const std::string digest = digest_of(open_store(options));
    fs::remove_all(older_ / "recorder");
    fs::copy(path_ / "recorder", older_ / "recorder", fs::copy_options::recursive);
    options.path = older_;
    const auto opened = Store::open(options);
    ASSERT_TRUE(opened.ok()) << opened.status().to_string();
    EXPECT_EQ(digest_of(*opened), digest);
  }
  fs::path older_ = folder_.path() / "older";
};

TEST_F(CatchingUp, OverWhatWasSaidTwice) {
  const StoreOptions options = recording_to(path_);
  const auto take = [](Store& store, const std::string& source, const std::vector<int>& labels) {
    std::vector<Event> events;
    SourcePosition position{source, 1, {}};
    for (const int number : labels) {
      events.push_back(label(number));
      StatementKey& key = position.statements.emplace_back();
      key.key = base::hash128(std::to_string(number));
    }
    return require(store.apply(events, position), "apply");
  };
  {
    Store store = open_store(options);
    take(store, "a", {1, 2});
  }
  set_aside();
  {
    Store store = open_store(options);
    const Applied applied = take(store, "b", {1, 2, 3});
    EXPECT_EQ(applied.results.at(0).outcome, Outcome::kRepeated);
    EXPECT_EQ(applied.results.at(2).outcome, Outcome::kApplied);
  }
  expect_caught_up(options);
}

/// One source is an hour behind the other, which its events must not be held against.
TEST_F(CatchingUp, EachSourceKeepsItsTime) {
  const StoreOptions options = recording_to(path_);
  { Store store = open_store(options); }
  set_aside();
  const auto take = [](Store& store, const std::string& source, std::uint64_t number, int second) {
    const Event event = label(second);
    return require(store.apply(std::span(&event, 1), SourcePosition{source, number, {}}), "apply")
        .results.at(0)
        .outcome;
  };
  {
    Store store = open_store(options);
    EXPECT_EQ(take(store, "east", 1, 3'600), Outcome::kApplied);
    EXPECT_EQ(take(store, "west", 1, 0), Outcome::kApplied);
  }
  expect_caught_up(options);
  StoreOptions older = options;
  older.path = older_;
  Store store = open_store(older);
  EXPECT_EQ(require(store.last_position("west"), "cursor")->at, label(0).at);
  EXPECT_EQ(take(store, "west", 2, 1'800), Outcome::kApplied);
}

TEST_F(CatchingUp, WhateverTheRate) {
  StoreOptions options = recording_to(path_);
  options.limits.host_events_per_minute = 60;
  options.limits.host_events_burst = 60;
  constexpr Timestamp kBegin{1'748'736'000'000'000};
  const auto send = [&](Store& store, int second) {
    const Timestamp at{kBegin.micros + std::int64_t{second} * 1'000'000};
    for (int i = 0; i < 60; ++i) {
      HostAdded host;
      host.host_uuid = "H1";
      host.team_id = static_cast<TeamId>(100 * second + i);
      const std::vector<Event> event = {{at, host}};
      EXPECT_NE(require(store.apply(event), "apply").results.at(0).outcome, Outcome::kRateLimited);
    }
  };
  { Store store = open_store(options); }
  set_aside();
  for (const int second : {1, 2}) {
    Store store = open_store(options);
    send(store, second);
  }
  expect_caught_up(options);
}

TEST_F(RecorderFiles, TakesNoTextThatCouldNotBeReadAgain) {
  Store store = open_store(recording_to(path_));
  HostAdded host;
  host.host_uuid = "H1";
  ProfilesReported report;
  report.host_uuid = "H1";
  report.detail_updated_at = label(1).at;
  report.profiles.add("com.\xff", "X", label(1).at);
  const std::vector<Event> events = {{label(1).at, host}, {label(1).at, report}};
  const Applied applied = require(store.apply(events), "apply");
  EXPECT_EQ(applied.results.at(1).outcome, Outcome::kInvalid);
  EXPECT_EQ(applied.results.at(1).detail, "profiles[0] is not UTF-8");
  EXPECT_EQ(store.apply(events, {"source \xe9", 1}).status().code(), StatusCode::kInvalidArgument);
}

TEST_F(RecorderFiles, SegmentsAreForTheirOwnerAlone) {
  Store store = open_store(recording_to(path_));
  add_labels(store, 0, 1);
  const auto mode = fs::status(segments_of(path_).front()).permissions();
  EXPECT_EQ(mode, fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(segments_of(path_).front().filename(), "00000000000000000001.mrec");
}

}  // namespace
}  // namespace muster::test
