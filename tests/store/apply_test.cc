// Applying events: positions, times, groups, and that neither the size of spans, nor windows, nor
// folding shows in the state.
#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/command_uuid.h"
#include "tests/support/files.h"
#include "tests/support/raw_store.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

Event host(std::int64_t seconds, const std::string& uuid, TeamId team = 0) {
  HostAdded event;
  event.host_uuid = uuid;
  event.team_id = team;
  return {at(seconds), event};
}

Event profile(std::int64_t seconds, const std::string& uuid, TeamId team = 0) {
  ProfileUploaded event;
  event.profile_uuid = uuid;
  event.team_id = team;
  event.identifier = event.name = "com.example." + uuid;
  event.uploaded_at = at(seconds);
  return {at(seconds), event};
}

Event pass(std::int64_t seconds) {
  return {at(seconds), Reconciled()};
}

std::vector<Outcome> outcomes(const Applied& applied) {
  std::vector<Outcome> kinds;
  for (const EventResult& result : applied.results) kinds.push_back(result.outcome);
  return kinds;
}

class Apply : public testing::Test {
 protected:
  void reopen(const store::Tuning& tuning = {}) {
    if (store_) require_ok(store_->close(), "close");
    store_.reset();
    store_.emplace(open_store(buffered(folder_ / "store"), tuning));
  }
  Apply() { reopen(); }

  Applied apply(std::vector<Event> events, const std::string& source, std::uint64_t first) {
    return test::apply(*store_, events, source, first);
  }
  Outcome apply_one(const Event& event) {
    const Applied applied = require(store_->apply(std::vector{event}), "apply");
    EXPECT_EQ(applied.results.size(), 1u);
    return applied.results.at(0).outcome;
  }
  Status refusal(std::vector<Event> events, const std::string& source, std::uint64_t first) {
    return store_->apply(events, SourcePosition{source, first}).status();
  }
  std::optional<Cursor> cursor(const std::string& source) {
    return require(store_->last_position(source), "position");
  }
  StoreStats stats() { return require(store_->stats(), "stats"); }
  std::string command_of(const std::string& host_uuid) {
    const auto rows = StoreView(*store_).rows(host_uuid);
    return rows.empty() ? "" : rows[0].command_uuid;
  }

  TempDir folder_;
  std::optional<Store> store_;
};

TEST_F(Apply, AnEmptySpanDoesNothing) {
  EXPECT_EQ(require(store_->apply({}), "apply").results.size(), 0u);
  EXPECT_EQ(apply({}, "s", 1).sequence, 0u);
  EXPECT_FALSE(cursor("s").has_value());
  EXPECT_EQ(stats().commit_groups, 0u);
}

TEST_F(Apply, PositionsAreTakenOnce) {
  const std::vector<Event> events = {host(1, "H1"), host(2, "H2"), host(3, "H3")};
  EXPECT_EQ(outcomes(apply(events, "s", 1)), std::vector(3, Outcome::kApplied));
  const std::string digest = digest_of(*store_);
  const Applied again = apply(events, "s", 1);
  EXPECT_EQ(outcomes(again), std::vector(3, Outcome::kDuplicate));
  EXPECT_EQ(again.sequence, 3u);
  EXPECT_EQ(digest_of(*store_), digest);
  const Applied overlap = apply({host(3, "H3"), host(4, "H4")}, "s", 3);
  EXPECT_EQ(outcomes(overlap), (std::vector{Outcome::kDuplicate, Outcome::kApplied}));
  EXPECT_EQ(overlap.sequence, 4u);
  EXPECT_EQ(stats().hosts, 4u);
  EXPECT_EQ(cursor("s")->event, 4u);
}

TEST_F(Apply, AGapIsRefusedWhole) {
  apply({host(1, "H1")}, "s", 1);
  for (const std::uint64_t first : {3u, 100u}) {
    const Status status = refusal({host(2, "H2")}, "s", first);
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
    EXPECT_NE(status.message().find("after event 1"), std::string::npos) << status.to_string();
  }
  EXPECT_EQ(refusal({host(2, "H2")}, "new", 2).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(refusal({host(2, "H2")}, "s", 0).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(stats().hosts, 1u);
  EXPECT_EQ(stats().sequence, 1u);
  EXPECT_FALSE(cursor("new").has_value());
}

TEST_F(Apply, ASourceHasAName) {
  EXPECT_EQ(refusal({host(1, "H1")}, "", 1).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(refusal({host(1, "H1")}, std::string(kIdBytesMax + 1, 's'), 1).code(),
            StatusCode::kInvalidArgument);
  apply({host(1, "H1")}, std::string(kIdBytesMax, 's'), 1);
  EXPECT_EQ(stats().hosts, 1u);
}

TEST_F(Apply, SourcesAreCountedApart) {
  for (int i = 1; i <= 10; ++i) {
    apply({host(i, "A" + std::to_string(i))}, "a", static_cast<std::uint64_t>(i));
    apply({host(100, "B" + std::to_string(i))}, "b", static_cast<std::uint64_t>(i));
  }
  apply_one(host(5, "live"));
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(cursor("a")->event, 10u);
    EXPECT_EQ(cursor("a")->at, at(10));
    EXPECT_EQ(cursor("b")->event, 10u);
    EXPECT_EQ(cursor("b")->at, at(100));
    EXPECT_EQ(stats().sequence, 21u);
    ASSERT_EQ(stats().cursors.size(), 2u);
    EXPECT_EQ(stats().cursors[0].source, "a");
    EXPECT_EQ(outcomes(apply({host(1, "B1")}, "b", 10)), std::vector{Outcome::kDuplicate});
    reopen();
  }
}

TEST_F(Apply, ATimeThatGoesBackIsRefusedInARecording) {
  apply({host(10, "H1")}, "s", 1);
  const Applied applied = apply({host(9, "H2"), host(10, "H3"), host(11, "H4")}, "s", 2);
  EXPECT_EQ(outcomes(applied),
            (std::vector{Outcome::kInvalid, Outcome::kApplied, Outcome::kApplied}));
  EXPECT_NE(applied.results[0].detail.find("time goes back"), std::string::npos);
  EXPECT_EQ(cursor("s")->event, 4u);
  EXPECT_EQ(cursor("s")->at, at(11));
  EXPECT_EQ(outcomes(apply({host(1, "H5")}, "other", 1)), std::vector{Outcome::kApplied});
  reopen();
  EXPECT_EQ(outcomes(apply({host(10, "H6")}, "s", 5)), std::vector{Outcome::kInvalid});
}

TEST_F(Apply, ARefusedEventDoesNotMoveTheTime) {
  apply({host(10, "H1"), {at(99), HostDeleted{"no such host"}}, host(11, "H2")}, "s", 1);
  EXPECT_EQ(stats().hosts, 2u);
  EXPECT_EQ(cursor("s")->at, at(11));
}

TEST_F(Apply, ATimeThatGoesBackIsRaisedForLiveEvents) {
  EXPECT_EQ(apply_one(host(10, "H1")), Outcome::kApplied);
  EXPECT_EQ(apply_one(host(5, "H2")), Outcome::kApplied);
  const Snapshot snapshot = require(store_->snapshot(), "snapshot");
  EXPECT_EQ(require(snapshot.find_host("H2"), "host")->enrolled_at, at(10));
}

TEST_F(Apply, AnUnreadableEntryCounts) {
  const Applied applied =
      apply({host(1, "H1"), {Timestamp{}, Unreadable{"no JSON"}}, host(2, "H2")}, "s", 1);
  EXPECT_EQ(outcomes(applied),
            (std::vector{Outcome::kApplied, Outcome::kInvalid, Outcome::kApplied}));
  EXPECT_EQ(applied.results[1].detail, "no JSON");
  EXPECT_EQ(applied.sequence, 3u);
  EXPECT_EQ(cursor("s")->event, 3u);
  EXPECT_EQ(stats().sequence, 3u);
}

TEST_F(Apply, ARecordingsCommandsFollowFromItsPlaces) {
  const std::vector<Event> events = {profile(1, "p1"), host(2, "H1"), pass(3)};
  apply(events, "s", 1);
  const std::string uuid = command_of("H1");
  EXPECT_EQ(uuid.size(), 36u);
  Store other = open_store(buffered(folder_ / "other"));
  test::apply(other, events, "s", 1);
  EXPECT_EQ(StoreView(other).rows("H1").at(0).command_uuid, uuid);
  Store third = open_store(buffered(folder_ / "third"));
  test::apply(third, events, "another source", 1);
  EXPECT_NE(StoreView(third).rows("H1").at(0).command_uuid, uuid);
}

TEST_F(Apply, LiveCommandsAreNewInEveryPassAndStore) {
  std::set<std::string> uuids;
  apply_one(profile(1, "p1"));
  for (int i = 0; i < 3; ++i) {
    apply_one(host(2 + i, "H" + std::to_string(i)));
    apply_one(pass(2 + i));
    uuids.insert(command_of("H" + std::to_string(i)));
    reopen();
  }
  Store other = open_store(buffered(folder_ / "other"));
  require(other.apply(std::vector{profile(1, "p1"), host(2, "H0"), pass(2)}), "apply");
  uuids.insert(StoreView(other).rows("H0").at(0).command_uuid);
  EXPECT_EQ(uuids.size(), 4u);
  EXPECT_FALSE(uuids.contains(""));
}

TEST_F(Apply, ARefusedEventChangesNothing) {
  apply({profile(1, "p1"), profile(1, "p2"), host(2, "H1"), host(2, "H2", 1), pass(3)}, "s", 1);
  const std::string command = command_of("H1");
  ProfileUploaded moved = std::get<ProfileUploaded>(profile(4, "p1").body);
  moved.scope = Scope::kUser;
  ProfileUploaded named = std::get<ProfileUploaded>(profile(4, "p1").body);
  named.name = "com.example.p2";
  ProfileUploaded again = std::get<ProfileUploaded>(profile(4, "p1").body);
  again.profile_uuid = "p3";
  ProfileUploaded taken = std::get<ProfileUploaded>(profile(4, "p1", 1).body);
  taken.identifier = taken.name = "com.example.other";
  ProfileUploaded labelled = std::get<ProfileUploaded>(profile(4, "p4").body);
  labelled.labels_include_all = {"no such label"};
  Reconciled reused;
  reused.commands = {{Operation::kRemove, "p2", command, {"H1"}}};
  PolicyChanged policy;
  policy.max_retries_apple = 255;
  const InstallResult failed{"H2", command, DeliveryStatus::kFailed, ""};
  const std::vector<std::pair<EventBody, Outcome>> refused = {
      {HostDeleted{"none"}, Outcome::kUnknownHost},
      {ProfileDeleted{"none"}, Outcome::kUnknownProfile},
      {ProfileBatchResent{"none", "failed"}, Outcome::kUnknownProfile},
      {ProfileBatchResent{"p1", "verified"}, Outcome::kInvalid},
      {LabelDeleted{"none"}, Outcome::kUnknownLabel},
      {labelled, Outcome::kUnknownLabel},
      {CommandNotSent{"none", {}}, Outcome::kUnknownCommand},
      {CommandResult{"H1", "none", "Acknowledged", {}, {}}, Outcome::kUnknownCommand},
      {failed, Outcome::kNoWaitingRow},
      {ProfileResent{"H2", "p1"}, Outcome::kNoInstallRow},
      {CommandResult{"none", command, "Acknowledged", {}, {}}, Outcome::kNoHostRow},
      {ProfileResent{"H1", "p1"}, Outcome::kDeliveryUnderWay},
      {moved, Outcome::kScopeChanged},
      {named, Outcome::kNameTaken},
      {again, Outcome::kIdentifierTaken},
      {taken, Outcome::kProfileUuidTaken},
      {reused, Outcome::kCommandUuidTaken},
      {policy, Outcome::kInvalid},
      {HostDeleted{"bad \xFF"}, Outcome::kInvalid},
      {Unreadable{"why"}, Outcome::kInvalid},
  };
  const std::string digest = digest_of(*store_);
  const StoreStats before = stats();
  std::uint64_t number = 5;
  for (const auto& [body, expected] : refused) {
    const Event event{at(4), body};
    const Applied applied = apply({event}, "s", ++number);
    EXPECT_EQ(applied.results[0].outcome, expected)
        << type_name(event) << ": " << name_of(applied.results[0].outcome) << " "
        << applied.results[0].detail;
    EXPECT_EQ(applied.sequence, number);
    EXPECT_EQ(digest_of(*store_), digest) << type_name(event);
  }
  EXPECT_EQ(stats().hosts_due, before.hosts_due);
  EXPECT_EQ(stats().commands, before.commands);
  EXPECT_EQ(stats().profiles, before.profiles);
  EXPECT_EQ(to_text(findings_of(*store_)), "");
  reopen();
  EXPECT_EQ(digest_of(*store_), digest);
}

TEST_F(Apply, StatsCountGroupsAndEvents) {
  apply({host(1, "H1"), host(1, "H2"), host(1, "H3")}, "s", 1);
  apply({profile(2, "p1", 7), pass(3)}, "s", 4);
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(stats().sequence, 5u);
    EXPECT_EQ(stats().hosts, 3u);
    EXPECT_EQ(stats().profiles, 1u);
    EXPECT_EQ(stats().commit_groups, 2u);
    EXPECT_EQ(stats().largest_group, 3u);
    EXPECT_EQ(stats().hosts_due, 0u);
    EXPECT_GT(stats().disk_bytes, 0u);
    EXPECT_FALSE(stats().fan_out_running);
    reopen();
  }
}

class ApplyFleet : public Apply {
 protected:
  static const std::vector<Event>& events() {
    static const std::vector<Event> kEvents = fleet_events({seed_or(11), 150, 4}, 1'500);
    return kEvents;
  }
  /// The state, positions and counts of the store that takes events one by one.
  std::string state_of(const Store& store) {
    const StoreStats stats = require(store.stats(), "stats");
    std::string text = digest_of(store) + " sequence " + std::to_string(stats.sequence) + " rows " +
                       std::to_string(stats.rows) + " due " + std::to_string(stats.hosts_due) +
                       " commands " + std::to_string(stats.commands) + " policy " +
                       to_string(store.policy());
    for (const Cursor& cursor : stats.cursors) {
      text += " " + cursor.source + " " + std::to_string(cursor.event) + " " + to_string(cursor.at);
    }
    return text;
  }
  std::string state_with(std::size_t batch, const store::Tuning& tuning) {
    const TempDir folder;
    Store store = open_store(buffered(folder / "store"), tuning);
    apply_all(store, events(), "fleet", batch);
    const std::string state = state_of(store);
    EXPECT_EQ(to_text(findings_of(store)), "");
    require_ok(store.close(), "close");
    EXPECT_EQ(state_of(open_store(buffered(folder / "store"))), state) << "reopened";
    return state;
  }
};

TEST_F(ApplyFleet, SpansAndWindowsDoNotShow) {
  const std::string one_by_one = state_with(1, {});
  EXPECT_EQ(state_with(1, small_windows()), one_by_one);
  EXPECT_EQ(state_with(64, {}), one_by_one);
  EXPECT_EQ(state_with(64, small_windows()), one_by_one);
  EXPECT_EQ(state_with(100'000, {}), one_by_one);
  EXPECT_EQ(state_with(100'000, small_windows()), one_by_one);
  store::Tuning one_host;
  one_host.window_hosts = 1;
  EXPECT_EQ(state_with(7, one_host), one_by_one);
}

TEST_F(ApplyFleet, FoldingDoesNotShow) {
  store::Tuning folding;
  folding.fold_bytes_min = 1;
  Store store = open_store(buffered(folder_ / "folding"), folding);
  apply_all(store, events(), "fleet", 1);
  const std::string state = state_of(store);
  EXPECT_EQ(state, state_with(1, {}));
  ASSERT_TRUE(copy_store(folder_ / "folding", folder_ / "copy"));
  const std::size_t groups = RawStore(folder_ / "copy").all("groups").size();
  EXPECT_LT(groups, require(store.stats(), "stats").commit_groups) << "nothing was folded";
  EXPECT_EQ(state_of(open_store(read_only(folder_ / "copy"))), state);
  EXPECT_EQ(state_of(open_store(buffered(folder_ / "copy"))), state);
  require_ok(store.close(), "close");
  EXPECT_EQ(RawStore(folder_ / "folding").all("groups").size(), 0u);
  EXPECT_EQ(state_of(open_store(read_only(folder_ / "folding"))), state);
}

TEST_F(ApplyFleet, ReopeningDoesNotShow) {
  store::Tuning folding;
  folding.fold_bytes_min = 1 << 12;
  folding.window_hosts = 4;
  for (std::size_t done = 0; done < events().size(); done += 50) {
    const std::size_t count = std::min<std::size_t>(50, events().size() - done);
    test::apply(*store_, std::span(events()).subspan(done, count), "fleet", done + 1);
    reopen(folding);
  }
  EXPECT_EQ(state_of(*store_), state_with(1, {}));
}

TEST_F(Apply, ASeedSaysWhatCommandUuidsAreMadeFrom) {
  Reconciled seeded;
  seeded.uuid_seed = UuidSeed{"site-7", 41};
  apply({host(0, "H1"), profile(0, "p1"), {at(1), seeded}}, "copy", 1);
  EXPECT_EQ(command_of("H1"), core::make_command_uuid("site-7", 41, Operation::kInstall, "p1", ""));
  apply({host(2, "H2"), pass(3)}, "copy", 4);
  EXPECT_EQ(command_of("H2"), core::make_command_uuid("copy", 5, Operation::kInstall, "p1", ""));
}

}  // namespace
}  // namespace muster::test
