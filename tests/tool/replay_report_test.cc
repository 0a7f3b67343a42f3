#include "tools/replay_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "tools/policy_flags.h"

namespace muster::tool {
namespace {

ReplayRun sample() {
  ReplayRun run{.report = {}, .files = 2, .seconds = 0.5};
  ReplayReport& report = run.report;
  report.events = 1500;
  report.already_applied = 64;
  report.by_type["command_result"] = {
      {Outcome::kApplied, 1200}, {Outcome::kUnchanged, 99}, {Outcome::kUnknownCommand, 1}};
  report.by_type["reconciled"] = {{Outcome::kApplied, 200}};
  report.rejected = 1;
  report.rejected_reasons["not_found: unknown_command"] = 1;
  report.first_rejected.push_back(
      {"a\x1b.ndjson", 7, 6, "command_result", Outcome::kUnknownCommand, "c\xe2\x80\xae"});
  report.divergences.unknown_labels = 3;
  report.first_divergences.emplace_back("a.ndjson:9: label Pilot");
  report.cursors.push_back({"acme", 1564, Timestamp{1'000'000}});
  return run;
}

TEST(ReplayReport, IsATextForPeople) {
  std::ostringstream out;
  print_report(out, sample(), false);
  EXPECT_EQ(out.str(),
            "1,500 events from 2 files in 0.50 s, 3,000 a second; 64 were in the store already\n"
            "\n"
            "type            events  applied  unchanged  refused\n"
            "command_result   1,300    1,200         99        1\n"
            "reconciled         200      200          0        0\n"
            "\n"
            "1 refused, which changed nothing:\n"
            "   1  not_found: unknown_command\n"
            "first of them:\n"
            "  a\\u001b.ndjson:7: command_result: unknown_command: c\\u202e\n"
            "\n"
            "3 divergences between the recording and the rules:\n"
            "   3  labels reported that do not exist\n"
            "first of them:\n"
            "  a.ndjson:9: label Pilot\n");
}

TEST(ReplayReport, OfNothingIsOneLine) {
  std::ostringstream out;
  print_report(out, {.report = {}, .files = 1, .seconds = 0}, false);
  EXPECT_EQ(out.str(), "0 events from 1 file in 0.00 s, 0 a second\n");
}

TEST(ReplayReport, HasStableJsonNames) {
  const Json json = report_json(sample());
  EXPECT_EQ(json["files"], 2);
  EXPECT_EQ(json["events_per_second"], 3000);
  EXPECT_EQ(json["outcomes"].dump(), R"({"applied":1400,"unchanged":99,"unknown_command":1})");
  EXPECT_EQ(json["by_type"]["command_result"]["unknown_command"], 1);
  EXPECT_EQ(json["first_rejected"][0]["kind"], "not_found");
  EXPECT_EQ(json["divergences"]["total"], 3);
  EXPECT_EQ(json["cursors"][0].dump(),
            R"({"source":"acme","event":1564,"at":"1970-01-01T00:00:01Z"})");
}

TEST(PolicyFlags, OnlyWhatWasGivenIsCompared) {
  const Policy stored{.max_retries_apple = 3};
  PolicyFlags flags;
  EXPECT_FALSE(any_given(flags));
  EXPECT_EQ(difference(stored, flags), "");
  flags.given.max_retries_apple = 3;
  EXPECT_TRUE(any_given(flags));
  EXPECT_EQ(difference(stored, flags), "");
  flags.given.max_retries_apple = 0;
  flags.given.late_results = LateResults::kIgnoreStale;
  EXPECT_EQ(difference(stored, flags),
            "max_retries_apple is 3 in the store and 0 on the command line; "
            "late_results is upstream in the store and ignore_stale on the command line");
}

TEST(PolicyFlags, ChangeOnlyWhatWasGiven) {
  PolicyFlags flags;
  flags.given.grace_seconds = 60;
  Policy expected;
  expected.grace_seconds = 60;
  EXPECT_EQ(applied(Policy{}, flags), expected);
}

}  // namespace
}  // namespace muster::tool
