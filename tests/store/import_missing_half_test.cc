// What recordings of other systems leave out, and what commands and catalogs say of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/store/import_fixture.h"

namespace muster::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(Import, answersToOtherCommandsAreNotMissed) {
  ImportOptions options = with_catalog();
  options.commands = {file("commands.ndjson",
                           R"({"command_uuid":"c-info","request_type":"DeviceInformation"})"
                           "\n")};
  const std::string log =
      file("webhook.ndjson", answer("2026-02-03T17:00:00Z", "c-info", "Acknowledged") +
                                 answer("2026-02-03T17:00:01Z", "c-lost", "Acknowledged"));
  const ImportReport report = import("db", {log}, options);
  EXPECT_THAT(report.unknown_commands, ElementsAre("c-lost"));
  EXPECT_EQ(report.notes.passed_over.at("an answer to a command that is not about profiles"), 1U);
}

TEST_F(Import, commandsTellWhatAnAnswerIsAbout) {
  const std::string commands =
      file("commands.ndjson", pass("2026-02-03T16:10:00Z", {{"p-dock", "c1"}, {"p-wifi", "c2"}}) +
                                  pass("2026-02-03T16:50:00Z", {{"p-wifi", "c3"}}));
  const std::string log =
      file("webhook.ndjson", answer("2026-02-03T16:20:00Z", "c1", "Acknowledged") +
                                 answer("2026-02-03T16:20:01Z", "c2", "NotNow") +
                                 answer("2026-02-03T16:55:00Z", "c9", "Acknowledged") +
                                 answer("2026-02-03T17:00:00Z", "c3", "Acknowledged"));
  ImportOptions options = with_catalog();
  const ImportReport without = import("without", {log}, options);
  EXPECT_EQ(rows_, "H1 p-dock install pending 0\nH1 p-wifi install pending 0\n");
  EXPECT_THAT(without.unknown_commands, ElementsAre("c1", "c2", "c9", "c3"));

  options.commands = {commands};
  const ImportReport with = import("with", {log}, options);
  EXPECT_EQ(rows_, "H1 p-dock install verifying 0\nH1 p-wifi install verifying 0\n")
      << "c3 superseded c2, which had no answer";
  EXPECT_THAT(with.unknown_commands, ElementsAre("c9"));
  EXPECT_EQ(with.notes.commands_known, 3U);
  EXPECT_EQ(with.notes.commands_unresolved, 0U);
}

TEST_F(Import, passesThatARecordingTellsAreTheOnlyOnes) {
  ImportOptions options;
  options.catalogs = {
      file("catalog.ndjson", kCatalog + pass("2026-02-03T16:10:00Z", {{"p-dock", "c1"}}))};
  const ImportReport report =
      import("db", {file("webhook.ndjson", answer("2026-02-03T16:20:00Z", "c1", "Acknowledged"))},
             options);
  EXPECT_EQ(report.notes.passes_made, 0U);
  EXPECT_EQ(report.by_type.at("reconciled").at(Outcome::kApplied), 1U);
  EXPECT_EQ(rows_, "H1 p-dock install verifying 0\nH1 p-wifi install pending 0\n");
}

/// An answer that is an error has its reasons in the payload.
std::string error(const std::string& at, const std::string& command) {
  const std::string payload =
      "<plist><dict><key>UDID</key><string>H1</string><key>Status</key>"
      "<string>Error</string><key>CommandUUID</key><string>" +
      command + "</string></dict></plist>";
  return R"({"topic":"mdm.Connect","created_at":")" + at +
         R"(","acknowledge_event":{"status":"Error","raw_payload":")" + base64(payload) + "\"}}\n";
}

std::string fleet_payload() {
  return "<plist><dict><key>Command</key><dict><key>RequestType</key>"
         "<string>InstallProfile</string><key>Payload</key><data>" +
         base64(
             "<plist><dict><key>PayloadIdentifier</key><string>com.example.dock</string></dict>"
             "</plist>") +
         "</data></dict></dict></plist>";
}

/// A command of Fleet's list, which tells no time of it.
std::string fleet_command(const std::string& uuid) {
  return R"({"host_uuid":"H1","command_uuid":")" + uuid +
         R"(","status":"Pending","request_type":"InstallProfile","payload":")" +
         base64(fleet_payload()) + "\"}";
}

/// The row of a host and profile, with its command.
std::string row_of(const std::filesystem::path& store_folder, const char* profile) {
  Store store = open_store(buffered(store_folder));
  const Snapshot snapshot = require(store.snapshot(), "snapshot");
  const auto row = require(snapshot.find("H1", profile), "find");
  std::string text = "none";
  if (row) {
    text = std::string(name_of(row->status)) + ' ' + std::to_string(row->retries) + ' ' +
           row->command_uuid;
  }
  require_ok(store.close(), "close");
  return text;
}

/// Of commands without times the answers tell the order, whatever that of the list.
TEST_F(Import, answersTellTheOrderOfCommandsWithoutTimes) {
  const std::string log =
      file("webhook.ndjson", answer("2026-02-03T16:20:00Z", "c-other", "Acknowledged") +
                                 error("2026-02-03T16:21:00Z", "c1") +
                                 answer("2026-02-03T16:22:00Z", "c2", "Acknowledged"));
  std::vector<std::string> order = {"c0", "c1", "c2"};  // c0 never gets an answer
  do {
    ImportOptions options = with_catalog();
    std::string list;
    for (const std::string& uuid : order) list += (list.empty() ? "" : ",") + fleet_command(uuid);
    options.commands = {file("commands.json", R"({"results":[)" + list + "]}")};
    const std::string name = order[0] + order[1] + order[2];
    const ImportReport report = import(name, {log}, options);
    EXPECT_EQ(row_of(folder_ / name, "p-dock"), "verifying 1 c2") << name;
    EXPECT_THAT(report.unknown_commands, ElementsAre("c-other")) << name;
  } while (std::next_permutation(order.begin(), order.end()));
}

/// Servers that tell whole seconds: each answer has a pass before it.
TEST_F(Import, answersAtOneTimeAreEachPrepared) {
  ImportOptions options = with_catalog();
  options.commands = {
      file("commands.ndjson", pass("2026-02-03T16:10:00Z", {{"p-dock", "c1"}}) +
                                  pass("2026-02-03T16:11:00Z", {{"p-dock", "c2"}}))};
  const std::string first = error("2026-02-03T16:20:00Z", "c1");
  const std::string second = answer("2026-02-03T16:20:00Z", "c2", "Acknowledged");
  import("db", {file("both.ndjson", first + second)}, options);
  EXPECT_EQ(row_of(folder_ / "db", "p-dock"), "verifying 1 c2");
  const std::string whole = digest_;
  import("parts", {file("first.ndjson", first)}, options);
  import("parts", {file("both.ndjson", first + second)}, options);
  import("parts", {file("second.ndjson", second)}, options);
  EXPECT_EQ(digest_, whole);
}

/// A device that is busy, and then answers the same command.
TEST_F(Import, notNowIsNoLastWord) {
  ImportOptions options = with_catalog();
  options.commands = {file("commands.ndjson", pass("2026-02-03T16:10:00Z", {{"p-dock", "c1"}}))};
  const std::string busy = answer("2026-02-03T16:20:00Z", "c1", "NotNow");
  const std::string busy_again = answer("2026-02-03T16:20:40Z", "c1", "NotNow");
  const std::string later = answer("2026-02-03T16:21:10Z", "c1", "NotNow");
  const ImportReport waiting =
      import("db", {file("busy.ndjson", busy + busy_again + later)}, options);
  EXPECT_EQ(row_of(folder_ / "db", "p-dock"), "pending 0 c1");
  const auto& outcomes = waiting.by_type.at("command_result");
  EXPECT_EQ(outcomes.at(Outcome::kRepeated), 1U) << "twice within a minute";
  import("db", {file("done.ndjson", busy + answer("2026-02-03T16:30:00Z", "c1", "Acknowledged"))},
         options);
  EXPECT_EQ(row_of(folder_ / "db", "p-dock"), "verifying 0 c1");
}

std::string fleet_host(const std::string& updated_at, int team, const std::string& more = "") {
  return R"({"uuid":"H1","platform":"darwin","updated_at":")" + updated_at + R"(","team_id":)" +
         std::to_string(team) + more + "}\n";
}

TEST_F(Import, hostsMoveAsFleetListsThem) {
  const std::string away = R"(,"mdm":{"enrollment_status":"Off"})";
  const struct {
    std::vector<std::string> lists;
    TeamId team;
    bool enrolled;
  } cases[] = {
      {{fleet_host("2026-02-01T00:00:00Z", 1)}, 1, true},
      {{fleet_host("2026-02-01T00:00:00Z", 1), fleet_host("2026-02-02T00:00:00Z", 2)}, 2, true},
      {{fleet_host("2026-02-01T00:00:00Z", 1), fleet_host("2026-02-02T00:00:00Z", 2),
        fleet_host("2026-02-03T00:00:00Z", 1)},
       1,
       true},
      {{fleet_host("2026-02-01T00:00:00Z", 1), fleet_host("2026-02-02T00:00:00Z", 1, away)},
       1,
       false},
  };
  for (const auto& example : cases) {
    std::string all;
    std::string one_by_one;
    const std::string name = "moves" + std::to_string(&example - cases);
    for (const std::string& list : example.lists) {
      all += list;
      import(name, {file("hosts.json", list)});
    }
    one_by_one = digest_;
    import(name + "again", {file("all.json", all)});
    EXPECT_EQ(digest_, one_by_one) << name;
    import(name + "again", {file("first.json", example.lists.front())});
    EXPECT_EQ(digest_, one_by_one) << name << ": what is older changes nothing";
    Store store = open_store(buffered(folder_ / name));
    const auto host = require(require(store.snapshot(), "snapshot").find_host("H1"), "host");
    ASSERT_TRUE(host.has_value()) << name;
    EXPECT_EQ(host->team_id, example.team) << name;
    EXPECT_EQ(host->enrolled, example.enrolled) << name;
    require_ok(store.close(), "close");
  }
}

/// A list of labels says what they are, whichever file comes first: of a manual one a host that
/// never reported labels is no member.
TEST_F(Import, labelsAreWhatTheirListSays) {
  const std::vector<std::filesystem::path> files = {
      file("a-hosts.json", fleet_host("2026-02-02T00:00:00Z", 0,
                                      R"(,"label_updated_at":"2026-02-02T00:00:00Z",)"
                                      R"("labels":[{"name":"L1"}])")),
      file("b-profiles.json",
           R"({"profiles":[{"profile_uuid":"a1","team_id":0,"name":"Dock","identifier":"i",)"
           R"("uploaded_at":"2026-02-01T00:00:00Z","labels_exclude_any":["L1"]}]})"),
      file("osquery.log", snapshot_line(kFive, {"com.example.x"}, "H2"))};
  import("dynamic", files);
  EXPECT_EQ(rows_, "");
  std::vector<std::filesystem::path> with_list = files;
  with_list.push_back(file("c-labels.json",
                           R"({"labels":[{"name":"L1","label_membership_type":"manual",)"
                           R"("created_at":"2026-01-01T00:00:00Z"}]})"));
  import("manual", with_list);
  EXPECT_EQ(rows_, "H2 a1 install pending 0\n");
}

/// A profile whose label was deleted goes to no new host, and is taken from none.
TEST_F(Import, aBrokenLabelHoldsItsProfile) {
  const std::string profiles = file(
      "profiles.json",
      R"({"profiles":[{"profile_uuid":"a1","team_id":0,"name":"Dock",)"
      R"("identifier":"com.example.dock",)"
      R"("uploaded_at":"2026-02-01T00:00:00Z","labels_include_all":[{"name":"L1","broken":true}]},)"
      R"({"profile_uuid":"a2","team_id":0,"name":"Wi-Fi","identifier":"com.example.wifi",)"
      R"("uploaded_at":"2026-02-01T00:00:00Z","labels_include_all":[{"name":"L2"}]}]})");
  const std::string host =
      file("hosts.json", fleet_host("2026-02-02T00:00:00Z", 0,
                                    R"(,"label_updated_at":"2026-02-02T00:00:00Z",)"
                                    R"("labels":["L1","L2"])"));
  import("db", {profiles, host, file("osquery.log", snapshot_line(kFive, {"com.example.x"}))});
  EXPECT_EQ(rows_, "H1 a2 install pending 0\n");
}

/// A label that was deleted is none that has its name now, and any number of profiles had it.
TEST_F(Import, aBrokenLabelIsItsProfilesAlone) {
  std::string list;
  for (const char* uuid : {"a1", "a2", "a3"}) {
    list += R"({"profile_uuid":")" + std::string(uuid) + R"(","team_id":0,"name":")" + uuid +
            R"(","identifier":")" + uuid + R"(","uploaded_at":"2026-02-01T00:00:00Z",)" +
            R"("labels_include_all":[{"name":"L1","broken":true}]},)";
  }
  list += R"({"profile_uuid":"a4","team_id":0,"name":"a4","identifier":"a4",)"
          R"("uploaded_at":"2026-01-01T00:00:00Z","labels_include_all":["L1"]})";
  const std::string profiles = file("profiles.json", "{\"profiles\":[" + list + "]}");
  const std::string host =
      file("hosts.json", fleet_host("2026-02-02T00:00:00Z", 0,
                                    R"(,"label_updated_at":"2026-02-02T00:00:00Z",)"
                                    R"("labels":["L1"])"));
  const ImportReport report = import("db", {profiles, host});
  EXPECT_EQ(report.by_type.at("profile_uploaded").at(Outcome::kApplied), 4U);
  EXPECT_EQ(rows_, "H1 a4 install pending 0\n");
}

/// Hosts are there before all that any list tells with a time, whatever the order of the list.
TEST_F(Import, hostsOfAListAreThereFromTheBegin) {
  const std::string first = R"({"uuid":"H1","platform":"darwin","team_id":1,)"
                            R"("updated_at":"2026-02-10T00:00:00Z"})";
  const std::string second = R"({"uuid":"H2","platform":"darwin","team_id":2,)"
                             R"("updated_at":"2026-02-09T00:00:00Z"})";
  const std::string profiles =
      file("profiles.json",
           R"({"profiles":[{"profile_uuid":"p","team_id":2,"name":"n","identifier":"i",)"
           R"("uploaded_at":"2026-02-01T00:00:00Z"}]})");
  const std::string log = file("osquery.log", snapshot_line(kFive, {"i"}, "H2"));
  for (const std::string& list : {first + ',' + second, second + ',' + first}) {
    ImportOptions options;
    options.catalogs = {profiles, file("hosts.json", "{\"hosts\":[" + list + "]}")};
    const std::string name = "db" + std::to_string(list.find("H1"));
    import(name, {log}, options);
    EXPECT_EQ(rows_, "H2 p install verified 0\n") << list;
  }
}

/// Said twice, or fed again after it was deleted elsewhere: a host that is gone stays gone.
TEST_F(Import, whatIsDeletedStaysDeleted) {
  const std::string deleted =
      R"({"type":"host_deleted","at":"2026-02-03T17:30:00Z","host_uuid":"H7"})"
      "\n";
  const std::string log =
      file("osquery.log", snapshot_line(kFive, {"com.example.dock"}, "H7") +
                              snapshot_line(kFive + 3600, {"com.example.dock"}, "H7"));
  import("db", {log}, with_catalog());
  ImportOptions once = with_catalog();
  once.catalogs.push_back(file("deleted.ndjson", deleted));
  import("db", {}, once);
  EXPECT_EQ(rows_.find("H7"), std::string::npos);
  const std::string gone = digest_;
  ImportOptions twice = once;
  twice.catalogs.push_back(file("copy.ndjson", deleted + "\n"));
  import("db", {}, twice);
  EXPECT_EQ(digest_, gone);
  import("db", {log}, once);
  EXPECT_EQ(digest_, gone) << rows_;
}

/// Whatever number of hosts has a command taken back at one time.
TEST_F(Import, commandsTakenBackAreEachHostsOwn) {
  constexpr int kHosts = 100;
  std::string catalog = uploaded("p-dock", "com.example.dock");
  std::string passes;
  std::string log;
  for (int number = 0; number < kHosts; ++number) {
    const std::string host = "M" + std::to_string(number);
    catalog += R"({"type":"host_added","at":"2026-02-03T16:00:00Z","host_uuid":")" + host +
               R"(","platform":"darwin"})" + "\n";
    for (const char* command : {"c1-", "c2-"}) {
      passes += R"({"host_uuid":")" + host + R"(","command_uuid":")" + command + host +
                R"(","status":"Pending","request_type":"InstallProfile","payload":")" +
                base64(fleet_payload()) + "\"}\n";
    }
    log += answer("2026-02-03T17:00:00Z", "c-other", "Acknowledged", host);
    log += answer("2026-02-03T17:00:00Z", "c2-" + host, "Acknowledged", host);
  }
  ImportOptions options;
  options.catalogs = {file("catalog.ndjson", catalog)};
  options.commands = {file("commands.json", passes)};
  import("db", {file("webhook.ndjson", log)}, options);
  EXPECT_EQ(std::count(rows_.begin(), rows_.end(), '\n'), kHosts);
  EXPECT_EQ(rows_.find("pending"), std::string::npos) << rows_;
}

/// Of two commands without times one is busy, then the other, and again.
TEST_F(Import, busyDevicesTakeBackMoreThanOnce) {
  ImportOptions options = with_catalog();
  options.commands = {file(
      "commands.json", "{\"results\":[" + fleet_command("c1") + "," + fleet_command("c2") + "]}")};
  const std::string log =
      file("webhook.ndjson", answer("2026-02-03T16:00:00Z", "c1", "NotNow") +
                                 answer("2026-02-03T16:01:00Z", "c2", "NotNow") +
                                 answer("2026-02-03T17:00:00Z", "c1", "NotNow") +
                                 answer("2026-02-03T17:01:00Z", "c2", "Acknowledged"));
  import("db", {log}, options);
  EXPECT_EQ(row_of(folder_ / "db", "p-dock"), "verifying 0 c2");
}

/// A host that was deleted, and says something again.
TEST_F(Import, whatWasDeletedIsIntroducedAgain) {
  const std::string deleted =
      R"({"type":"host_deleted","at":"2026-02-03T17:30:00Z","host_uuid":"H7"})"
      "\n";
  ImportOptions options = with_catalog();
  options.catalogs.push_back(file("deleted.ndjson", deleted));
  const std::string log =
      file("osquery.log", snapshot_line(kFive, {"com.example.dock"}, "H7") +
                              snapshot_line(kFive + 3600, {"com.example.wifi"}, "H7"));
  const ImportReport report = import("db", {log}, options);
  EXPECT_EQ(report.notes.hosts_introduced, 2U);
  EXPECT_THAT(rows_, HasSubstr("H7 p-dock"));
}

}  // namespace
}  // namespace muster::test
