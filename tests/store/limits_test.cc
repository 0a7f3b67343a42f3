// Each limit at its bound and one beyond, as it stands by default and lowered. The defaults of rows
// and profiles: bad_input_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "muster/snapshot.h"
#include "tests/support/files.h"
#include "tests/support/store_tools.h"
#include "tests/support/test_disk.h"

namespace muster::test {
namespace {

constexpr Timestamp kNow = at(0);

Event known_host(const std::string& host) {
  HostAdded event;
  event.host_uuid = host;
  return {kNow, event};
}

Event uploaded(std::size_t number) {
  ProfileUploaded profile;
  profile.profile_uuid = profile.identifier = profile.name = "p" + std::to_string(number);
  profile.uploaded_at = kNow;
  return {kNow, profile};
}

class Limits : public testing::Test {
 protected:
  Store open(const StoreLimits& limits) {
    StoreOptions options = buffered(folder_ / ("store" + std::to_string(++stores_)));
    options.limits = limits;
    store::Tuning tuning;
    tuning.env = TestDisk::shared().env();
    return open_store(options, tuning);
  }
  static EventResult take(Store& store, const Event& event) {
    Applied applied = require(store.apply(std::span(&event, 1)), "apply");
    return std::move(applied.results.at(0));
  }
  static std::vector<ProfileState> rows(const Store& store, const std::string& host) {
    return StoreView(store).rows(host);
  }

  TempDir folder_;
  int stores_ = 0;
};

struct DoorCase {
  const char* name;
  std::size_t StoreLimits::*limit;
  std::function<Event(std::size_t)> event;  ///< as large as told
};

const std::vector<DoorCase>& door_cases() {
  static const auto text = [](std::size_t bytes) { return std::string(bytes, 'x'); };
  static const std::vector<DoorCase> kCases = {
      {"a host", &StoreLimits::id_bytes, [](std::size_t size) { return known_host(text(size)); }},
      {"a label", &StoreLimits::id_bytes,
       [](std::size_t size) {
         return Event{kNow, LabelCreated{text(size)}};
       }},
      {"a profile's name", &StoreLimits::id_bytes,
       [](std::size_t size) {
         Event event = uploaded(1);
         std::get<ProfileUploaded>(event.body).name = text(size);
         return event;
       }},
      {"a listed command's host", &StoreLimits::id_bytes,
       [](std::size_t size) {
         Reconciled pass;
         pass.commands = {{Operation::kInstall, "p1", "c1", {text(size)}}};
         return Event{kNow, pass};
       }},
      {"labels of a host", &StoreLimits::labels_per_report,
       [](std::size_t size) {
         HostLabelsReported report;
         report.host_uuid = "H1";
         report.labels.assign(size, "label");
         return Event{kNow, report};
       }},
      {"profiles on a host", &StoreLimits::profiles_per_report,
       [](std::size_t size) {
         ProfilesReported report;
         report.host_uuid = "H1";
         report.detail_updated_at = kNow;
         for (std::size_t i = 0; i < size; ++i) report.profiles.add("other", "", kNow);
         return Event{kNow, report};
       }},
  };
  return kCases;
}

TEST_F(Limits, AtTheDoor) {
  for (const bool lowered : {false, true}) {
    for (const DoorCase& door : door_cases()) {
      SCOPED_TRACE(std::string(door.name) + (lowered ? ", lowered" : ""));
      StoreLimits limits;
      if (lowered) limits.*door.limit = 7;
      const std::size_t bound = limits.*door.limit;
      Store store = open(limits);
      take(store, known_host("H1"));
      const EventResult at_bound = take(store, door.event(bound));
      EXPECT_EQ(refusal_of(at_bound.outcome), Refusal::kNone) << at_bound.detail;
      const EventResult beyond = take(store, door.event(bound + 1));
      EXPECT_EQ(beyond.outcome, Outcome::kInvalid);
      EXPECT_THAT(beyond.detail, testing::HasSubstr(std::to_string(bound)));
    }
  }
}

TEST_F(Limits, DetailsAreCutBetweenCharacters) {
  const struct {
    std::size_t detail_bytes;
    std::string detail;
    std::string stored;
  } cases[] = {
      {kDetailBytesMax, std::string(kDetailBytesMax, 'd'), std::string(kDetailBytesMax, 'd')},
      {kDetailBytesMax, std::string(kDetailBytesMax + 1, 'd'), std::string(kDetailBytesMax, 'd')},
      {5, "12345", "12345"},
      {5, "123456", "12345"},
      {5, "1234\xC3\xA9", "1234"},
  };
  for (const auto& example : cases) {
    StoreLimits limits;
    limits.detail_bytes = example.detail_bytes;
    Store store = open(limits);
    take(store, known_host("H1"));
    take(store, uploaded(1));
    take(store, {kNow, Reconciled()});
    const std::string command = rows(store, "H1").at(0).command_uuid;
    const InstallResult result{"H1", command, DeliveryStatus::kPending, example.detail};
    EXPECT_EQ(take(store, {kNow, result}).outcome, Outcome::kApplied);
    EXPECT_EQ(rows(store, "H1").at(0).detail, example.stored);
    EXPECT_EQ(take(store, {kNow, result}).outcome, Outcome::kUnchanged) << "the same again";
  }
}

/// A limit on devices' texts leaves those that the rules read alone.
TEST_F(Limits, OurOwnDetailsAreNotCut) {
  StoreLimits limits;
  limits.detail_bytes = 1;
  Store store = open(limits);
  take(store, known_host("H1"));
  Event user = uploaded(1);
  std::get<ProfileUploaded>(user.body).scope = Scope::kUser;
  take(store, user);
  take(store, {at(30 * 86'400), Reconciled()});
  EXPECT_GT(rows(store, "H1").at(0).detail.size(), 1u);
}

TEST_F(Limits, RowsOfAHost) {
  StoreLimits limits;
  limits.rows_per_host = 3;
  Store store = open(limits);
  take(store, known_host("H1"));
  for (std::size_t i = 1; i <= 3; ++i) take(store, uploaded(i));
  EXPECT_EQ(take(store, {kNow, Reconciled()}).divergences, nullptr);
  EXPECT_EQ(rows(store, "H1").size(), 3u);
  take(store, uploaded(4));
  const EventResult beyond = take(store, {kNow, Reconciled()});
  ASSERT_NE(beyond.divergences, nullptr);
  EXPECT_EQ(beyond.divergences->rows_over_limit, 1u);
  EXPECT_EQ(rows(store, "H1").size(), 3u);
  EXPECT_EQ(to_text(findings_of(store)), "");
}

TEST_F(Limits, ProfilesOfATeam) {
  StoreLimits limits;
  limits.profiles_per_team = 2;
  Store store = open(limits);
  EXPECT_EQ(take(store, uploaded(1)).outcome, Outcome::kApplied);
  EXPECT_EQ(take(store, uploaded(2)).outcome, Outcome::kApplied);
  const EventResult beyond = take(store, uploaded(3));
  EXPECT_EQ(beyond.outcome, Outcome::kInvalid);
  EXPECT_THAT(beyond.detail, testing::HasSubstr("2"));
  Event edit = uploaded(1);
  std::get<ProfileUploaded>(edit.body).name = "edited";
  EXPECT_EQ(take(store, edit).outcome, Outcome::kApplied) << "an edit adds none";
}

TEST_F(Limits, EventsOfASpan) {
  for (const std::size_t bound : {StoreLimits().events_per_span, std::size_t{3}}) {
    StoreLimits limits;
    limits.events_per_span = bound;
    Store store = open(limits);
    const std::vector<Event> events(bound + 1, {kNow, HostDeleted{"H1"}});
    const auto beyond = store.apply(events);
    EXPECT_EQ(beyond.status().code(), StatusCode::kLimit);
    EXPECT_THAT(beyond.status().to_string(), testing::HasSubstr(std::to_string(bound)));
    EXPECT_EQ(require(store.stats(), "stats").sequence, 0u);
    const Applied applied = require(store.apply(std::span(events).first(bound)), "apply");
    EXPECT_EQ(applied.sequence, bound);
  }
}

TEST_F(Limits, EventsOfAHostByTheirTimes) {
  StoreLimits limits;
  limits.host_events_per_minute = 6;
  limits.host_events_burst = 2;
  Store store = open(limits);
  const auto report = [&](const std::string& host, std::int64_t seconds) {
    return take(store, {at(seconds), UserChannelChanged{host, seconds % 2 == 0}}).outcome;
  };
  EXPECT_EQ(take(store, known_host("H1")).outcome, Outcome::kApplied);
  EXPECT_EQ(take(store, known_host("H2")).outcome, Outcome::kApplied);
  EXPECT_EQ(report("H1", 0), Outcome::kApplied);
  const std::string before = digest_of(store);
  EXPECT_EQ(report("H1", 1), Outcome::kRateLimited);
  EXPECT_EQ(digest_of(store), before);
  EXPECT_EQ(require(store.stats(), "stats").sequence, 3u) << "it was not taken";
  EXPECT_EQ(report("H2", 1), Outcome::kUnchanged) << "another host";
  EXPECT_EQ(report("H1", 9), Outcome::kRateLimited);
  EXPECT_EQ(report("H1", 11), Outcome::kApplied) << "ten seconds fill one in";
  EXPECT_EQ(report("H1", 11), Outcome::kRateLimited);
  EXPECT_EQ(take(store, {at(11), LabelCreated{"label"}}).outcome, Outcome::kApplied);
  EXPECT_EQ(take(store, {at(11), Reconciled()}).outcome, Outcome::kUnchanged);
  // A recording is taken whole.
  const std::vector<Event> recorded(9, {at(11), UserChannelChanged{"H1", true}});
  for (const EventResult& result : apply(store, recorded, "recording", 1).results) {
    EXPECT_EQ(refusal_of(result.outcome), Refusal::kNone);
  }
}

TEST_F(Limits, OutOfRangeMakesNoStore) {
  const struct {
    const char* field;
    std::function<void(StoreLimits&, std::uint64_t)> set;
    std::uint64_t most;
  } cases[] = {
      {"id_bytes", [](auto& limits, auto value) { limits.id_bytes = value; }, 1024},
      {"detail_bytes", [](auto& limits, auto value) { limits.detail_bytes = value; }, 65535},
      {"rows_per_host", [](auto& limits, auto value) { limits.rows_per_host = value; }, 4096},
      {"profiles_per_team", [](auto& limits, auto value) { limits.profiles_per_team = value; },
       4096},
      {"labels_per_report", [](auto& limits, auto value) { limits.labels_per_report = value; },
       65'536},
      {"profiles_per_report", [](auto& limits, auto value) { limits.profiles_per_report = value; },
       1'048'576},
      {"events_per_span", [](auto& limits, auto value) { limits.events_per_span = value; },
       1'048'576},
      {"submitted_events", [](auto& limits, auto value) { limits.submitted_events = value; },
       16'777'216},
  };
  StoreOptions most = buffered(folder_ / "most");
  for (const auto& bound : cases) {
    SCOPED_TRACE(bound.field);
    StoreOptions options = buffered(folder_ / bound.field);
    for (const std::uint64_t wrong : {std::uint64_t{0}, bound.most + 1}) {
      bound.set(options.limits, wrong);
      const Status status = Store::open(options).status();
      EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << wrong;
      EXPECT_THAT(status.to_string(), testing::HasSubstr(bound.field));
      EXPECT_FALSE(std::filesystem::exists(options.path));
    }
    bound.set(most.limits, bound.most);
  }
  EXPECT_TRUE(Store::open(most).ok());
  StoreOptions options = buffered(folder_ / "burst");
  options.limits.host_events_burst = 0;
  EXPECT_THAT(Store::open(options).status().to_string(), testing::HasSubstr("host_events_burst"));
}

}  // namespace
}  // namespace muster::test
