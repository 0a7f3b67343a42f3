// Passes that find nothing to do, and hosts that become due behind them.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/files.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

Event profile_event(std::int64_t seconds, const std::string& uuid, Scope scope) {
  ProfileUploaded profile;
  profile.profile_uuid = profile.identifier = profile.name = uuid;
  profile.scope = scope;
  profile.uploaded_at = at(seconds);
  return {at(seconds), profile};
}

Event host_event(std::int64_t seconds, const std::string& uuid) {
  HostAdded host;
  host.host_uuid = uuid;
  return {at(seconds), host};
}

class IdlePass : public testing::Test {
 protected:
  void apply(const Event& event) { require(store_.apply(std::span(&event, 1)), "apply"); }
  std::uint64_t sequence() { return require(store_.stats(), "stats").sequence; }
  /// How many hosts the pass changed; -1: it left no trace.
  std::int64_t pass(std::int64_t seconds) {
    const std::uint64_t before = sequence();
    const PassReport report =
        require(store_.reconcile(at(seconds), [this] { return "c" + std::to_string(++commands_); }),
                "reconcile");
    EXPECT_TRUE(report.complete);
    return sequence() == before ? -1 : static_cast<std::int64_t>(report.hosts_changed);
  }

  TempDir folder_;
  Store store_ = open_store(buffered(folder_ / "store"));
  const std::int64_t wait_ = store_.policy().user_channel_wait_seconds;
  int commands_ = 0;
};

TEST_F(IdlePass, FindsHostsWhoseWaitHasEnded) {
  apply(profile_event(0, "for-users", Scope::kUser));
  apply(host_event(0, "h1"));
  apply(host_event(0, "h2"));
  pass(100);
  EXPECT_EQ(pass(101), -1);
  apply(host_event(200, "h3"));
  pass(200);
  EXPECT_EQ(pass(201), -1);
  EXPECT_EQ(pass(wait_ - 1), -1);
  EXPECT_EQ(pass(wait_ + 100), 2) << "h1 and h2 waited long enough";
  EXPECT_EQ(pass(wait_ + 101), -1);
  EXPECT_EQ(pass(wait_ + 200), 1) << "h3";
  EXPECT_EQ(pass(10 * wait_), -1);
}

TEST_F(IdlePass, FindsHostsThatBecameDueSince) {
  apply(profile_event(0, "p", Scope::kSystem));
  apply(host_event(0, "h1"));
  EXPECT_EQ(pass(10), 1);
  EXPECT_EQ(pass(1'000'000), -1);
  // Behind in time: the next pass has the time of the last event all the same.
  apply(host_event(20, "h2"));
  EXPECT_EQ(pass(30), 1);
  EXPECT_EQ(pass(31), -1);
  apply(profile_event(40, "q", Scope::kSystem));
  EXPECT_EQ(pass(50), 2);
  EXPECT_EQ(pass(51), -1);
}

/// Nor is it one by the caller's clock alone: a wait ends by the time of the last event.
TEST_F(IdlePass, HasTheTimeOfTheLastEventWhereTheCallerIsBehind) {
  apply(profile_event(0, "for-users", Scope::kUser));
  apply(host_event(0, "h1"));
  pass(100);
  EXPECT_EQ(pass(101), -1);
  apply({at(wait_ + 50), LabelCreated{"any", LabelMembership::kManual}});
  EXPECT_EQ(pass(200), 1) << "h1's wait has ended";
  EXPECT_EQ(pass(201), -1);
}

/// More than are known in memory, most of them gone from the index again.
TEST_F(IdlePass, FindsOneOfManyHosts) {
  constexpr int kHosts = 10'000;
  const auto name = [](int host) { return "h" + std::to_string(host); };
  apply(profile_event(0, "p", Scope::kSystem));
  std::vector<Event> events;
  for (int host = 0; host < kHosts; ++host) events.push_back(host_event(1, name(host)));
  require(store_.apply(events), "apply");
  EXPECT_EQ(pass(10), kHosts);
  EXPECT_EQ(pass(11), -1);
  for (const int host : {kHosts - 1, 0, kHosts / 2}) {
    apply({at(12), CommandNotSent{"c1", {{name(host)}}}});
    EXPECT_EQ(pass(13), 1) << name(host);
    EXPECT_EQ(pass(14), -1);
  }
  std::vector<Event> anew;
  for (int host = 0; host < kHosts; ++host) anew.push_back({at(15), HostDeleted{name(host)}});
  for (int host = 0; host < kHosts; host += 2) anew.push_back(host_event(16, name(host)));
  require(store_.apply(anew), "apply");
  EXPECT_EQ(pass(20), kHosts / 2);
  EXPECT_EQ(pass(21), -1);
  ASSERT_TRUE(store_.close().ok());
  store_ = open_store(buffered(folder_ / "store"));
  EXPECT_EQ(pass(22), -1);
}

/// A pass that goes on where another one was left has not seen what is before that.
TEST_F(IdlePass, IsNotCompleteBeforeTheHostsInFrontAreDone) {
  store::Tuning tuning;
  tuning.window_hosts = 1;
  store_ = open_store(buffered(folder_ / "small"), tuning);
  apply(profile_event(0, "p", Scope::kSystem));
  std::vector<Event> events;
  for (const char* host : {"h1", "h2", "h3", "h4"}) events.push_back(host_event(1, host));
  require(store_.apply(events), "apply");
  const auto uuids = [this] { return "c" + std::to_string(++commands_); };
  const auto leave = [](const PassReport&) { return false; };
  const PassReport left = require(store_.reconcile(at(10), uuids, leave), "reconcile");
  ASSERT_FALSE(left.complete);
  apply({at(11), HostDeleted{"h1"}});
  apply(host_event(12, "h1"));
  pass(20);
  EXPECT_EQ(require(store_.stats(), "stats").hosts_due, 0U);
}

TEST_F(IdlePass, FindsHostsThatGotTheirUserChannel) {
  apply(profile_event(0, "for-users", Scope::kUser));
  apply(host_event(0, "h1"));
  pass(100);
  EXPECT_EQ(pass(101), -1);
  apply({at(110), UserChannelChanged{"h1", true}});
  EXPECT_EQ(pass(120), 1) << "long before its wait ends";
  EXPECT_EQ(pass(121), -1);
}

/// A row that a broken label holds gives no pass anything to do.
TEST_F(IdlePass, LeavesFrozenHostsAlone) {
  apply({at(0), LabelCreated{"macOS", LabelMembership::kManual}});
  Event profile = profile_event(1, "p", Scope::kSystem);
  std::get<ProfileUploaded>(profile.body).labels_include_any = {"macOS"};
  apply(profile);
  apply(host_event(2, "h1"));
  apply({at(3), HostLabelsReported{"h1", {"macOS"}, {}}});
  EXPECT_EQ(pass(10), 1);
  apply({at(11), LabelDeleted{"macOS"}});
  apply({at(12), CommandNotSent{"c1", {}}});
  pass(20);
  EXPECT_EQ(require(store_.stats(), "stats").hosts_due, 0U);
  EXPECT_EQ(pass(21), -1);
}

}  // namespace
}  // namespace muster::test
