// Recordings of other systems, from their files to rows in a store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <zlib.h>

#include <algorithm>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "muster/recording_writer.h"
#include "tests/store/import_fixture.h"

namespace muster::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(Import, aLogOfReportsMakesRows) {
  const ImportReport report = import(
      "db", {file("osquery.log", snapshot_line(kFive, {"com.example.dock"}))}, with_catalog());
  EXPECT_EQ(rows_, "H1 p-dock install verified 0\nH1 p-wifi install pending 0\n");
  EXPECT_EQ(report.notes.passes_made, 2U);
  EXPECT_EQ(report.notes.hosts_introduced, 0U);
}

/// The rows that the answer made stay: the enrolment behind which it came is known.
TEST_F(Import, aFileMayBeginWithinAnEnrolment) {
  ImportOptions options = with_catalog();
  options.commands = {file("commands.ndjson", pass("2026-02-03T17:00:02Z", {{"p-dock", "c1"}}))};
  const std::string behind = check_in("2026-02-03T17:00:01Z", "TokenUpdate") +
                             answer("2026-02-03T17:00:05Z", "c1", "Acknowledged");
  const std::string whole =
      file("whole.ndjson", check_in("2026-02-03T17:00:00Z", "Authenticate") + behind);
  import("db", {whole}, options);
  EXPECT_THAT(rows_, HasSubstr("H1 p-dock install verifying 0"));
  const std::string before = digest_;
  import("db", {file("behind.ndjson", behind)}, options);
  EXPECT_EQ(digest_, before) << rows_;
}

/// Other options make another stream of the same file, and keys tell what was taken.
TEST_F(Import, aHostMapMayBeGivenLater) {
  std::string lines;
  for (int minute = 0; minute < 10; ++minute) {
    std::string line = snapshot_line(kFive + 60 * minute, {"com.example.dock"});
    lines += line;
    line.replace(line.find(R"("decorations":{"uuid":"H1"},)"), 28, "");
    line.replace(line.find(R"("hostIdentifier":"x")"), 20, R"("hostIdentifier":"mac-2")");
    lines += line;
  }
  const std::string log = file("osquery.log", lines);
  EXPECT_EQ(import("db", {log}, with_catalog()).notes.unreadable, 10U);
  ImportOptions named = with_catalog();
  named.host_map = file("hosts.ndjson", R"({"name":"mac-2","host_uuid":"H2"})");
  import("db", {log}, named);
  const std::string late = digest_;
  import("other", {log}, named);
  EXPECT_EQ(digest_, late) << rows_;
}

/// Only the begin of a pipe tells what it is: here more than a MiB that says nothing.
TEST_F(Import, aPipeThatGoesOnIsReadOn) {
  std::string first;
  while (first.size() < (5U << 18)) {
    first += R"({"name":"other","columns":{"text":")" + std::string(1000, 'x') + "\"}}\n";
  }
  first += snapshot_line(kFive, {"com.example.dock"});
  const std::string more = first + snapshot_line(kFive + 7200, {"com.example.x"}) +
                           snapshot_line(kFive + 9000, {"com.example.dock"});
  const std::filesystem::path pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  ImportOptions options = with_catalog();
  options.format = RecordingFormat::kOsqueryLog;
  for (const std::string& content : {first, more, more}) {
    std::thread writer([&] { write_file(pipe, content); });
    import("db", {pipe}, options);
    writer.join();
  }
  const std::string piped = digest_;
  import("other", {file("osquery.log", more)}, options);
  EXPECT_EQ(digest_, piped) << rows_;
}

/// Some servers leave a file a request.
TEST_F(Import, aFolderMayHaveMoreFilesThanAProcessMayOpen) {
  constexpr int kFiles = 200;
  const std::filesystem::path folder = folder_ / "requests";
  std::filesystem::create_directory(folder);
  for (int index = 0; index < kFiles; ++index) {
    write_file(folder / std::to_string(index),
               answer("2026-02-03T17:00:00Z", "c" + std::to_string(index), "Acknowledged"));
  }
  struct rlimit before {};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  struct rlimit few = before;
  few.rlim_cur = 64;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  const std::vector<std::filesystem::path> files = {folder};
  const auto reader = ImportReader::open(files, {});
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  ASSERT_TRUE(reader.ok()) << reader.status().to_string();
  EXPECT_EQ(reader->notes().documents, static_cast<std::uint64_t>(kFiles));
}

TEST_F(Import, feedingAFileTwiceChangesNothing) {
  const std::string log = file("osquery.log", snapshot_line(kFive, {"com.example.dock"}) +
                                                  snapshot_line(kFive + 7200, {"com.example.x"}));
  import("db", {log}, with_catalog());
  const std::string before = digest_;
  EXPECT_EQ(import("db", {log}, with_catalog()).events, 0U) << "the store knows the stream";
  EXPECT_EQ(digest_, before);
  // Another stream says the same.
  const std::string again = file("again.log", read_file(log) + "\n");
  const ImportReport report = import("db", {again, log}, with_catalog());
  EXPECT_EQ(report.by_type.at("profiles_reported").at(Outcome::kRepeated), 4U);
  EXPECT_EQ(digest_, before);
}

TEST_F(Import, filesThatOverlapAreOneStream) {
  std::vector<std::string> lines;
  for (int minute = 0; minute < 40; ++minute) {
    const bool dock = minute % 3 != 0;
    lines.push_back(snapshot_line(kFive + 60 * minute,
                                  {dock ? "com.example.dock" : "com.example.x"},
                                  minute % 2 == 0 ? "H1" : "H2"));
  }
  const auto joined = [&](std::size_t from, std::size_t to) {
    std::string text;
    for (std::size_t index = from; index < to; ++index) text += lines[index];
    return text;
  };
  import("whole", {file("whole.log", joined(0, 40))}, with_catalog());
  const std::string expected = digest_;
  import("parts", {file("a.log", joined(0, 25)), file("b.log", joined(15, 40))}, with_catalog());
  EXPECT_EQ(digest_, expected);
  std::mt19937 random(7);
  std::shuffle(lines.begin(), lines.end(), random);
  import("shuffled", {file("c.log", joined(0, 40))}, with_catalog());
  EXPECT_EQ(digest_, expected);
}

TEST_F(Import, goesOnWhereItStopped) {
  std::string log;
  for (int minute = 0; minute < 20; ++minute) {
    log += snapshot_line(kFive + 60 * minute, {"com.example.dock"}, minute % 2 == 0 ? "H1" : "H2");
  }
  const std::string path = file("osquery.log", log);
  import("whole", {path}, with_catalog());
  const std::string expected = digest_;
  for (std::uint64_t until = 1; until < 40; until += 3) {
    ReplayOptions part;
    part.until = until;
    part.batch = 4;
    const std::string name = "part" + std::to_string(until);
    import(name, {path}, with_catalog(), part);
    const ImportReport rest = import(name, {path}, with_catalog());
    EXPECT_EQ(rest.already_applied, until);
    EXPECT_EQ(digest_, expected) << until;
  }
}

TEST_F(Import, convertedItIsTheSame) {
  const std::string log =
      file("webhook.ndjson", answer("2026-02-03T17:00:00Z", "c1", "Error") +
                                 answer("2026-02-03T17:00:00Z", "c1", "Error") +
                                 answer("2026-02-03T17:01:00Z", "c2", "Acknowledged", "H2"));
  const std::string reports = file("osquery.log", snapshot_line(kFive, {"com.example.dock"}) +
                                                      snapshot_line(kFive, {"com.example.dock"}));
  import("imported", {log, reports}, with_catalog());
  const std::string expected = digest_;
  const std::vector<std::filesystem::path> files = {log, reports};
  ImportReader reader = require(ImportReader::open(files, with_catalog()), "open");
  RecordingHeader header;
  header.id = reader.id();
  const std::string canonical = (folder_.path() / "canonical.ndjson").string();
  RecordingWriter writer = require(RecordingWriter::create(canonical, header), "create");
  RepeatFilter filter;
  while (ImportedEvent* imported = require(reader.next(), "next")) {
    if (filter.take(*imported)) require_ok(writer.append(imported->event), "append");
  }
  require_ok(writer.close(), "close");
  Store store = open_store(buffered(folder_ / "canonical"));
  const std::vector<std::filesystem::path> converted = {canonical};
  require(replay(store, converted, ReplayOptions{}, {}), "replay");
  EXPECT_EQ(digest_of(store), expected);
}

TEST_F(Import, whatHasNoTimeComesWhereItStands) {
  const std::string plist =
      "<plist><dict><key>UDID</key><string>H1</string><key>Status</key><string>Acknowledged"
      "</string><key>CommandUUID</key><string>c1</string></dict></plist>\n";
  const std::string dump = file("dump", plist);
  Store store = open_store(buffered(folder_ / "db"));
  const std::vector<std::filesystem::path> files = {dump};
  const auto refused = replay(store, files, ImportOptions{}, ReplayOptions{}, {});
  ASSERT_TRUE(refused.ok());
  EXPECT_THAT(std::string(refused->input.message()), HasSubstr("--begin"));
  ImportOptions options;
  options.begin = Timestamp{kFive * std::int64_t{1'000'000}};
  const ImportReport report = require(replay(store, files, options, ReplayOptions{}, {}), "replay");
  EXPECT_EQ(report.notes.times_made, 1U);
  ASSERT_EQ(report.cursors.size(), 1U);
  EXPECT_EQ(to_string(report.cursors[0].at), "2026-02-03T17:00:00.000001Z");
}

TEST_F(Import, aFileThatIsCutIsReadAsFarAsItGoes) {
  std::string log;
  for (int minute = 0; minute < 40; ++minute) {
    log += snapshot_line(kFive + 60 * minute, {"com.example.x" + std::to_string(minute)});
  }
  const std::string packed = (folder_.path() / "log.gz").string();
  gzFile const out = gzopen(packed.c_str(), "wb9");
  ASSERT_EQ(gzwrite(out, log.data(), static_cast<unsigned>(log.size())),
            static_cast<int>(log.size()));
  ASSERT_EQ(gzclose(out), Z_OK);
  std::filesystem::resize_file(packed, std::filesystem::file_size(packed) / 2);
  const std::string whole = file("whole.log", snapshot_line(kFive + 7200, {"com.example.dock"}));
  const ImportReport report = import("db", {packed, whole}, with_catalog());
  EXPECT_THAT(std::string(report.input.message()), HasSubstr("log.gz: is cut"));
  EXPECT_EQ(rows_, "H1 p-dock install verified 1\nH1 p-wifi install pending 1\n")
      << "reports before the cut missed both, and the other file was read";
}

TEST_F(Import, statementsBeyondTheWindowAreRaised) {
  ImportOptions options = with_catalog();
  options.order_window = 2;
  std::string log;
  for (const int minute : {50, 51, 52, 53, 1}) {
    log += snapshot_line(kFive + 60 * minute, {"com.example.dock"});
  }
  const ImportReport report = import("db", {file("late.log", log)}, options);
  EXPECT_EQ(report.notes.times_raised, 1U);
  EXPECT_EQ(report.rejected, 0U);
}

TEST_F(Import, aCatalogOfAnySizeMayHaveOneTime) {
  std::string catalog;
  for (int number = 0; number < 500; ++number) {
    const std::string id = std::to_string(number);
    catalog += uploaded('p' + id, 'i' + id);
  }
  ImportOptions options;
  options.catalogs = {file("catalog.ndjson", catalog)};
  const std::string log = file("osquery.log", snapshot_line(kFive, {"i7"}));
  const ImportReport report = import("db", {log}, options);
  EXPECT_EQ(report.by_type.at("profile_uploaded").at(Outcome::kApplied), 500U);
}

}  // namespace
}  // namespace muster::test
