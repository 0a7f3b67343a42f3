// Events that only a program can make, not a recording: none may leave a store that cannot be
// opened again.
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/files.h"
#include "tests/support/hooked_env.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

constexpr Timestamp kNow{1'748'736'000'000'000};

class AtTheDoor : public testing::Test {
 protected:
  AtTheDoor() {
    for (int i = 0; i < 12; ++i) {
      HostAdded host;
      host.host_uuid = "H" + std::to_string(10 + i);
      events_.push_back({kNow, host});
    }
    ProfileUploaded profile;
    profile.profile_uuid = profile.identifier = profile.name = "p1";
    profile.uploaded_at = kNow;
    events_.push_back({kNow, profile});
    events_.push_back({kNow, Reconciled()});
  }

  /// The event is refused, and the store is what it was, here and when it is opened again.
  void expect_refused(const std::string& what, const EventBody& body, Timestamp at = kNow) {
    SCOPED_TRACE(what);
    const TempDir folder;
    Store store = open_store(buffered(folder / "store"));
    apply_all(store, events_, "s", 100);
    const std::string before = digest_of(store);
    const std::vector<Event> event = {{at, body}};
    const auto applied = store.apply(event, {"s", events_.size() + 1});
    ASSERT_TRUE(applied.ok()) << applied.status().to_string();
    EXPECT_EQ(applied->results.at(0).outcome, Outcome::kInvalid)
        << name_of(applied->results[0].outcome);
    const auto digest = require(store.snapshot(), "snapshot").content_digest();
    EXPECT_EQ(digest.ok() ? to_string(*digest) : digest.status().to_string(), before);
    const Status closed = store.close();
    EXPECT_TRUE(closed.ok()) << closed.to_string();
    const auto again = Store::open(buffered(folder / "store"));
    ASSERT_TRUE(again.ok()) << again.status().to_string();
    EXPECT_EQ(to_text(findings_of(*again)), "");
  }

  std::vector<Event> events_;
};

TEST_F(AtTheDoor, UnknownEnumerators) {
  HostAdded host;
  host.host_uuid = "H10";
  for (const int value : {0, 5, 255}) {
    host.platform = static_cast<Platform>(value);
    expect_refused("platform", host);
  }
  expect_refused("label membership", LabelCreated{"label", LabelMembership{}});
  expect_refused("label membership", LabelCreated{"label", static_cast<LabelMembership>(4)});
  ProfileUploaded profile;
  profile.profile_uuid = profile.identifier = profile.name = "p2";
  profile.scope = Scope{};
  expect_refused("scope", profile);
  profile.scope = static_cast<Scope>(3);
  expect_refused("scope", profile);
  PolicyChanged policy;
  policy.late_results = LateResults{};
  expect_refused("late results", policy);
  expect_refused("delivery status",
                 InstallResult{"H10", "none", static_cast<DeliveryStatus>(9), ""});
  Reconciled pass;
  pass.commands = {{Operation{}, "p1", "command", {"H10"}}};
  expect_refused("operation", pass);
}

TEST_F(AtTheDoor, HostsThatAreNoTexts) {
  expect_refused("command_not_sent", CommandNotSent{"none", {{"bad \xFF byte"}}});
  Reconciled pass;
  pass.commands = {{Operation::kInstall, "p1", "command", {"bad \xFF byte"}}};
  expect_refused("reconciled", pass);
  expect_refused("reconciled, a long one", [] {
    Reconciled event;
    event.commands = {{Operation::kInstall, "p1", "c", {std::string(kIdBytesMax + 1, 'h')}}};
    return event;
  }());
}

TEST_F(AtTheDoor, SeedsThatNameNoRecording) {
  Reconciled pass;
  for (const std::string& recording :
       {std::string(), std::string("bad \xFF byte"), std::string(kIdBytesMax + 1, 'r')}) {
    pass.uuid_seed = UuidSeed{recording, 1};
    expect_refused("uuid_seed", pass);
  }
}

/// A crash within such a fan-out leaves its line behind.
TEST_F(AtTheDoor, AFanOutOverHostsThatAreNoTextsCanBeFinished) {
  const TempDir folder;
  HookedEnv env;
  store::Tuning tuning = small_windows();
  tuning.window_hosts = 1;
  tuning.env = env.env();
  Store store = open_store(buffered(folder / "store"), tuning);
  apply_all(store, events_, "s", 100);
  CommandNotSent event{StoreView(store).rows("H10").at(0).command_uuid, {{"bad \xFF byte"}}};
  for (const Event& added : events_) {
    if (const auto* host = std::get_if<HostAdded>(&added.body)) {
      event.hosts->push_back(host->host_uuid);
    }
  }
  int writes = 0;
  env.set_hook([&](LogCall, const std::string&) {
    if (++writes == 5) {
      EXPECT_TRUE(copy_store(folder / "store", folder / "crashed"));
    }
    return true;
  });
  static_cast<void>(store.apply(std::vector<Event>{{kNow, event}}));
  env.set_hook({});
  if (writes < 5) return;
  const auto left = Store::open(buffered(folder / "crashed"));
  EXPECT_TRUE(left.ok()) << left.status().to_string();
}

TEST_F(AtTheDoor, TextsThatNoRecordingHolds) {
  CommandResult result;
  result.host_uuid = "H10";
  result.command_uuid = "C";
  result.status = "Acknowledged\xff";
  expect_refused("a word", result);
  result.status = "Error";
  ErrorChainEntry entry;
  entry.localized_description = "\xff";
  result.error_chain = {entry};
  expect_refused("a description", result);
  result.error_chain.reset();
  result.detail = std::string(kTextBytesMax + 1, 'x');
  expect_refused("a detail", result);
  HostLabelsReported labels;
  labels.host_uuid = "H10";
  labels.labels = {"\xff"};
  expect_refused("a label", labels);
  CommandNotSent taken_back{"C", std::vector<std::string>(kElementsMax + 1, "H")};
  expect_refused("hosts", taken_back);
}

TEST_F(AtTheDoor, APassAtSuchATime) {
  const TempDir folder;
  Store store = open_store(buffered(folder / "store"));
  apply_all(store, events_, "s", 100);
  const std::string before = digest_of(store);
  const auto uuids = [] { return std::string("live-1"); };
  for (const std::int64_t micros : {std::numeric_limits<std::int64_t>::min(),
                                    std::numeric_limits<std::int64_t>::max(), kNow.micros * 1000}) {
    const auto pass = store.reconcile(Timestamp{micros}, uuids);
    EXPECT_EQ(pass.status().code(), StatusCode::kInvalidArgument) << micros;
  }
  EXPECT_EQ(digest_of(store), before);
  EXPECT_TRUE(store.reconcile(kNow, uuids).ok());
}

/// Times outside the years 0001 to 9999 have no text, and sums of them do not fit.
TEST_F(AtTheDoor, TimesThatNoRecordingHolds) {
  for (const std::int64_t micros :
       {std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::max() / 2}) {
    const Timestamp far{micros};
    expect_refused("a pass", Reconciled(), far);
    expect_refused("a label", LabelCreated{"label", LabelMembership::kManual}, far);
    HostAdded host;
    host.host_uuid = "H10";
    host.enrolled_at = far;
    expect_refused("a host", host);
    ProfilesReported report;
    report.host_uuid = "H10";
    report.detail_updated_at = far;
    expect_refused("a report", report);
    ProfileUploaded profile;
    profile.profile_uuid = profile.identifier = profile.name = "p2";
    profile.uploaded_at = far;
    expect_refused("a profile", profile);
  }
}

}  // namespace
}  // namespace muster::test
