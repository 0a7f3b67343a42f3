// Passes with commands: what a recording names, what the rules need, and where the two differ.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/files.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

constexpr Timestamp kAt{1'748'736'000'000'000};

Event event(EventBody body) {
  return {kAt, std::move(body)};
}

Event profile(const std::string& uuid) {
  ProfileUploaded uploaded;
  uploaded.profile_uuid = uuid;
  uploaded.identifier = uploaded.name = "com.example." + uuid;
  uploaded.uploaded_at = kAt;
  return event(uploaded);
}

Event host(const std::string& uuid) {
  HostAdded added;
  added.host_uuid = uuid;
  return event(added);
}

IssuedCommand install(const std::string& profile_uuid, const std::string& command_uuid,
                      std::vector<std::string> hosts) {
  return {Operation::kInstall, profile_uuid, command_uuid, std::move(hosts)};
}

Event pass(std::vector<IssuedCommand> commands, std::optional<std::string> after = {},
           std::optional<std::string> through = {}) {
  return event(Reconciled{std::move(commands), std::move(after), std::move(through), {}});
}

Event answer(const std::string& host_uuid, const std::string& command_uuid) {
  return event(CommandResult{host_uuid, command_uuid, "Acknowledged", {}, {}});
}

class ListedCommands : public testing::Test {
 protected:
  ListedCommands() : store_(open_store(buffered(folder_ / "store"))) {
    for (const Event& founding : {profile("p1"), profile("p2"), host("h1"), host("h2")}) {
      apply(founding);
    }
  }

  EventResult apply(const Event& one) {
    Applied applied = require(store_.apply(std::vector{one}), "apply");
    return std::move(applied.results.at(0));
  }

  /// "profile status command" of each row, joined by "; ".
  std::string rows(const std::string& host_uuid) {
    std::string text;
    for (const ProfileState& row : StoreView(store_).rows(host_uuid)) {
      if (!text.empty()) text += "; ";
      text += row.profile_uuid + " " + std::string(name_of(row.status)) + " " + row.command_uuid;
    }
    return text;
  }

  TempDir folder_;
  Store store_;
};

TEST_F(ListedCommands, areUsedByHost) {
  const EventResult result = apply(pass({install("p1", "c1", {"h1"}), install("p1", "c2", {"h2"}),
                                         install("p2", "c3", {"h1", "h2"})}));
  EXPECT_EQ(result.outcome, Outcome::kApplied);
  EXPECT_EQ(result.divergences, nullptr);
  EXPECT_EQ(rows("h1"), "p1 pending c1; p2 pending c3");
  EXPECT_EQ(rows("h2"), "p1 pending c2; p2 pending c3");
  EXPECT_EQ(apply(answer("h2", "c2")).outcome, Outcome::kApplied);
}

TEST_F(ListedCommands, neededAndNotListedArePendingWithoutOne) {
  const EventResult result =
      apply(pass({install("p1", "c1", {"h1", "h2"}), install("p2", "c2", {"h2"})}));
  ASSERT_NE(result.divergences, nullptr);
  EXPECT_EQ(result.divergences->commands_not_listed, 1u);
  EXPECT_EQ(result.divergences->total(), 1u);
  EXPECT_EQ(result.divergences->example, "needed and not listed: install of profile p2 on host h1");
  EXPECT_EQ(rows("h1"), "p1 pending c1; p2 pending ");
}

TEST_F(ListedCommands, listedAndNotNeededDoNotBecomeKnown) {
  const EventResult result =
      apply(pass({install("p1", "c1", {"h1", "h2"}), install("p2", "c2", {"h1", "h2"}),
                  install("p3", "c3", {"h1"}), install("p1", "c1", {"h9"})}));
  ASSERT_NE(result.divergences, nullptr);
  EXPECT_EQ(result.divergences->commands_not_needed, 2u);
  EXPECT_EQ(result.divergences->example, "listed and not needed: install of profile p3 on host h1");
  EXPECT_EQ(apply(answer("h1", "c3")).outcome, Outcome::kUnknownCommand);
  EXPECT_EQ(apply(answer("h1", "c1")).outcome, Outcome::kApplied);
}

TEST_F(ListedCommands, oneUuidForTwoNeedsIsInvalid) {
  const EventResult result =
      apply(pass({install("p1", "c1", {"h1"}), install("p2", "c1", {"h1"})}));
  EXPECT_EQ(result.outcome, Outcome::kInvalid);
  EXPECT_EQ(result.detail, "commands: command_uuid c1 names two (operation, profile) pairs");
  EXPECT_EQ(rows("h1"), "");
}

TEST_F(ListedCommands, aKnownUuidForAnotherNeedIsAConflict) {
  apply(pass({install("p1", "c1", {"h1", "h2"}), install("p2", "c2", {"h1", "h2"})}));
  apply(host("h3"));
  const EventResult result =
      apply(pass({install("p1", "c2", {"h3"}), install("p2", "c4", {"h3"})}));
  EXPECT_EQ(result.outcome, Outcome::kCommandUuidTaken);
  EXPECT_EQ(result.detail, "command c2");
  EXPECT_EQ(rows("h3"), "");
  EXPECT_EQ(apply(answer("h3", "c4")).outcome, Outcome::kUnknownCommand);
}

TEST_F(ListedCommands, aPassMayBeRecordedInRanges) {
  const auto first =
      apply(pass({install("p1", "c1", {"h1"}), install("p2", "c2", {"h1"})}, std::nullopt, "h1"));
  EXPECT_EQ(first.divergences, nullptr);
  EXPECT_EQ(rows("h1"), "p1 pending c1; p2 pending c2");
  EXPECT_EQ(rows("h2"), "");
  const auto second = apply(pass({install("p1", "c1", {"h2"}), install("p2", "c2", {"h2"})}, "h1"));
  EXPECT_EQ(second.divergences, nullptr);
  EXPECT_EQ(rows("h2"), "p1 pending c1; p2 pending c2");
  EXPECT_EQ(require(store_.stats(), "stats").commands, 2u);
}

TEST_F(ListedCommands, ofTwoEntriesForOneNeedTheLastCounts) {
  apply(pass({install("p1", "c1", {"h1", "h2"}), install("p1", "c9", {"h1"}),
              install("p2", "c2", {"h1", "h2"})}));
  EXPECT_EQ(rows("h1"), "p1 pending c9; p2 pending c2");
  EXPECT_EQ(rows("h2"), "p1 pending c1; p2 pending c2");
}

TEST_F(ListedCommands, notSentGoesBackToUnsent) {
  apply(pass({install("p1", "c1", {"h1", "h2"}), install("p2", "c2", {"h1", "h2"})}));
  apply(answer("h1", "c2"));
  EXPECT_EQ(apply(event(CommandNotSent{"c2", {}})).outcome, Outcome::kApplied);
  EXPECT_EQ(rows("h1"), "p1 pending c1; p2 verifying c2");
  EXPECT_EQ(rows("h2"), "p1 pending c1; p2 null ");
  EXPECT_EQ(apply(event(CommandNotSent{"c1", std::vector<std::string>{"h2", "h9"}})).outcome,
            Outcome::kApplied);
  EXPECT_EQ(rows("h1"), "p1 pending c1; p2 verifying c2");
  EXPECT_EQ(rows("h2"), "p1 null ; p2 null ");
  EXPECT_EQ(apply(event(CommandNotSent{"c1", std::vector<std::string>{"h2"}})).outcome,
            Outcome::kUnchanged);
  EXPECT_EQ(apply(event(CommandNotSent{"c7", {}})).outcome, Outcome::kUnknownCommand);
  // The next pass sends again.
  apply(pass({install("p1", "c5", {"h2"}), install("p2", "c6", {"h2"})}));
  EXPECT_EQ(rows("h2"), "p1 pending c5; p2 pending c6");
}

TEST_F(ListedCommands, unknownLabelsInAReportAreDivergences) {
  const EventResult result =
      apply(event(HostLabelsReported{"h1", {"nowhere", "nothing"}, std::nullopt}));
  EXPECT_EQ(result.outcome, Outcome::kUnchanged);
  ASSERT_NE(result.divergences, nullptr);
  EXPECT_EQ(result.divergences->unknown_labels, 2u);
  EXPECT_EQ(result.divergences->example, "label nowhere is not known");
}

}  // namespace
}  // namespace muster::test
