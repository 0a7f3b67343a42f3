// The feed of row changes against the rows themselves: applied to what was before, it gives what
// is.
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "muster/repair.h"
#include "tests/support/files.h"
#include "tests/support/fleet.h"
#include "tests/support/raw_store.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

using Rows = std::map<std::pair<std::string, std::string>, RowState>;

RowState state_of(const ProfileState& row) {
  return {row.operation, row.status, row.retries, row.command_uuid};
}

Rows rows_of(const Store& store) {
  Rows rows;
  const Snapshot snapshot = require(store.snapshot(), "snapshot");
  require_ok(snapshot.visit_rows({},
                                 [&](const HostState& host, const ProfileState& row) {
                                   rows[{host.host_uuid, row.profile_uuid}] = state_of(row);
                                   return true;
                                 }),
             "rows");
  return rows;
}

/// Reads on from `last` in pages, and says what does not fit.
void follow(const Store& store, std::uint64_t& last, Rows& rows) {
  for (;;) {
    const RowChanges page = require(store.changes(last, 7), "changes");
    EXPECT_EQ(page.lost, 0U);
    if (page.changes.empty()) return;
    for (const RowChange& change : page.changes) {
      EXPECT_EQ(change.number, ++last);
      EXPECT_FALSE(change.cause.empty());
      EXPECT_TRUE(change.before.has_value() || change.after.has_value());
      const std::pair key(change.host_uuid, change.profile_uuid);
      const auto at = rows.find(key);
      EXPECT_EQ(change.before, at == rows.end() ? std::nullopt : std::optional(at->second))
          << change.number << ": " << change.cause << " on " << change.host_uuid;
      if (change.after) {
        rows[key] = *change.after;
      } else {
        rows.erase(key);
      }
    }
  }
}

class ChangesFleet : public testing::TestWithParam<std::uint64_t> {};

TEST_P(ChangesFleet, GiveTheRowsAgain) {
  const std::uint64_t seed = seed_or(GetParam());
  SCOPED_TRACE("MUSTER_SEED=" + std::to_string(seed));
  const TempDir folder;
  StoreOptions options = buffered(folder.path() / "store");
  options.change_log = 1'000'000;
  Store store = open_store(options, small_windows());
  std::uint64_t last = 0;
  Rows rows;
  // Groups of several events: one row may move more than once in a commit.
  const std::vector<Event> events = fleet_events({seed, 40, 3}, 700);
  for (std::size_t done = 0; done < events.size() && !testing::Test::HasFailure(); done += 9) {
    const std::size_t count = std::min<std::size_t>(9, events.size() - done);
    apply(store, std::span(events).subspan(done, count), "fleet", done + 1);
    follow(store, last, rows);
    EXPECT_EQ(rows, rows_of(store));
  }
  EXPECT_GT(last, 500U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, ChangesFleet, testing::Values(1, 2, 3));

TEST(Changes, AreNotKeptUnlessAskedFor) {
  const TempDir folder;
  Store store = open_store(buffered(folder.path() / "store"));
  apply_all(store, fleet_events({1, 20, 2}, 50), "fleet", 16);
  EXPECT_EQ(store.changes(0, 10).status().code(), StatusCode::kInvalidArgument);
}

TEST(Changes, OldOnesGoAndTheReaderHearsOfIt) {
  const TempDir folder;
  StoreOptions options = buffered(folder.path() / "store");
  options.change_log = 100;
  std::uint64_t newest = 0;
  {
    Store store = open_store(options);
    apply_all(store, fleet_events({1, 40, 3}, 400), "fleet", 16);
    const RowChanges kept = require(store.changes(0, 100'000), "changes");
    ASSERT_FALSE(kept.changes.empty());
    newest = kept.changes.back().number;
    EXPECT_GE(kept.changes.size(), 100U);
    EXPECT_LE(kept.changes.size(), 113U + 1);
    EXPECT_EQ(kept.lost, kept.changes.front().number - 1);
    EXPECT_EQ(kept.lost + kept.changes.size(), newest);
    EXPECT_EQ(require(store.changes(newest - 1, 10), "changes").changes.size(), 1U);
    EXPECT_TRUE(require(store.changes(newest, 10), "changes").changes.empty());
    for (const std::uint64_t never : {newest + 1, UINT64_MAX}) {
      EXPECT_EQ(store.changes(never, 10).status().code(), StatusCode::kInvalidArgument);
    }
    require_ok(store.close(), "close");
  }
  // Numbers go on after a reopen.
  Store again = open_store(options);
  EXPECT_EQ(require(again.changes(0, 100'000), "changes").changes.back().number, newest);
  EXPECT_EQ(findings_of(again).size(), 0U);
}

/// Events of a minute each, of which each makes one transition; then a day later.
TEST(Changes, AreDroppedByTheTimesOfTheirEvents) {
  const TempDir folder;
  StoreOptions options = buffered(folder.path() / "store");
  options.change_log = 1'000'000;
  options.change_log_seconds = 600;
  Store store = open_store(options);
  Timestamp at{1'750'000'000'000'000};
  const auto add = [&](EventBody body) {
    at.micros += 60'000'000;
    const Event event{at, std::move(body)};
    EXPECT_EQ(require(store.apply(std::span(&event, 1)), "apply").results[0].outcome,
              Outcome::kApplied);
  };
  ProfileUploaded profile;
  profile.profile_uuid = profile.identifier = profile.name = "p";
  add(profile);
  for (int host = 0; host < 60; ++host) {
    const std::string uuid = "h" + std::to_string(host);
    add(HostAdded{uuid, Platform::kDarwin, 0, true, {}, false, {}});
    require(store.reconcile(at, [&] { return "c" + uuid; }), "reconcile");
    const RowChanges kept = require(store.changes(0, 1'000), "changes");
    ASSERT_FALSE(kept.changes.empty());
    const auto age = [&](const RowChange& change) { return at.micros - change.at.micros; };
    EXPECT_LE(age(kept.changes.front()), std::int64_t{735'000'000}) << host;
    EXPECT_GE(kept.changes.size(), std::min<std::size_t>(host + 1, 10)) << host;
    EXPECT_EQ(kept.lost + kept.changes.size(), static_cast<std::size_t>(host) + 1);
  }
  EXPECT_EQ(to_text(findings_of(store)), "");
  at.micros += 86'400'000'000;
  add(HostAdded{"late", Platform::kDarwin, 0, true, {}, false, {}});
  require(store.reconcile(at, [] { return "c-late"; }), "reconcile");
  EXPECT_EQ(require(store.changes(0, 1'000), "changes").changes.size(), 1U);
  EXPECT_EQ(to_text(findings_of(store)), "");
  options.change_log = 0;
  options.path = folder.path() / "other";
  EXPECT_EQ(Store::open(options).status().code(), StatusCode::kInvalidArgument);
}

/// A change that cannot be read stands in nobody's way: not in that of commits, not in repair's.
TEST(Changes, DamagedOnesDoNotStopTheStore) {
  const TempDir folder;
  StoreOptions options = buffered(folder.path() / "store");
  options.change_log = 1'000'000;
  options.change_log_seconds = 600;
  Timestamp at{1'750'000'000'000'000};
  const auto add = [&](Store& store, const std::string& host) {
    at.micros += 3'600'000'000;
    const Event event{at, HostAdded{host, Platform::kDarwin, 0, true, {}, false, {}}};
    require(store.apply(std::span(&event, 1)), "apply");
    require(store.reconcile(at, [&] { return "c" + host; }), "reconcile");
  };
  {
    Store store = open_store(options);
    ProfileUploaded profile;
    profile.profile_uuid = profile.identifier = profile.name = "p";
    const Event event{at, profile};
    require(store.apply(std::span(&event, 1)), "apply");
    add(store, "h1");
    require_ok(store.close(), "close");
  }
  {
    RawStore raw(folder.path() / "store");
    const auto changes = raw.all("changes");
    ASSERT_EQ(changes.size(), 1U);
    raw.put("changes", changes.begin()->first, "no change");
  }
  {
    Store store = open_store(options);
    add(store, "h2");
    EXPECT_EQ(findings_of(store).size(), 1U) << to_text(findings_of(store));
    require_ok(store.close(), "close");
  }
  // It did what it can, and says what it cannot.
  const Status repaired = repair_store(options).status();
  EXPECT_NE(repaired.message().find("what is derived is right now"), std::string::npos)
      << repaired.to_string();
}

TEST(Metrics, CountWhatHappened) {
  const TempDir folder;
  StoreOptions options;
  options.path = folder.path() / "store";
  options.recorder.emplace();
  Store store = open_store(options);
  const auto uploaded = [](const std::string& uuid) {
    ProfileUploaded profile;
    profile.profile_uuid = uuid;
    profile.identifier = profile.name = "com.example." + uuid;
    return Event{Timestamp{1}, profile};
  };
  const std::vector<Event> events = {
      uploaded("p1"),
      {Timestamp{2}, HostAdded{"h1", Platform::kDarwin, 0, true, {}, false, {}}},
      {Timestamp{3}, HostDeleted{"nobody"}}};
  require(store.apply(events), "apply");
  const PassReport pass =
      require(store.reconcile(Timestamp{4}, [] { return std::string("c1"); }), "reconcile");
  EXPECT_EQ(pass.hosts_changed, 1U);
  EXPECT_EQ(pass.commands_issued, 1U);
  const StoreMetrics metrics = store.metrics();
  EXPECT_EQ(metrics.events, 4U);
  EXPECT_EQ(metrics.refused, 1U);
  EXPECT_EQ(metrics.commits, 2U);
  EXPECT_EQ(metrics.syncs, 2U);
  EXPECT_GT(metrics.batch_bytes, 100U);
  EXPECT_EQ(metrics.outbox_entries, 1U);
  EXPECT_GT(metrics.recorded_bytes, 100U);
  EXPECT_GT(metrics.write_buffer_bytes, 0U);
  EXPECT_GT(metrics.resident_bytes, 0U);
  EXPECT_EQ(metrics.waiting_spans, 0U);
  EXPECT_TRUE(metrics.failure.ok());
  // An idle pass leaves no trace.
  EXPECT_TRUE(
      require(store.reconcile(Timestamp{5}, [] { return std::string("c2"); }), "idle").complete);
  EXPECT_EQ(store.metrics().commits, 2U);
}

TEST(LivePass, AUuidThatIsTakenRefusesThePassAndNothingElse) {
  const TempDir folder;
  Store store = open_store(buffered(folder.path() / "store"), small_windows());
  std::vector<Event> events;
  for (const char* uuid : {"p1", "p2"}) {
    ProfileUploaded profile;
    profile.profile_uuid = uuid;
    profile.identifier = profile.name = uuid;
    events.push_back({Timestamp{1}, profile});
  }
  events.push_back({Timestamp{2}, HostAdded{"h1", Platform::kDarwin, 0, true, {}, false, {}}});
  require(store.apply(events), "apply");
  for (const std::string bad : {"twice", "", "\xFF"}) {
    const auto pass = store.reconcile(Timestamp{3}, [&] { return bad; });
    ASSERT_FALSE(pass.ok());
    EXPECT_EQ(pass.status().code(), StatusCode::kInvalidArgument);
    EXPECT_TRUE(require(store.pending_commands(0, 10), "outbox").empty());
    EXPECT_TRUE(rows_of(store).empty());
  }
  int number = 0;
  require(store.reconcile(Timestamp{3}, [&] { return "c" + std::to_string(++number); }), "pass");
  EXPECT_EQ(rows_of(store).size(), 2U);
  const auto outbox = require(store.pending_commands(0, 10), "outbox");
  ASSERT_EQ(outbox.size(), 2U);
  // What is refused leaves the entry where it is: its rows still wait for the command.
  EXPECT_EQ(store.command_not_sent(outbox[0].id, Timestamp{INT64_MAX}).code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(require(store.pending_commands(0, 10), "outbox").size(), 2U);
}

}  // namespace
}  // namespace muster::test
