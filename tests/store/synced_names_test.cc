// A directory that was made is on the device only when its parent was synced.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <set>

#include "muster/backup.h"
#include "tests/store/system_calls.h"
#include "tests/support/files.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::IsSupersetOf;

class SyncedNames : public testing::Test {
 protected:
  static std::set<fs::path> synced_by(const std::function<void()>& call) {
    std::set<fs::path> synced;
    const SyncHook hook([&](const fs::path& path) { synced.insert(path); });
    call();
    return synced;
  }

  TempDir folder_;
};

TEST_F(SyncedNames, ofANewStore) {
  const auto synced =
      synced_by([&] { require_ok(open_store(buffered(folder_ / "store")).close(), "close"); });
  EXPECT_THAT(synced, IsSupersetOf({folder_.path(), folder_ / "store", folder_ / "store/data"}));
}

/// Whoever made the directory may not have come to sync its name.
TEST_F(SyncedNames, ofADirectoryThatBecomesAStore) {
  fs::create_directory(folder_ / "store");
  const auto synced =
      synced_by([&] { require_ok(open_store(buffered(folder_ / "store")).close(), "close"); });
  EXPECT_THAT(synced, Contains(folder_.path()));
}

TEST_F(SyncedNames, ofAFolderOfBackups) {
  Store store = open_store(buffered(folder_ / "store"));
  fs::create_directory(folder_ / "disk");
  const auto synced =
      synced_by([&] { require(store.backup(folder_ / "disk" / "backups"), "backup"); });
  EXPECT_THAT(synced, IsSupersetOf({folder_ / "disk", folder_ / "disk/backups"}));
}

TEST_F(SyncedNames, ofARecordersDirectory) {
  fs::create_directory(folder_ / "disk");
  StoreOptions options = buffered(folder_ / "store");
  options.recorder.emplace();
  for (const fs::path& recorder : {folder_ / "store" / "recorder", folder_ / "disk" / "recorder",
                                   folder_ / "disk" / "slash" / ""}) {
    options.recorder->directory = recorder;
    const fs::path parent = recorder.has_filename() ? recorder.parent_path() : folder_ / "disk";
    require_ok(open_store(buffered(folder_ / "store")).close(), "close");
    fs::remove_all(recorder);
    const auto synced = synced_by([&] { require_ok(open_store(options).close(), "close"); });
    EXPECT_THAT(synced, Contains(parent)) << recorder;
  }
}

TEST_F(SyncedNames, ofARecordersDirectoryWhoseMakerWasKilled) {
  StoreOptions options = buffered(folder_ / "store");
  require_ok(open_store(options).close(), "close");
  fs::create_directory(folder_ / "disk");
  fs::create_directory(folder_ / "disk" / "recorder");
  options.recorder.emplace();
  options.recorder->directory = folder_ / "disk" / "recorder";
  const auto synced = synced_by([&] { require_ok(open_store(options).close(), "close"); });
  EXPECT_THAT(synced, Contains(folder_ / "disk"));
}

}  // namespace
}  // namespace muster::test
