// Events of recordings without numbers: what one said before is known, through closes and crashes.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/hash.h"
#include "muster/recording.h"
#include "tests/support/files.h"
#include "tests/support/raw_store.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

constexpr std::int64_t kBegin = 1'748'736'000'000'000;

Timestamp minute(int number) {
  return {kBegin + number * std::int64_t{60'000'000}};
}

Event host(const std::string& uuid, int at, TeamId team = 0) {
  HostAdded added;
  added.host_uuid = uuid;
  added.team_id = team;
  return {minute(at), added};
}
Event profile(const std::string& uuid, int at) {
  ProfileUploaded uploaded;
  uploaded.profile_uuid = uuid;
  uploaded.identifier = uploaded.name = "com.example." + uuid;
  uploaded.uploaded_at = minute(at);
  return {minute(at), uploaded};
}
Event pass(int at) {
  return {minute(at), Reconciled{}};
}
Event unenrolled(const std::string& uuid, int at) {
  return {minute(at), HostUnenrolled{uuid}};
}

class Statements : public testing::Test {
 protected:
  Statements() : store_(open_store(buffered(folder_ / "store"))) {}

  struct Said {
    Event event;
    std::string key;
    std::string added_for = {};
  };

  std::string take(const std::string& source, const std::vector<Said>& said) {
    std::vector<Event> events;
    SourcePosition position{source, 1, {}};
    for (const Said& one : said) {
      events.push_back(one.event);
      position.statements.push_back({base::hash128(one.key), one.added_for});
    }
    std::string outcomes;
    const Applied applied = require(store_.apply(events, position), "apply");
    for (const EventResult& result : applied.results) {
      if (!outcomes.empty()) outcomes += ' ';
      outcomes += name_of(result.outcome);
    }
    return outcomes;
  }
  std::string digest() { return digest_of(store_); }
  void reopen() {
    require_ok(store_.close(), "close");
    store_ = open_store(buffered(folder_ / "store"));
  }

  TempDir folder_;
  Store store_;
};

TEST_F(Statements, areTakenOnce) {
  const std::vector<Said> stream = {{profile("p1", 0), "p1"},
                                    {host("h1", 1), "gone", "hh1"},
                                    {pass(2), ""},
                                    {unenrolled("h1", 3), "gone"}};
  EXPECT_EQ(take("a", stream), "applied applied applied applied");
  const std::string before = digest();
  EXPECT_EQ(take("b", stream), "repeated repeated repeated repeated");
  reopen();
  EXPECT_EQ(take("c", stream), "repeated repeated repeated repeated");
  EXPECT_EQ(digest(), before);
  EXPECT_EQ(to_text(findings_of(store_)), "");
}

TEST_F(Statements, overlapInPartOrWhole) {
  EXPECT_EQ(take("a", {{host("h1", 1), "h1"}, {unenrolled("h1", 2), "x"}}), "applied applied");
  EXPECT_EQ(
      take("b", {{unenrolled("h1", 2), "x"}, {host("h1", 3), "h1 again"}, {host("h2", 3), "h2"}}),
      "repeated unchanged applied");
}

TEST_F(Statements, anIntroductionLeavesAKnownHostAlone) {
  EXPECT_EQ(take("a", {{host("h1", 1, 7), "catalog h1"}}), "applied");
  EXPECT_EQ(take("b", {{host("h1", 2, 0), "what h1 says", "hh1"}}), "unchanged");
  const auto found = require(require(store_.snapshot(), "snapshot").find_host("h1"), "host");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->team_id, 7U);
}

/// What was added for a statement goes by that one: nothing of it is remembered.
TEST_F(Statements, whatWasAddedForOneIsTakenWithIt) {
  const std::vector<Said> first = {{host("h1", 1), "x", "hh1"}, {unenrolled("h1", 1), "x"}};
  const Said deleted = {{minute(2), HostDeleted{"h1"}}, "deleted"};
  EXPECT_EQ(take("a", first), "applied applied");
  EXPECT_EQ(take("b", {deleted}), "applied");
  EXPECT_EQ(take("c", first), "repeated repeated") << "h1 is not brought back";
  EXPECT_EQ(take("d", {{host("h1", 3), "y", "hh1"}, {unenrolled("h1", 3), "y"}}), "applied applied")
      << "but by what is new";
}

TEST_F(Statements, onesThatTheRulesRefuseAreTakenToo) {
  EXPECT_EQ(take("a", {{unenrolled("h1", 1), "x"}}), "unknown_host");
  EXPECT_EQ(take("b", {{host("h1", 0), "h1"}, {unenrolled("h1", 1), "x"}}), "applied repeated")
      << "the same recording may not mean something else the second time";
}

TEST_F(Statements, whatIsInvalidIsNotRemembered) {
  EXPECT_EQ(take("a", {{unenrolled(std::string(2'000, 'x'), 1), "x"}}), "invalid");
  EXPECT_EQ(take("b", {{unenrolled(std::string(2'000, 'x'), 1), "x"}}), "invalid");
  require_ok(store_.close(), "close");
  EXPECT_TRUE(RawStore(folder_ / "store").all("statements").empty());
}

TEST_F(Statements, whatRepeatsIsNoEventOfTheStore) {
  require_ok(store_.close(), "close");
  StoreOptions options = buffered(folder_ / "recorded");
  options.recorder.emplace();
  store_ = open_store(options);
  const std::vector<Said> stream = {{profile("p1", 0), "p1"}, {host("h1", 1), "h1"}};
  take("a", stream);
  EXPECT_EQ(take("b", {stream[0], stream[1], {unenrolled("h1", 3), "x"}, stream[0]}),
            "repeated repeated applied invalid")
      << "a stream's times may not go back";
  EXPECT_EQ(take("c", stream), "repeated repeated");
  EXPECT_EQ(require(store_.snapshot(), "snapshot").sequence(), 4U);
  EXPECT_EQ(require(store_.last_position("c"), "position")->event, 2U);
  const std::string expected = digest();
  require_ok(store_.close(), "close");
  std::vector<std::filesystem::path> segments;
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "recorded" / "recorder")) {
    if (entry.path().extension() == ".mrec") segments.push_back(entry.path());
  }
  store_ = open_store(buffered(folder_ / "again"));
  require(replay(store_, segments, ReplayOptions{}, {}), "replay");
  EXPECT_EQ(digest(), expected);
}

TEST_F(Statements, mustBeOneAnEvent) {
  const std::vector<Event> events = {host("h1", 1), host("h2", 1)};
  const auto applied = store_.apply(events, SourcePosition{"a", 1, {{Digest{}, {}}}});
  ASSERT_FALSE(applied.ok());
  EXPECT_EQ(applied.status().code(), StatusCode::kInvalidArgument);
}

TEST_F(Statements, damageIsFound) {
  take("a", {{host("h1", 1), "h1"}});
  require_ok(store_.close(), "close");
  {
    RawStore raw(folder_ / "store");
    const auto records = raw.all("statements");
    ASSERT_EQ(records.size(), 1U);
    raw.put("statements", "hh1", with_bit_flipped(records.begin()->second, 200));
  }
  store_ = open_store(buffered(folder_ / "store"));
  const std::vector<Finding> findings = findings_of(store_);
  ASSERT_EQ(findings.size(), 1U) << to_text(findings);
  EXPECT_EQ(findings[0].family, "statements") << to_text(findings);
}

}  // namespace
}  // namespace muster::test
