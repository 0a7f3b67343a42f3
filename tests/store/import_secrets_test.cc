// Secrets in recordings of other systems: none of them is kept anywhere.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "muster/backup.h"
#include "muster/import.h"
#include "store/layout.h"
#include "tests/support/files.h"
#include "tests/support/planted_secrets.h"
#include "tests/support/raw_store.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

namespace fs = std::filesystem;

class ImportSecrets : public testing::Test {
 protected:
  /// Everything that was kept, as text: records of every family, and every file as it is.
  static std::string kept(const fs::path& store) {
    const RawStore raw(store);
    std::string text = files(store);
    for (const store::FamilyInfo& family : store::kFamilies) {
      for (const auto& [key, value] : raw.all(family.name)) text += key + '\n' + value + '\n';
    }
    return text;
  }

  static std::string files(const fs::path& folder) {
    std::string text;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file()) text += read_bytes(entry.path());
      if (entry.path().extension() == ".mrec") text += recorded(entry.path());
    }
    return text;
  }

  /// A segment of the recorder, whose frames are compressed.
  static std::string recorded(const fs::path& segment) {
    std::string text;
    RecordingReader reader = require(RecordingReader::open(segment), "open");
    while (const RecordedEvent* recorded = require(reader.next(), "next")) {
      text += to_canonical_line(recorded->event) + '\n';
    }
    return text;
  }

  TempDir folder_;
};

TEST_F(ImportSecrets, areNotKept) {
  StoreOptions store_options = buffered(folder_ / "store");
  store_options.recorder.emplace();
  Store store = open_store(store_options);
  int planted = 0;
  std::string told;
  for (const RecordingFormat format : kFormatsWithSecrets) {
    const std::string content = with_secrets(format, planted);
    const fs::path file = folder_ / std::string(name_of(format));
    write_file(file, content);
    ImportOptions options;
    options.format = format;
    options.begin = Timestamp{1'770'138'000'000'000};
    options.on_unread = [&](const UnreadDocument& unread) {
      told += unread.reason + '\n';
      return Status();
    };
    const std::vector<fs::path> files = {file};
    const ImportReport report =
        require(replay(store, files, options, ReplayOptions{}, {}), "replay");
    EXPECT_GT(report.notes.documents, 20U) << name_of(format);
    EXPECT_GT(report.notes.unreadable, 0U) << name_of(format);
    for (const auto& [what, count] : report.notes.passed_over) told += what + '\n';
    for (const auto& [what, count] : report.notes.noted) told += what + '\n';
    for (const RejectedEvent& rejected : report.first_rejected) told += rejected.reason + '\n';
    for (const std::string& line : report.first_divergences) told += line + '\n';
  }
  EXPECT_GE(planted, 100);
  require(store.backup(folder_ / "backups"), "backup");
  require_ok(store.close(), "close");
  RestoreOptions restore;
  restore.folder = folder_ / "backups";
  restore.store = folder_ / "restored";
  require(restore_backup(restore), "restore");
  const std::string all =
      kept(folder_ / "store") + files(folder_ / "backups") + kept(folder_ / "restored") + told;
  EXPECT_NE(all.find(R"("type":"profiles_reported")"), std::string::npos) << "what may be kept is";
  EXPECT_EQ(first_secret_in(all), "");
}

}  // namespace
}  // namespace muster::test
