// The subcommands on a small store, through their functions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "muster/recording.h"
#include "tests/support/places.h"
#include "tests/tool/tool_run.h"

namespace muster::tool_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class Commands : public testing::Test {
 protected:
  void SetUp() override { write_file(recording_, small_recording()); }

  Ran on_store(Arguments arguments) const {
    arguments.insert(arguments.end(), {"--db", db_});
    return call(arguments);
  }

  json json_of(Arguments arguments, int exit_code = 0) const {
    arguments.insert(arguments.end(), {"--output", "json"});
    const Ran ran = on_store(arguments);
    EXPECT_EQ(ran.exit_code, exit_code) << ran.err;
    return json::parse(ran.out, nullptr, false);
  }

  Ran replay(Arguments arguments = {}) const {
    arguments.insert(arguments.begin(), {"replay", recording_});
    return on_store(arguments);
  }

  ScratchDir scratch_;
  std::string db_ = scratch_.file("db");
  std::string recording_ = scratch_.file("small.ndjson");
};

TEST_F(Commands, ReplayReportsWhatItDid) {
  const json report = json_of({"replay", recording_});
  EXPECT_EQ(report["files"], 1);
  EXPECT_EQ(report["events"], 11);
  EXPECT_EQ(report["already_applied"], 0);
  EXPECT_EQ(report["outcomes"]["applied"], 9);
  EXPECT_EQ(report["by_type"]["host_added"]["applied"], 2);
  EXPECT_EQ(report["by_type"]["command_result"]["unknown_command"], 1);
  EXPECT_EQ(report["rejected"], 2);
  EXPECT_EQ(report["divergences"]["total"], 0);
  ASSERT_EQ(report["first_rejected"].size(), 2u);
  const json& first = report["first_rejected"][0];
  EXPECT_EQ(first["file"], recording_);
  EXPECT_EQ(first["line"], 11);
  EXPECT_EQ(first["number"], 10);
  EXPECT_EQ(first["kind"], "not_found");
  EXPECT_EQ(report["first_rejected"][1]["kind"], "invalid");
  ASSERT_EQ(report["cursors"].size(), 1u);
  EXPECT_EQ(report["cursors"][0]["source"], "small");
  EXPECT_EQ(report["cursors"][0]["event"], 11);
}

TEST_F(Commands, ReplayPrintsASummary) {
  const Ran ran = replay();
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("11 events from 1 file"));
  EXPECT_THAT(ran.out, HasSubstr("2 refused"));
  EXPECT_THAT(ran.out, HasSubstr(recording_ + ":11: command_result: unknown_command"));
  EXPECT_THAT(ran.out, HasSubstr(recording_ + ":12: "));
  EXPECT_EQ(ran.err, "");
}

TEST_F(Commands, ReplayAgainTakesNothing) {
  ASSERT_EQ(replay().exit_code, 0);
  const json again = json_of({"replay", recording_});
  EXPECT_EQ(again["events"], 0);
  EXPECT_EQ(again["already_applied"], 11);
}

TEST_F(Commands, ReplayStopsAndGoesOn) {
  EXPECT_EQ(json_of({"replay", "--until", "5", recording_})["cursors"][0]["event"], 5);
  const json rest = json_of({"replay", recording_});
  EXPECT_EQ(rest["events"], 6);
  EXPECT_EQ(rest["already_applied"], 5);
}

TEST_F(Commands, ReplayAcknowledgesEachCommit) {
  const std::string told = scratch_.file("told");
  EXPECT_EQ(replay({"--batch", "4", "--until", "8", "--acknowledge", told}).exit_code, 0);
  EXPECT_EQ(read_file(told), "4\n8\n");
  EXPECT_EQ(replay({"--acknowledge", told}).exit_code, 0);
  EXPECT_EQ(read_file(told), "4\n8\n3\n") << "appended, and of this run alone";
}

TEST_F(Commands, StrictMakesRefusalsAFinding) {
  EXPECT_EQ(replay({"--strict"}).exit_code, 1);
}

// RECORDING: divergences are never fatal.
TEST_F(Commands, StrictLetsDivergencesPass) {
  write_file(recording_, R"({"type":"host_added","at":"2026-03-02T07:00:00Z","host_uuid":"H",)"
                         R"("platform":"darwin","team_id":1})"
                         "\n"
                         R"({"type":"profile_uploaded","at":"2026-03-02T07:00:00Z",)"
                         R"("profile_uuid":"a1","team_id":1,"identifier":"com.x","name":"X",)"
                         R"("checksum":"a9f7e97965d6cf799a529102a973b8b9",)"
                         R"("uploaded_at":"2026-03-02T07:00:00Z"})"
                         "\n"
                         R"({"type":"reconciled","at":"2026-03-02T07:00:01Z","commands":[]})"
                         "\n");
  const json report = json_of({"replay", recording_, "--strict"});
  EXPECT_EQ(report["divergences"]["total"], 1);
  EXPECT_EQ(report["rejected"], 0);
}

TEST_F(Commands, ACutLastLineIsTakenOnceItIsWhole) {
  const std::string whole =
      R"({"type":"header","version":1,"id":"one"}
{"type":"host_added","at":"2026-03-02T07:00:00Z","host_uuid":"H","platform":"darwin","team_id":1}
{"type":"host_deleted","at":"2026-03-02T07:00:00Z","host_uuid":"H"})";
  write_file(recording_, whole.substr(0, whole.size() - 9));
  for (int run = 0; run < 2; ++run) {
    const json cut = json_of({"replay", recording_});
    EXPECT_EQ(cut["events"], run == 0 ? 2 : 1);
    EXPECT_EQ(cut["rejected"], 1);
    EXPECT_THAT(cut["first_rejected"][0]["reason"].get<std::string>(),
                HasSubstr("the last line is cut"));
    EXPECT_EQ(cut["cursors"][0]["event"], 1);
  }
  write_file(recording_, whole);
  const json report = json_of({"replay", recording_});
  EXPECT_EQ(report["already_applied"], 1);
  EXPECT_EQ(report["events"], 1);
  EXPECT_EQ(report["rejected"], 0);
  EXPECT_EQ(on_store({"export", "--hosts"}).out, "");
}

TEST_F(Commands, PolicyOfANewStoreIsTheFlags) {
  ASSERT_EQ(replay({"--max-retries-apple", "3", "--late-results", "ignore_stale"}).exit_code, 0);
  const json policy = json_of({"stats"})["policy"];
  EXPECT_EQ(policy["max_retries_apple"], 3);
  EXPECT_EQ(policy["grace_seconds"], 3600);
  EXPECT_EQ(policy["late_results"], "ignore_stale");
  EXPECT_EQ(replay({"--max-retries-apple", "3"}).exit_code, 0) << "only given flags are compared";
}

TEST_F(Commands, AnotherPolicyIsAnErrorThatNamesBoth) {
  ASSERT_EQ(replay({"--max-retries-apple", "3"}).exit_code, 0);
  const Ran refused = replay({"--max-retries-apple", "1", "--late-results", "ignore_stale"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("max_retries_apple is 3 in the store and 1 on the command"));
  EXPECT_THAT(refused.err, HasSubstr("late_results is upstream in the store and ignore_stale on"));
  EXPECT_THAT(refused.err, HasSubstr("--set-policy"));
  EXPECT_THAT(refused.err, Not(HasSubstr("grace_seconds")));
}

TEST_F(Commands, SetPolicyChangesItFromHereOn) {
  ASSERT_EQ(replay({"--until", "5"}).exit_code, 0);
  ASSERT_EQ(replay({"--max-retries-apple", "0", "--set-policy"}).exit_code, 0);
  EXPECT_EQ(json_of({"stats"})["policy"]["max_retries_apple"], 0);
  const json host = json_of({"host", "H2"});
  EXPECT_EQ(host["profiles"][0]["retries"], 0) << "the first error was final";
  EXPECT_EQ(replay({"--max-retries-apple", "0", "--set-policy"}).exit_code, 0);
}

TEST_F(Commands, ExportPrintsRowsHostsAndDigest) {
  ASSERT_EQ(replay().exit_code, 0);
  const Ran rows = on_store({"export"});
  EXPECT_EQ(rows.exit_code, 0);
  EXPECT_THAT(rows.out, testing::StartsWith(R"({"host_uuid":"H1","profile_uuid":"p-wifi",)"));
  EXPECT_EQ(std::count(rows.out.begin(), rows.out.end(), '\n'), 2);
  EXPECT_EQ(on_store({"export", "--output", "json"}).out, rows.out);
  const Ran hosts = on_store({"export", "--hosts"});
  EXPECT_THAT(hosts.out, HasSubstr(R"("status":"failed"})"));
  const Ran digest = on_store({"export", "--digest"});
  EXPECT_EQ(digest.out.size(), 33u);
  EXPECT_EQ(json_of({"export", "--digest"})["digest"].get<std::string>() + "\n", digest.out);
}

TEST_F(Commands, HostShowsItsProfiles) {
  ASSERT_EQ(replay().exit_code, 0);
  const json host = json_of({"host", "H2"});
  EXPECT_EQ(host["host_uuid"], "H2");
  EXPECT_EQ(host["platform"], "darwin");
  EXPECT_EQ(host["team_id"], 1);
  EXPECT_EQ(host["status"], "failed");
  ASSERT_EQ(host["profiles"].size(), 1u);
  const json& row = host["profiles"][0];
  EXPECT_EQ(row["identifier"], "com.acme.wifi");
  EXPECT_EQ(row["status"], "failed");
  EXPECT_EQ(row["retries"], 1);
  EXPECT_EQ(row["command_uuid"], "c2");
  EXPECT_EQ(row["detail"], "no \x1b[31mradio");

  const Ran text = on_store({"host", "H2"});
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_THAT(text.out, HasSubstr("com.acme.wifi  Wi-Fi  install    failed        1  c2"));
  EXPECT_THAT(text.out, HasSubstr("no \\u001b[31mradio"));
  EXPECT_THAT(text.out, Not(HasSubstr("\x1b")));
}

TEST_F(Commands, UnsentIsNullInJson) {
  ASSERT_EQ(replay({"--until", "7"}).exit_code, 0);
  EXPECT_TRUE(json_of({"host", "H2"})["profiles"][0]["status"].is_null());
  EXPECT_THAT(on_store({"host", "H2"}).out, HasSubstr("unsent"));
  EXPECT_EQ(json_of({"list", "--status", "pending"})["hosts"][0]["profiles"][0], "com.acme.wifi");
}

TEST_F(Commands, AnAbsentHostOrProfileIsAFinding) {
  ASSERT_EQ(replay().exit_code, 0);
  EXPECT_EQ(on_store({"host", "H9"}).exit_code, 1);
  EXPECT_THAT(on_store({"host", "H9"}).err, HasSubstr("H9 is not in the store"));
  EXPECT_EQ(on_store({"profile", "p-none"}).exit_code, 1);
}

TEST_F(Commands, SummaryCountsHosts) {
  ASSERT_EQ(replay().exit_code, 0);
  const json summary = json_of({"summary"});
  EXPECT_EQ(summary["sequence"], 11);
  ASSERT_EQ(summary["teams"].size(), 1u);
  EXPECT_EQ(summary["teams"][0]["team_id"], 1);
  EXPECT_EQ(summary["total"]["failed"], 1);
  EXPECT_EQ(summary["total"]["verifying"], 1);
  EXPECT_EQ(json_of({"summary", "--team", "7"})["total"]["failed"], 0);
  EXPECT_EQ(on_store({"summary"}).out,
            "team  failed  pending  verifying  verified\n"
            "1          1        0          1         0\n");
}

TEST_F(Commands, ProfileShowsItsCounts) {
  ASSERT_EQ(replay().exit_code, 0);
  const json profile = json_of({"profile", "p-wifi"});
  EXPECT_EQ(profile["identifier"], "com.acme.wifi");
  EXPECT_EQ(profile["hosts"]["failed"], 1);
  EXPECT_EQ(profile["failed_hosts"], json::array({"H2"}));
  EXPECT_EQ(profile["more_failed_hosts"], false);
  EXPECT_EQ(json_of({"profile", "p-wifi", "--limit", "0"})["more_failed_hosts"], true);
  EXPECT_THAT(on_store({"profile", "p-wifi"}).out, HasSubstr("failed on\n  H2\n"));
}

TEST_F(Commands, ListPages) {
  ASSERT_EQ(replay({"--until", "5"}).exit_code, 0);
  const json first = json_of({"list", "--status", "pending", "--limit", "1"});
  ASSERT_EQ(first["hosts"].size(), 1u);
  EXPECT_EQ(first["hosts"][0]["host_uuid"], "H1");
  EXPECT_EQ(first["next_after"], "H1");
  const json second = json_of({"list", "--status", "pending", "--limit", "1", "--after", "H1"});
  EXPECT_EQ(second["hosts"][0]["host_uuid"], "H2");
  EXPECT_TRUE(second["next_after"].is_null());
  EXPECT_EQ(json_of({"list", "--status", "pending", "--team", "2"})["hosts"].size(), 0u);
  EXPECT_THAT(on_store({"list", "--status", "pending", "--limit", "1"}).out,
              HasSubstr("--after H1"));
  EXPECT_EQ(on_store({"list", "--status", "failed"}).out, "no failed hosts\n");
}

TEST_F(Commands, CheckFindsNothingInASoundStore) {
  ASSERT_EQ(replay().exit_code, 0);
  EXPECT_EQ(on_store({"check"}).out, "no findings\n");
  const json found = json_of({"check"});
  EXPECT_EQ(found["count"], 0);
  EXPECT_EQ(found["complete"], true);
}

TEST_F(Commands, ScrubReadsAllFiles) {
  ASSERT_EQ(replay().exit_code, 0);
  const Ran scrubbed = on_store({"scrub", "--rate", "0"});
  EXPECT_EQ(scrubbed.exit_code, 0) << scrubbed.err;
  EXPECT_THAT(scrubbed.out, testing::MatchesRegex(
                                "[0-9,]+ bytes in [0-9]+ files, [0-9]+ records: no findings\n"));
  const json found = json_of({"scrub"});
  EXPECT_EQ(found["count"], 0);
  EXPECT_EQ(found["complete"], true);
  EXPECT_GT(found["records"], 5);
}

TEST_F(Commands, StatsShowTheStore) {
  ASSERT_EQ(replay({"--batch", "4"}).exit_code, 0);
  const json stats = json_of({"stats"});
  EXPECT_EQ(stats["sequence"], 11);
  EXPECT_EQ(stats["hosts"], 2);
  EXPECT_EQ(stats["rows"], 2);
  EXPECT_EQ(stats["profiles"], 1);
  EXPECT_EQ(stats["labels"], 1);
  EXPECT_EQ(stats["commands"], 2);
  EXPECT_EQ(stats["largest_group"], 4);
  EXPECT_EQ(stats["cursors"][0]["event"], 11);
  EXPECT_THAT(on_store({"stats"}).out, HasSubstr("largest group    4 events"));
}

// Names that depend on the data: event types, outcomes and reasons.
bool is_open(const std::string& name) {
  return name == "by_type" || name == "outcomes" || name == "rejected_reasons";
}

void collect_names(const json& document, std::set<std::string>& names) {
  for (const auto& [name, value] : document.items()) {
    if (document.is_object()) names.insert(name);
    if (value.is_structured() && !is_open(name)) collect_names(value, names);
  }
}

TEST_F(Commands, EveryJsonNameIsDocumented) {
  std::set<std::string> names;
  collect_names(json_of({"replay", recording_}), names);
  for (const Arguments& arguments : {Arguments{"export", "--digest"},
                                     {"host", "H2"},
                                     {"summary"},
                                     {"profile", "p-wifi"},
                                     {"list", "--status", "failed"},
                                     {"check"},
                                     {"stats"}}) {
    collect_names(json_of(arguments), names);
  }
  EXPECT_GT(names.size(), 60u);
  const std::string manual = read_file(test::source_dir() + "/docs/tool.md");
  for (const std::string& name : names) {
    EXPECT_TRUE(manual.find('`' + name + '`') != std::string::npos || name == "digest") << name;
  }
}

TEST(DemoRecording, IsCanonical) {
  const std::string content = read_file(test::source_dir() + "/tests/data/demo.ndjson");
  std::size_t begin = content.find('\n') + 1;  // behind the header
  std::size_t lines = 0;
  while (begin < content.size()) {
    const std::size_t end = content.find('\n', begin);
    const std::string line = content.substr(begin, end - begin);
    ASSERT_EQ(to_canonical_line(parse_canonical_line(line)), line);
    begin = end + 1;
    ++lines;
  }
  EXPECT_GT(lines, 2000u);
}

TEST_F(Commands, ReconcilePutsCommandsIntoTheOutbox) {
  const std::string at = R"("at":"2025-06-01T08:00:00Z",)";
  const auto host = [&](const std::string& uuid) {
    return R"({"type":"host_added",)" + at + R"("host_uuid":")" + uuid +
           R"(","platform":"darwin","team_id":0})" + "\n";
  };
  write_file(recording_, host("H1") + host("H2") + R"({"type":"profile_uploaded",)" + at +
                             R"("profile_uuid":"a1","team_id":0,"identifier":"com.example.wifi",)" +
                             R"("name":"Wi-Fi","checksum":"00000000000000000000000000000001",)" +
                             R"("uploaded_at":"2025-06-01T08:00:00Z"})" + "\n");
  ASSERT_EQ(replay().exit_code, 0);
  EXPECT_EQ(on_store({"commands"}).out, "nothing to send\n");
  const json pass = json_of({"reconcile"});
  EXPECT_EQ(pass["hosts_changed"], 2);
  EXPECT_EQ(pass["commands_issued"], 1);
  const json outbox = json_of({"commands"});
  ASSERT_EQ(outbox["commands"].size(), 1U);
  const json& send = outbox["commands"][0];
  EXPECT_EQ(send["kind"], "send");
  EXPECT_EQ(send["operation"], "install");
  EXPECT_EQ(send["identifier"], "com.example.wifi");
  EXPECT_EQ(send["hosts"], (json{"H1", "H2"}));
  EXPECT_EQ(outbox["next_after"], nullptr);
  EXPECT_THAT(on_store({"commands"}).out, HasSubstr("H1 and 1 more"));
  // The row waits for the very command.
  EXPECT_THAT(on_store({"export"}).out, HasSubstr(send["command_uuid"].get<std::string>()));
  const std::string id = std::to_string(send["id"].get<int>());
  EXPECT_EQ(on_store({"commands", "--sent", id, "999"}).out,
            "1 of 2 entries were in the outbox and left it\n");
  EXPECT_EQ(on_store({"commands"}).out, "nothing to send\n");
  EXPECT_EQ(json_of({"reconcile"})["hosts_changed"], 0);
  EXPECT_EQ(on_store({"check"}).exit_code, 0);
}

}  // namespace
}  // namespace muster::tool_test
