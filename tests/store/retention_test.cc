// Old commands are forgotten, and only those that nothing can need.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/files.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

constexpr std::int64_t kDay = 86'400;

class Retention : public testing::Test {
 protected:
  StoreOptions options() {
    StoreOptions options = buffered(folder_.path() / "store");
    options.command_retention_seconds = 30 * kDay;
    return options;
  }
  void apply(std::int64_t seconds, EventBody body) {
    const Event event{at(seconds), std::move(body)};
    const Applied applied = require(store_.apply(std::span(&event, 1)), "apply");
    last_ = applied.results.front().outcome;
  }
  /// A new version of the profile, so that every pass issues a command.
  void upload(std::int64_t seconds) {
    ProfileUploaded profile;
    profile.profile_uuid = "p";
    profile.identifier = profile.name = "com.example.p";
    profile.uploaded_at = at(seconds);
    profile.checksum[0] = static_cast<std::uint8_t>(++version_);
    apply(seconds, profile);
  }
  PassReport pass(std::int64_t seconds) {
    return require(
        store_.reconcile(at(seconds), [this] { return "c" + std::to_string(++commands_); }),
        "reconcile");
  }
  void confirm_all() {
    std::vector<OutboxId> ids;
    for (const PendingCommand& entry : require(store_.pending_commands(0, 1'000), "outbox")) {
      ids.push_back(entry.id);
    }
    EXPECT_EQ(require(store_.command_sent(ids), "command_sent"), ids.size());
  }
  /// Does the store know the command? A result of it is refused otherwise.
  bool known(const std::string& command, std::int64_t seconds) {
    apply(seconds, CommandResult{"h1", command, "Acknowledged", {}, {}});
    return last_ != Outcome::kUnknownCommand;
  }

  TempDir folder_;
  Store store_ = open_store(options());
  Outcome last_ = Outcome::kUnchanged;
  int version_ = 0;
  int commands_ = 0;
};

TEST_F(Retention, ForgetsWhatIsOldAndNamedByNothing) {
  apply(0, HostAdded{"h1", Platform::kDarwin, 0, true, {}, false, {}});
  for (int day = 0; day < 5; ++day) {
    upload(day * kDay);
    EXPECT_EQ(pass(day * kDay + 1).commands_forgotten, 0U);
  }
  EXPECT_EQ(commands_, 5);
  // All are in the outbox still: sends, and cancellations of those that were superseded.
  EXPECT_EQ(pass(100 * kDay).commands_forgotten, 0U);
  confirm_all();
  // A look every 30 / 16 days, not at every pass: the first that finds them is on day 102.
  for (const int day : {101, 102, 130, 131}) {
    EXPECT_EQ(pass(day * kDay).commands_forgotten, 0U) << day;
    EXPECT_TRUE(known("c1", day * kDay)) << day;
  }
  EXPECT_EQ(pass(132 * kDay).commands_forgotten, 4U);
  for (const char* gone : {"c1", "c2", "c3", "c4"}) EXPECT_FALSE(known(gone, 132 * kDay)) << gone;
  EXPECT_EQ(findings_of(store_).size(), 0U) << to_text(findings_of(store_));
  require_ok(store_.close(), "close");
  store_ = open_store(options());
  EXPECT_FALSE(known("c1", 132 * kDay));
  EXPECT_TRUE(known("c5", 132 * kDay)) << "a row waits for it";
  EXPECT_EQ(last_, Outcome::kApplied) << "and its late result is taken";
  EXPECT_EQ(findings_of(store_).size(), 0U) << to_text(findings_of(store_));
}

/// However long before it was issued.
TEST_F(Retention, WhatARowNamedUntilNowStays) {
  apply(0, HostAdded{"h1", Platform::kDarwin, 0, true, {}, false, {}});
  upload(0);
  pass(1);
  confirm_all();
  EXPECT_EQ(pass(100 * kDay).commands_forgotten, 0U);
  upload(120 * kDay);
  pass(120 * kDay + 1);
  confirm_all();
  require_ok(store_.close(), "close");
  store_ = open_store(options());
  for (const int day : {122, 140, 151}) {
    EXPECT_EQ(pass(day * kDay).commands_forgotten, 0U) << day;
    EXPECT_TRUE(known("c1", day * kDay)) << day;
  }
  EXPECT_EQ(pass(153 * kDay).commands_forgotten, 1U);
  EXPECT_FALSE(known("c1", 153 * kDay));
  EXPECT_TRUE(known("c2", 153 * kDay));
}

/// A recorded pass may name it again.
TEST_F(Retention, WhatIsNamedAgainBeginsAnew) {
  apply(0, HostAdded{"h1", Platform::kDarwin, 0, true, {}, false, {}});
  upload(0);
  pass(1);
  upload(kDay);
  pass(kDay + 1);
  confirm_all();
  EXPECT_EQ(pass(10 * kDay).commands_forgotten, 0U);
  upload(20 * kDay);
  Reconciled recorded;
  recorded.commands.emplace();
  recorded.commands->push_back({Operation::kInstall, "p", "c1", {"h1"}});
  apply(20 * kDay + 1, recorded);
  EXPECT_EQ(pass(38 * kDay).commands_forgotten, 0U);
  upload(39 * kDay);
  pass(39 * kDay + 1);
  confirm_all();
  // The first look that finds it unnamed again is on day 60, fifty days behind the one before.
  for (const int day : {60, 89}) EXPECT_EQ(pass(day * kDay).commands_forgotten, 0U) << day;
  EXPECT_TRUE(known("c1", 89 * kDay));
  EXPECT_EQ(pass(91 * kDay).commands_forgotten, 2U) << "c2, too, which the outbox named until then";
  EXPECT_FALSE(known("c1", 91 * kDay));
  EXPECT_EQ(findings_of(store_).size(), 0U) << to_text(findings_of(store_));
}

TEST_F(Retention, RecordedCommandsStay) {
  apply(0, HostAdded{"h1", Platform::kDarwin, 0, true, {}, false, {}});
  for (int day = 0; day < 3; ++day) {
    upload(day * kDay);
    Reconciled recorded;
    recorded.commands.emplace();
    recorded.commands->push_back({Operation::kInstall, "p", "r" + std::to_string(day), {"h1"}});
    apply(day * kDay + 1, recorded);
  }
  EXPECT_EQ(pass(100 * kDay).commands_forgotten, 0U);
  for (const char* uuid : {"r0", "r1", "r2"}) EXPECT_TRUE(known(uuid, 100 * kDay)) << uuid;
}

TEST_F(Retention, OutOfRangeMakesNoStore) {
  StoreOptions wrong = options();
  wrong.path = folder_ / "wrong";
  for (const std::int64_t seconds : {std::int64_t{-1}, kPolicySecondsMax + 1, INT64_MAX}) {
    wrong.command_retention_seconds = seconds;
    const Status status = Store::open(wrong).status();
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << seconds;
    EXPECT_NE(status.to_string().find("command_retention_seconds"), std::string::npos)
        << status.to_string();
    EXPECT_FALSE(std::filesystem::exists(wrong.path));
  }
  StoreOptions longest = options();
  longest.path = folder_ / "longest";
  longest.command_retention_seconds = kPolicySecondsMax;
  EXPECT_TRUE(Store::open(longest).ok());
}

}  // namespace
}  // namespace muster::test
