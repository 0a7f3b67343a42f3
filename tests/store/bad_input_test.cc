// Bad input through the library: every refusal says what and where, and nothing applied before is
// lost by it.
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "muster/recording.h"
#include "muster/snapshot.h"
#include "tests/support/files.h"
#include "tests/support/fleet.h"
#include "tests/support/store_subject.h"
#include "tests/support/table.h"
#include "tests/support/test_disk.h"

namespace muster::test {
namespace {

ProfileUploaded upload(const std::string& uuid, TeamId team = 0) {
  ProfileUploaded event;
  event.profile_uuid = uuid;
  event.team_id = team;
  event.identifier = "com.example." + uuid;
  event.name = "Profile " + uuid;
  event.uploaded_at = at(0);
  return event;
}

HostAdded enrolled(const std::string& uuid) {
  HostAdded event;
  event.host_uuid = uuid;
  return event;
}

/// A store with a host, a profile and a pending row, and the count of its events.
class BadInput : public ::testing::Test {
 protected:
  BadInput() : subject_(Policy(), "recording") {
    take({at(0), upload("p1")});
    take({at(0), enrolled("H1")});
    take({at(1), Reconciled{}});
    before_ = subject_.export_rows();
    EXPECT_THAT(before_, ::testing::HasSubstr("pending"));
  }

  Judged take(const Event& event) { return subject_.apply({event}, ++events_).at(0); }

  /// The event is refused for `what`; the state stays, also after opening again.
  void expect_refused(const Event& event, Outcome outcome, const std::string& what) {
    const Judged judged = take(event);
    EXPECT_EQ(name_of(judged.outcome), name_of(outcome)) << judged.detail;
    EXPECT_THAT(judged.detail, ::testing::HasSubstr(what));
    expect_kept();
  }

  void expect_kept() {
    EXPECT_EQ(subject_.export_rows(), before_);
    subject_.reopen();
    EXPECT_EQ(subject_.export_rows(), before_);
    EXPECT_THAT(subject_.findings(), ::testing::IsEmpty());
    EXPECT_EQ(require(subject_.store().last_position("recording"), "position")->event, events_);
  }

  StoreSubject subject_;
  std::uint64_t events_ = 0;
  std::string before_;
};

TEST_F(BadInput, unknownThingsAreRefused) {
  CommandResult answer;
  answer.host_uuid = "H1";
  answer.command_uuid = "never issued";
  answer.status = "Acknowledged";
  expect_refused({at(2), answer}, Outcome::kUnknownCommand, "");
  expect_refused({at(2), HostTransferred{"H9", 1}}, Outcome::kUnknownHost, "");
  expect_refused({at(2), ProfileDeleted{"p9"}}, Outcome::kUnknownProfile, "");
  expect_refused({at(2), LabelDeleted{"none"}}, Outcome::kUnknownLabel, "");
  ProfileUploaded labelled = upload("p2");
  labelled.labels_include_all = {"none"};
  expect_refused({at(2), labelled}, Outcome::kUnknownLabel, "none");
}

TEST_F(BadInput, linesThatCannotBeReadAreRefused) {
  const Table table(R"(
line                                                                       | reason
{"type":"host_added","at":"2025-06-15T15:07:00Z","host_uuid":"H2","platform":"beos", \
  "team_id":0}                                                             | platform
{"type":"host_vanished","at":"2025-06-15T15:07:00Z","host_uuid":"H1"}      | host_vanished
{"type":"host_deleted","at":"2025-06-15T15:07:00Z"}                        | host_uuid
{"type":"host_deleted","at":"yesterday","host_uuid":"H1"}                  | at
{"type":"host_transferred","at":"2025-06-15T15:07:00Z","host_uuid":"H1", \
  "team_id":"x"}                                                           | team_id
{"type":"profiles_reported","at":"2025-06-15T15:07:00Z","host_uuid":"H1", \
  "detail_updated_at":"2025-06-15T15:07:00Z","profiles":[{"identifier":"com.example.p1", \
  "display_name":"d","install_date":"garbage"}]}                           | install_date
{"type":"host_deleted","at":"2025-06-15T15:07:00Z","host_uu                |
)");
  for (const TableRow& row : table) {
    SCOPED_TRACE(row.text());
    const Event event = parse_canonical_line(row["line"]);
    ASSERT_TRUE(std::holds_alternative<Unreadable>(event.body));
    EXPECT_NE(std::get<Unreadable>(event.body).reason, "");
    expect_refused(event, Outcome::kInvalid, row["reason"]);
  }
}

TEST_F(BadInput, timeGoingBackIsRefusedInARecordingAndRaisedLive) {
  expect_refused({at(0), HostDeleted{"H1"}}, Outcome::kInvalid, "");
  const Judged raised = subject_.apply_live({{at(0), HostTransferred{"H1", 3}}}).at(0);
  EXPECT_EQ(raised.outcome, Outcome::kApplied);
  EXPECT_THAT(subject_.export_hosts(), ::testing::HasSubstr("\"team_id\":3"));
}

TEST_F(BadInput, ofDuplicateIdentifiersTheLastCounts) {
  ProfilesReported report;
  report.host_uuid = "H1";
  report.detail_updated_at = at(10'000);
  report.profiles.add("com.example.p1", "", at(-60));
  report.profiles.add("com.example.p1", "", at(60));
  EXPECT_EQ(take({at(10'000), report}).outcome, Outcome::kApplied);
  EXPECT_THAT(subject_.export_rows(), ::testing::HasSubstr("\"status\":\"verified\""));
}

TEST_F(BadInput, aReportOfAHundredThousandRowsIsProcessed) {
  ProfilesReported report;
  report.host_uuid = "H1";
  report.detail_updated_at = at(10'000);
  for (int i = 0; i < 99'999; ++i) report.profiles.add("com.other." + std::to_string(i), "", at(0));
  report.profiles.add("com.example.p1", "", at(60));
  EXPECT_EQ(take({at(10'000), report}).outcome, Outcome::kApplied);
  EXPECT_THAT(subject_.export_rows(), ::testing::HasSubstr("\"status\":\"verified\""));
}

TEST_F(BadInput, idsAreBounded) {
  const std::string longest(kIdBytesMax, 'h');
  EXPECT_EQ(take({at(2), enrolled(longest)}).outcome, Outcome::kApplied);
  expect_refused({at(2), enrolled(longest + "h")}, Outcome::kInvalid, "host_uuid");
  expect_refused({at(2), enrolled(longest + "h")}, Outcome::kInvalid, "1024");
  expect_refused({at(2), enrolled("")}, Outcome::kInvalid, "host_uuid");
  ProfileUploaded named = upload("p2");
  named.name = longest + "n";
  expect_refused({at(2), named}, Outcome::kInvalid, "name");
  expect_refused({at(2), LabelCreated{longest + "l"}}, Outcome::kInvalid, "label");
}

TEST_F(BadInput, textIsUtf8) {
  expect_refused({at(2), enrolled("H\xFF")}, Outcome::kInvalid, "UTF-8");
  expect_refused({at(2), LabelCreated{"\xC0\x80"}}, Outcome::kInvalid, "UTF-8");
  InstallResult result{"H1", "c", DeliveryStatus::kVerified, "\xED\xA0\x80"};
  expect_refused({at(2), result}, Outcome::kInvalid, "detail");
}

TEST_F(BadInput, rowsAreBounded) {
  std::vector<Event> uploads;
  for (std::size_t i = 0; i < kRowsPerHostMax; ++i) {
    uploads.push_back({at(2), upload("q" + std::to_string(i), 7)});
  }
  const std::vector<Judged> judged = subject_.apply(uploads, events_ + 1);
  events_ += uploads.size();
  EXPECT_EQ(judged.back().outcome, Outcome::kApplied);
  expect_refused({at(2), upload("one more", 7)}, Outcome::kInvalid, "4096");
  take({at(2), HostTransferred{"H1", 7}});
  // The old team's row goes by command and keeps its place: one install has to wait.
  EXPECT_EQ(take({at(2), Reconciled{}}).divergences, 1U);
  std::size_t rows = 0;
  const Snapshot snapshot = require(subject_.store().snapshot(), "snapshot");
  require_ok(snapshot.visit_host("H1", {},
                                 [&rows](const ProfileState&) {
                                   ++rows;
                                   return true;
                                 }),
             "visit");
  EXPECT_EQ(rows, kRowsPerHostMax);
  EXPECT_THAT(subject_.findings(), ::testing::IsEmpty());
}

TEST_F(BadInput, gapsAndEmptySourcesAreMisuse) {
  const std::vector<Event> events = {{at(2), HostDeleted{"H1"}}};
  const auto gap = subject_.store().apply(events, SourcePosition{"recording", events_ + 2});
  EXPECT_EQ(gap.status().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(gap.status().message()), ::testing::HasSubstr("recording"));
  const auto unnamed = subject_.store().apply(events, SourcePosition{"", 1});
  EXPECT_EQ(unnamed.status().code(), StatusCode::kInvalidArgument);
  expect_kept();
}

TEST_F(BadInput, anEventTakenBeforeIsADuplicate) {
  const std::vector<Event> events = {{at(2), HostDeleted{"H1"}}};
  const auto again =
      require(subject_.store().apply(events, SourcePosition{"recording", 1}), "apply");
  EXPECT_EQ(again.results.at(0).outcome, Outcome::kDuplicate);
  expect_kept();
}

TEST_F(BadInput, aCutLastLineIsOneRejectedEvent) {
  const TempDir folder;
  const std::filesystem::path file = folder.path() / "cut.ndjson";
  write_file(file,
             "{\"type\":\"header\",\"version\":1,\"id\":\"cut\"}\n"
             "{\"type\":\"host_transferred\",\"at\":\"2025-06-15T16:00:00Z\",\"host_uuid\":\"H1\","
             "\"team_id\":5}\n"
             "{\"type\":\"host_deleted\",\"at\":\"2025-06-15T16:00:00Z\",\"host_u");
  const std::vector<std::filesystem::path> files = {file};
  const ReplayReport report = require(replay(subject_.store(), files, {}, {}), "replay");
  EXPECT_EQ(report.events, 2U);
  ASSERT_EQ(report.first_rejected.size(), 1U);
  EXPECT_EQ(report.first_rejected[0].line, 3U);
  EXPECT_THAT(report.first_rejected[0].file, ::testing::HasSubstr("cut.ndjson"));
  EXPECT_NE(report.first_rejected[0].reason, "");
  EXPECT_THAT(subject_.export_hosts(), ::testing::HasSubstr("\"team_id\":5"));
  expect_kept();
}

TEST_F(BadInput, aFolderIsNoRecording) {
  const TempDir folder;
  const auto reader = RecordingReader::open(folder.path());
  ASSERT_FALSE(reader.ok());
  EXPECT_THAT(std::string(reader.status().message()), ::testing::HasSubstr(folder.path().string()));
  const auto missing = RecordingReader::open(folder.path() / "missing.ndjson");
  EXPECT_EQ(missing.status().code(), StatusCode::kNotFound);
  const std::vector<std::filesystem::path> files = {folder.path()};
  EXPECT_FALSE(replay(subject_.store(), files, {}, {}).ok());
  expect_kept();
}

TEST_F(BadInput, aFullDiskStopsTheStoreAndLosesNothing) {
  static TestDisk* const disk = new TestDisk;
  StoreSetUp set_up;
  set_up.tuning.env = disk->env();
  const TempDir folder;
  StoreOptions options;
  options.path = folder.path() / "store";
  const auto read_rows = [](const Store& store) {
    std::string rows;
    require_ok(require(store.snapshot(), "snapshot").export_rows([&rows](std::string_view line) {
      rows += line;
      return true;
    }),
               "export");
    return rows;
  };
  {
    Store store = require(store::open_tuned(options, set_up.tuning), "open");
    const std::vector<Event> good = {
        {at(0), upload("p1")}, {at(0), enrolled("H1")}, {at(1), Reconciled{}}};
    require(store.apply(good, SourcePosition{"recording", 1}), "apply");
    before_ = read_rows(store);
    disk->set_full(true);
    const std::vector<Event> lost = {{at(2), HostDeleted{"H1"}}};
    const auto failed = store.apply(lost, SourcePosition{"recording", 4});
    EXPECT_EQ(failed.status().code(), StatusCode::kIoError) << failed.status().to_string();
    disk->set_full(false);
    const auto after = store.apply(lost, SourcePosition{"recording", 4});
    EXPECT_FALSE(after.ok());
    EXPECT_THAT(std::string(after.status().message()), ::testing::HasSubstr("full"));
    EXPECT_FALSE(store.close().ok());
  }
  // The engine that failed is never closed and keeps its lock: another process would open the
  // store, here a copy is opened.
  std::filesystem::copy(options.path, folder.path() / "copy",
                        std::filesystem::copy_options::recursive);
  options.path = folder.path() / "copy";
  Store again = require(store::open_tuned(options, set_up.tuning), "open again");
  EXPECT_EQ(read_rows(again), before_);
  EXPECT_EQ(require(again.last_position("recording"), "position")->event, 3U);
  require_ok(again.close(), "close");
}

}  // namespace
}  // namespace muster::test
