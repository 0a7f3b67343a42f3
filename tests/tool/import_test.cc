// Recordings of other systems on the command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/places.h"
#include "tests/support/planted_secrets.h"
#include "tests/tool/tool_run.h"

namespace muster::tool_test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

const std::string kForeign = test::source_dir() + "/tests/data/foreign/";
const std::string kHosts = kForeign + "hosts.ndjson";

class ImportTool : public ::testing::Test {
 protected:
  std::string file(std::string_view name) const { return scratch_.file(name); }
  std::string digest(const std::string& db) { return call({"export", "--db", db, "--digest"}).out; }

  ScratchDir scratch_;
};

TEST_F(ImportTool, replaysAFolderOfFormats) {
  const std::filesystem::path folder = file("folder");
  std::filesystem::create_directories(folder / "logs");
  std::filesystem::copy(kForeign + "osquery_log/edges.log", folder / "logs");
  std::filesystem::copy(kForeign + "mdm_webhook/nanomdm_webhook.ndjson", folder);
  const Ran ran = call(
      {"replay", "--db", file("db"), "--output", "json", "--host-map", kHosts, folder.string()});
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  const Json import = Json::parse(ran.out)["import"];
  EXPECT_EQ(import["files"].size(), 2U);
  EXPECT_EQ(import["files"][(folder / "logs/edges.log").string()], "osquery_log");
  EXPECT_EQ(import["passed_over"]["a device that waits for commands"], 1);
  test::write_file(folder / "notes.txt", "nothing of the kind");
  const Ran refused = call({"replay", "--db", file("db"), folder.string()});
  EXPECT_EQ(refused.exit_code, 65);
  EXPECT_THAT(refused.out + refused.err, HasSubstr("notes.txt: its content is of no format"));
}

/// What an import would drop as said twice has a meaning in a recording of ours.
TEST_F(ImportTool, ourOwnRecordingsAreNoImport) {
  const std::string folder = file("folder");
  std::filesystem::create_directories(folder + "/later");
  const std::string added = R"({"type":"host_added","at":"2026-03-02T07:00:00Z","host_uuid":"H",)"
                            R"("platform":"darwin","team_id":1})"
                            "\n";
  test::write_file(folder + "/1.ndjson", added + added);
  test::write_file(folder + "/later/2.ndjson", added);
  for (const Arguments& files :
       {Arguments{folder}, Arguments{"--format", "canonical", folder},
        Arguments{"--format", "canonical", folder + "/1.ndjson", folder + "/later/2.ndjson"}}) {
    Arguments replay = {"replay", "--db", file("db" + std::to_string(files.size())), "--output",
                        "json"};
    replay.insert(replay.end(), files.begin(), files.end());
    const Ran ran = call(replay);
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
    const Json report = Json::parse(ran.out);
    EXPECT_EQ(report["events"], 3);
    EXPECT_FALSE(report["outcomes"].contains("repeated"));
    EXPECT_EQ(report["files"], 2);
    EXPECT_FALSE(report.contains("import"));
  }
  const std::string converted = file("converted.ndjson");
  ASSERT_EQ(
      call({"convert", "--format", "canonical", "-o", converted, folder + "/1.ndjson"}).exit_code,
      0);
  EXPECT_EQ(read_file(converted).size(), 2 * added.size());
  test::write_file(folder + "/notes.txt", "nothing of the kind");
  EXPECT_EQ(call({"replay", "--db", file("db"), folder}).exit_code, 65);
}

/// A bad event first must not make another format of the file.
TEST_F(ImportTool, aBadFirstLineIsOneRefusedEvent) {
  const std::string good = R"({"type":"host_added","at":"2026-03-02T07:00:00Z","host_uuid":"H",)"
                           R"("platform":"darwin","team_id":1})"
                           "\n";
  int number = 0;
  for (const char* bad :
       {R"({"type":"profiles_reported","host_uuid":"H","detail_updated_at":"2026-03-02T07:00:00Z",)"
        R"("profiles":[]})",
        R"({"type":"command_result","host_uuid":"H","command_uuid":"c","status":"Idle"})",
        R"({"type":"host_labels_reported","host_uuid":"H","labels":["L"]})",
        R"({"at":"2026-03-02T07:00:00Z","profile_uuid":"a1"})",
        R"({"at":"2026-03-02T07:00:00Z","t\u0079pe":"zzz","host_uuid":"H","command_uuid":"c"})",
        R"({"type":"zzz","at":"2026-03-02T07:00:00Z","topic":"mdm.Connect","created_at":"x"})",
        R"({"type":"zzz","at":"2026-03-02T07:00:00Z","acknowledge_event":null})"}) {
    const std::string recording = file("bad.ndjson");
    test::write_file(recording, std::string(bad) + "\n" + good);
    const Ran ran = call(
        {"replay", "--db", file("db" + std::to_string(++number)), "--output", "json", recording});
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
    const Json report = Json::parse(ran.out);
    EXPECT_EQ(report["rejected"], 1) << bad;
    EXPECT_EQ(report["outcomes"]["applied"], 1) << bad;
  }
}

TEST_F(ImportTool, saysWhatIsMissingAndWhereToGetIt) {
  const Ran ran =
      call({"replay", "--db", file("db"), kForeign + "mdm_webhook/nanomdm_webhook.ndjson"});
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("read: 1 mdm_webhook (5 documents), 4 statements"));
  EXPECT_THAT(ran.out, HasSubstr("answers to commands that nobody told of: 2. Say which profile "
                                 "each carried with --commands FILE"));
  EXPECT_THAT(ran.out, HasSubstr("c0ffee00-0000-4000-8000-000000000006"));
}

TEST_F(ImportTool, convertedIsTheSame) {
  for (const char* format : {"mdm_webhook", "mdm_message", "osquery_write", "osquery_log", "fleet",
                             "nanomdm_rows", "canonical"}) {
    Arguments recordings = {"--format",   format,
                            "--host-map", kHosts,
                            "--begin",    "2026-02-03T16:00:00Z",
                            "--catalog",  kForeign + "fleet/edges.json",
                            "--commands", kForeign + "nanomdm_rows/edges.json"};
    for (const auto& entry : std::filesystem::directory_iterator(kForeign + format)) {
      if (entry.path().extension() != ".told") recordings.push_back(entry.path().string());
    }
    std::sort(recordings.begin() + 10, recordings.end());
    const std::string name(format);
    Arguments replay = {"replay", "--db", file(name + ".original")};
    replay.insert(replay.end(), recordings.begin(), recordings.end());
    const Ran original = call(replay);
    ASSERT_EQ(original.exit_code, 0) << format << ": " << original.err;
    const std::string target = file(name + ".ndjson");
    Arguments convert = {"convert", "--to", "canonical", "-o", target};
    convert.insert(convert.end(), recordings.begin(), recordings.end());
    const Ran converted = call(convert);
    ASSERT_EQ(converted.exit_code, 0) << format << ": " << converted.err;
    ASSERT_EQ(call({"replay", "--db", file(name + ".again"), target}).exit_code, 0) << format;
    EXPECT_EQ(digest(file(name + ".again")), digest(file(name + ".original"))) << format;
  }
}

TEST_F(ImportTool, quarantineListsWhatCannotBeRead) {
  const std::string edges = kForeign + "mdm_webhook/edges.ndjson";
  const std::string listed = file("quarantine.ndjson");
  ASSERT_EQ(call({"replay", "--db", file("db"), "--quarantine", listed, edges}).exit_code, 0);
  struct stat about {};
  ASSERT_EQ(::stat(listed.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0600U);
  const std::string lines = read_file(listed);
  const Json first = Json::parse(lines.substr(0, lines.find('\n')));
  EXPECT_EQ(first["source"], edges);
  EXPECT_EQ(first["reason"], "its payload: it is no property list");
  const std::string content = read_file(edges);
  const std::string document = content.substr(first["offset"], first["length"]);
  EXPECT_EQ(Json::parse(document)["topic"], "mdm.Connect");
  EXPECT_THAT(lines, Not(HasSubstr("bytes")));

  ASSERT_EQ(
      call({"replay", "--db", file("db2"), "--quarantine", listed, "--quarantine-bytes", edges})
          .exit_code,
      0);
  EXPECT_THAT(read_file(listed), HasSubstr("\"bytes\":\"eyJh"));
  // After a fix only what was not read before is new.
  const std::string before = digest(file("db"));
  ASSERT_EQ(call({"replay", "--db", file("db"), edges}).exit_code, 0);
  EXPECT_EQ(digest(file("db")), before);
}

TEST_F(ImportTool, secretsAreNeitherShownNorWritten) {
  int planted = 0;
  for (const RecordingFormat format : test::kFormatsWithSecrets) {
    const std::string name(name_of(format));
    const std::string source = file(name);
    write_file(source, test::with_secrets(format, planted));
    const std::string listed = file(name + ".quarantine");
    const Arguments reading = {"--begin", "2026-02-03T17:00:00Z", "--format", name, source};
    Arguments replay = {"replay", "--db", file(name + ".db"), "--quarantine", listed};
    replay.insert(replay.end(), reading.begin(), reading.end());
    const Ran replayed = call(replay);
    ASSERT_EQ(replayed.exit_code, 0) << replayed.err;
    Arguments convert = {"convert", "--to", "canonical", "-o", file(name + ".ndjson")};
    convert.insert(convert.end(), reading.begin(), reading.end());
    const Ran converted = call(convert);
    ASSERT_EQ(converted.exit_code, 0) << converted.err;
    const std::string quarantined = read_file(listed);
    EXPECT_FALSE(quarantined.empty()) << name;
    for (const std::string& text : {replayed.out, replayed.err, converted.out, converted.err,
                                    quarantined, read_file(file(name + ".ndjson"))}) {
      EXPECT_EQ(test::first_secret_in(text), "") << name;
    }
  }
  EXPECT_GE(planted, 100);
}

TEST_F(ImportTool, mistakesLeaveNoStoreBehind) {
  const std::string log = kForeign + "osquery_log/edges.log";
  const struct {
    Arguments arguments;
    int exit_code;
    const char* message;
  } cases[] = {
      {{"--catalog", file("none.json"), log}, 2, "none.json: there is no such file"},
      {{"--format", "csv", log}, 2, "'csv' is none of canonical, mdm_webhook"},
      {{"--begin", "today", log}, 2, "'today' is no time"},
      {{"--quarantine-bytes", log}, 2, "--quarantine-bytes needs --quarantine"},
      {{"--quarantine", file("no/folder"), log}, 74, "cannot be written"},
  };
  for (const auto& example : cases) {
    Arguments arguments = {"replay", "--db", file("db")};
    arguments.insert(arguments.end(), example.arguments.begin(), example.arguments.end());
    const Ran ran = call(arguments);
    EXPECT_EQ(ran.exit_code, example.exit_code) << example.message;
    EXPECT_THAT(ran.err, HasSubstr(example.message));
    EXPECT_FALSE(std::filesystem::exists(file("db"))) << example.message;
  }
}

}  // namespace
}  // namespace muster::tool_test
