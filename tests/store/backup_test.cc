// Backups: what they hold, what is found when they are damaged, and what comes back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "muster/backup.h"
#include "store/store_directory.h"
#include "tests/store/system_calls.h"
#include "tests/support/files.h"
#include "tests/support/fleet.h"
#include "tests/support/sanitized.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

class Backups : public testing::Test {
 protected:
  Store open(const std::string& name = "store") { return open_store(buffered(folder_ / name)); }

  /// Two backups, with events before, between and behind them.
  void make_two() {
    Store store = open();
    const std::vector<Event> events = fleet_events({11, 60, 3}, 400);
    const std::size_t third = events.size() / 3;
    apply(store, std::span(events).first(third), "fleet", 1);
    first_ = require(store.backup(backups_), "backup");
    first_digest_ = digest_of(store);
    apply(store, std::span(events).subspan(third, third), "fleet", third + 1);
    second_ = require(store.backup(backups_), "backup");
    second_digest_ = digest_of(store);
    apply(store, std::span(events).subspan(2 * third), "fleet", 2 * third + 1);
    require_ok(store.close(), "close");
  }

  Result<StoreStats> restore(const std::string& name, std::uint32_t id = 0, bool replace = false) {
    return restore_backup({backups_, id, folder_ / name, replace});
  }
  std::string digest_of_restored(const std::string& name) {
    Store store = open(name);
    EXPECT_EQ(to_text(findings_of(store)), "");
    const std::string digest = digest_of(store);
    require_ok(store.close(), "close");
    return digest;
  }
  static std::string with_another_checksum(std::string list) {
    char& digit = list.at(list.find('\n', list.find("shared_checksum/")) - 1);
    digit = digit == '1' ? '2' : '1';
    return list;
  }
  static bool flip_table(const fs::path& file) {
    if (file.extension() != ".sst") return false;
    std::string bytes = read_bytes(file);
    bytes.at(bytes.size() / 2) ^= 4;
    write_file(file, bytes);
    return true;
  }
  std::vector<fs::path> files() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(backups_)) {
      if (entry.is_regular_file()) found.push_back(entry.path());
    }
    return found;
  }

  std::set<std::string> names_beside(const std::string& name) const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      const std::string found = entry.path().filename();
      if (found.starts_with(name + ".")) names.insert(found);
    }
    return names;
  }

  TempDir folder_;
  fs::path backups_ = folder_ / "backups";
  Backup first_;
  Backup second_;
  std::string first_digest_;
  std::string second_digest_;
};

TEST_F(Backups, giveTheStoreBack) {
  make_two();
  EXPECT_EQ(first_.id, 1U);
  EXPECT_EQ(second_.id, 2U);
  EXPECT_GT(second_.sequence, first_.sequence);
  const StoreStats restored = require(restore("again"), "restore");
  EXPECT_EQ(restored.sequence, second_.sequence);
  EXPECT_EQ(restored.store_id, second_.store_id);
  EXPECT_EQ(digest_of_restored("again"), second_digest_);
  require(restore("older", 1), "restore");
  EXPECT_EQ(digest_of_restored("older"), first_digest_);
}

/// A restored store takes the rest of its recording from where it was.
TEST_F(Backups, aRestoredStoreGoesOn) {
  make_two();
  require(restore("again", 1), "restore");
  const std::vector<Event> events = fleet_events({11, 60, 3}, 400);
  Store store = open("again");
  apply(store, events, "fleet", 1);
  Store original = open();
  EXPECT_EQ(digest_of(store), digest_of(original));
}

TEST_F(Backups, areTheirOwnersAlone) {
  make_two();
  require(restore("again"), "restore");
  for (const fs::path& root : {backups_, folder_ / "again"}) {
    struct ::stat about {};
    ASSERT_EQ(::stat(root.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0700U) << root;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      if (!entry.is_regular_file()) continue;
      ASSERT_EQ(::stat(entry.path().c_str(), &about), 0);
      EXPECT_EQ(about.st_mode & 0777U, 0600U) << entry.path();
    }
  }
}

TEST_F(Backups, whatDidNotChangeIsThereOnce) {
  Store store = open();
  apply_all(store, fleet_events({12, 200, 3}, 100), "fleet", 64);
  require(store.backup(backups_), "backup");
  const auto tables = [&] {
    std::size_t count = 0;
    for (const fs::path& file : files()) count += file.extension() == ".sst" ? 1 : 0;
    return count;
  };
  const std::size_t before = tables();
  ASSERT_GT(before, 0U);
  require(store.backup(backups_), "backup");
  EXPECT_EQ(tables(), before);
  EXPECT_EQ(require(delete_old_backups(backups_, 1), "delete"), 1U);
  EXPECT_EQ(tables(), before) << "the newer one needs them";
  const std::vector<Backup> left = require(list_backups(backups_), "list");
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].id, 2U);
  require(verify_backup(backups_), "verify");
}

/// Whatever byte of whatever file: the backup is not taken, and nothing stands where it was to go.
TEST_F(Backups, damageIsFound) {
  make_two();
  std::size_t damaged = 0;
  for (const fs::path& file : files()) {
    if (file.filename() == store::kLockName || fs::file_size(file) == 0) continue;
    const std::string whole = read_bytes(file);
    for (const std::size_t at : {whole.size() / 2, std::size_t{0}, whole.size() - 1}) {
      if (kSanitized && at != whole.size() / 2) continue;
      std::string flipped = whole;
      flipped[at] = static_cast<char>(flipped[at] ^ 4);
      std::ofstream(file, std::ios::binary) << flipped;
      for (const std::uint32_t id : {1U, 2U}) {
        const bool found = !verify_backup(backups_, id).ok();
        damaged += found ? 1 : 0;
        // A file of the other backup alone: that this one comes back is seen once.
        if (!found && at > 0) continue;
        const Result<StoreStats> restored = restore("again", id);
        EXPECT_EQ(restored.ok(), !found) << file << " at " << at;
        if (restored.ok()) {
          EXPECT_EQ(digest_of_restored("again"), id == 1 ? first_digest_ : second_digest_)
              << file << " at " << at;
        }
        EXPECT_EQ(fs::exists(folder_ / "again"), restored.ok());
        EXPECT_FALSE(fs::exists(folder_ / "again.restoring"));
        fs::remove_all(folder_ / "again");
      }
    }
    std::ofstream(file, std::ios::binary) << whole;
  }
  EXPECT_GT(damaged, kSanitized ? 10U : 30U);
  require(verify_backup(backups_, 1), "verify");
}

/// The folder's tables rot, the store has them: the next backup copies them again.
TEST_F(Backups, rottenTablesAreCopiedAgain) {
  make_two();
  StoreOptions options = buffered(folder_ / "store");
  std::string notes;
  options.log = [&](LogLevel, std::string_view text) { notes += std::string(text) + '\n'; };
  Store store = open_store(options);
  require(store.backup(backups_), "backup");
  const std::string digest = digest_of(store);
  std::size_t rotten = 0;
  for (const fs::path& file : files()) {
    if (!flip_table(file) || ++rotten % 3 != 0) continue;
    fs::resize_file(file, fs::file_size(file) - 1);
  }
  ASSERT_GT(rotten, 2U);
  EXPECT_EQ(verify_backup(backups_, 2).status().code(), StatusCode::kCorruption);
  EXPECT_EQ(require(store.backup(backups_), "backup").id, 4U);
  EXPECT_THAT(notes, HasSubstr("is copied again"));
  require_ok(store.close(), "close");
  EXPECT_EQ(require(verify_backup(backups_), "verify").id, 4U);
  require(restore("again"), "restore");
  EXPECT_EQ(digest_of_restored("again"), digest);
  EXPECT_EQ(require(list_backups(backups_), "list").size(), 4U);
  // Whole again where the store still has all of their tables, and damaged where not.
  const std::string digests[] = {first_digest_, second_digest_, digest};
  for (const std::uint32_t id : {1U, 2U, 3U}) {
    const std::string name = "older" + std::to_string(id);
    const Status verified = verify_backup(backups_, id).status();
    const Status restored = restore(name, id).status();
    EXPECT_EQ(restored.ok(), verified.ok()) << restored.to_string();
    if (verified.ok()) {
      EXPECT_EQ(digest_of_restored(name), digests[id - 1]);
    } else {
      EXPECT_EQ(verified.code(), StatusCode::kCorruption) << verified.to_string();
      EXPECT_FALSE(fs::exists(folder_ / name));
    }
  }
}

/// A file that only the older one has is not put right by a newer one.
TEST_F(Backups, whatRottedInAnOlderOneStaysNamed) {
  make_two();
  const fs::path current = backups_ / "private" / "1" / "CURRENT";
  write_file(current, "MANIFEST-9" + read_bytes(current).substr(10));
  for (const fs::path& file : files()) flip_table(file);
  Store store = open();
  require(store.backup(backups_), "backup");
  EXPECT_EQ(verify_backup(backups_, 1).status().code(), StatusCode::kCorruption);
  EXPECT_EQ(restore("again", 1).status().code(), StatusCode::kCorruption);
  EXPECT_FALSE(fs::exists(folder_ / "again"));
  EXPECT_EQ(require(verify_backup(backups_), "verify").id, 3U);
}

/// The device damages what is written to it: no backup is left that only looks like one.
TEST_F(Backups, whatCannotBeVerifiedIsNotKept) {
  make_two();
  Store store = open();
  const std::vector<Backup> before = require(list_backups(backups_), "list");
  {
    int lists = 0;
    const SyncHook hook([&](const fs::path& path) {
      if (path != backups_ / "meta") return;
      ++lists;
      for (const fs::path& file : files()) {
        if (file.extension() == ".sst") write_file(file, "x" + read_bytes(file).substr(1));
      }
    });
    const Status status = store.backup(backups_).status();
    EXPECT_EQ(status.code(), StatusCode::kCorruption) << status.to_string();
    EXPECT_THAT(std::string(status.message()), HasSubstr("the device"));
    EXPECT_EQ(lists, 2) << "made twice";
  }
  EXPECT_EQ(require(list_backups(backups_), "list").size(), before.size());
  EXPECT_FALSE(fs::exists(backups_ / "private" / "3"));
  EXPECT_EQ(require(store.backup(backups_), "backup").id, 3U);
  EXPECT_EQ(require(verify_backup(backups_), "verify").id, 3U);
}

/// Two backups have one table; a digit of its checksum in one of their lists is another one.
TEST_F(Backups, listsThatContradictEachOtherAreNamed) {
  Store store = open();
  apply_all(store, fleet_events({12, 200, 3}, 100), "fleet", 64);
  for (int i = 0; i < 2; ++i) require(store.backup(backups_), "backup");
  for (const char* id : {"1", "2"}) {
    const fs::path list = backups_ / "meta" / id;
    const std::string whole = read_bytes(list);
    write_file(list, with_another_checksum(whole));
    for (const Status& status :
         {verify_backup(backups_, 1).status(), verify_backup(backups_, 2).status(),
          store.backup(backups_).status(), delete_old_backups(backups_, 1).status()}) {
      EXPECT_EQ(status.code(), StatusCode::kCorruption) << status.to_string();
      EXPECT_THAT(std::string(status.message()), HasSubstr(list.string()));
    }
    write_file(list, whole);
  }
  require(verify_backup(backups_, 1), "verify");
}

/// No other list contradicts it, and RocksDB believes it: without it the next backup is whole.
TEST_F(Backups, aListThatRottedIsNamed) {
  Store store = open();
  apply_all(store, fleet_events({12, 200, 3}, 100), "fleet", 64);
  require(store.backup(backups_), "backup");
  const fs::path list = backups_ / "meta" / "1";
  write_file(list, with_another_checksum(read_bytes(list)));
  EXPECT_EQ(verify_backup(backups_).status().code(), StatusCode::kCorruption);
  const Status refused = store.backup(backups_).status();
  EXPECT_EQ(refused.code(), StatusCode::kCorruption);
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("move away the damaged list " + list.string()));
  EXPECT_EQ(require(list_backups(backups_), "list").size(), 1U);
  fs::rename(list, folder_ / "list");
  const std::uint32_t id = require(store.backup(backups_), "backup").id;
  EXPECT_EQ(require(verify_backup(backups_), "verify").id, id);
}

TEST_F(Backups, filesThatAreMissingAreFound) {
  make_two();
  for (const fs::path& file : files()) {
    if (file.filename() == store::kLockName) continue;
    fs::rename(file, folder_ / "away");
    const bool both = verify_backup(backups_, 1).ok() && verify_backup(backups_, 2).ok();
    EXPECT_FALSE(both) << file;
    fs::rename(folder_ / "away", file);
  }
}

/// A folder may come from anywhere: no name in it leads out of the store's directory.
TEST_F(Backups, onlyFilesOfBackupsAreTaken) {
  make_two();
  const fs::path manifest = backups_ / "meta" / "1";
  const std::string whole = read_bytes(manifest);
  const auto with = [&](const std::string& instead) {
    std::string text = whole;
    const std::string name = "private/1/CURRENT";
    const std::size_t at = text.find(name);
    EXPECT_NE(at, std::string::npos);
    std::ofstream(manifest, std::ios::binary) << text.replace(at, name.size(), instead);
  };
  write_file(folder_ / "evil", "x");
  for (const char* name : {"private/1/../../../evil", "../evil", "private/2/CURRENT",
                           "private/1/evil", "shared_checksum/../../evil"}) {
    with(name);
    EXPECT_FALSE(verify_backup(backups_, 1).ok()) << name;
    EXPECT_FALSE(restore("again", 1).ok()) << name;
    EXPECT_FALSE(fs::exists(folder_ / "again")) << name;
  }
  with("private/1/CURRENT");
  const fs::path current = backups_ / "private" / "1" / "CURRENT";
  fs::rename(current, folder_ / "current");
  fs::create_symlink(folder_ / "current", current);
  const Status linked = verify_backup(backups_, 1).status();
  EXPECT_THAT(std::string(linked.message()), HasSubstr("is no file of a backup"));
}

TEST_F(Backups, aFolderIsOneStores) {
  make_two();
  Store other = open("other");
  const Status theirs = other.backup(backups_).status();
  EXPECT_EQ(theirs.code(), StatusCode::kNotAStore);
  EXPECT_THAT(std::string(theirs.message()), HasSubstr("holds backups of store"));
  fs::create_directory(folder_ / "photos");
  write_file(folder_ / "photos" / "cat.jpg", "meow");
  EXPECT_EQ(other.backup(folder_ / "photos").status().code(), StatusCode::kNotAStore);
  EXPECT_EQ(list_backups(folder_ / "photos").status().code(), StatusCode::kNotAStore);
  EXPECT_EQ(list_backups(folder_ / "none").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(verify_backup(backups_, 7).status().code(), StatusCode::kNotFound);
  const auto held = store::StoreLock::take(backups_);
  ASSERT_TRUE(held.ok());
  Store store = open();
  EXPECT_EQ(store.backup(backups_).status().code(), StatusCode::kBusy);
}

TEST_F(Backups, whatStandsThereGivesWayWhole) {
  make_two();
  EXPECT_EQ(restore("store").status().code(), StatusCode::kInvalidArgument);
  {
    Store running = open();
    EXPECT_EQ(restore("store", 1, true).status().code(), StatusCode::kBusy);
    require_ok(running.close(), "close");
  }
  const std::string before = digest_of_restored("store");
  require(restore("store", 1, true), "restore");
  EXPECT_EQ(digest_of_restored("store"), first_digest_);
  EXPECT_EQ(digest_of_restored("store.replaced"), before);
  const Status again = restore("store", 2, true).status();
  EXPECT_EQ(again.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(again.message()), HasSubstr("store.replaced"));
  EXPECT_EQ(digest_of_restored("store"), first_digest_);
}

/// The newest backup lacks a file: nobody takes an older one unasked.
TEST_F(Backups, aDamagedOneIsNotPassedOver) {
  make_two();
  fs::remove(backups_ / "private" / "2" / "CURRENT");
  const std::vector<Backup> all = require(list_backups(backups_), "list");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_FALSE(all[0].damaged);
  EXPECT_TRUE(all[1].damaged);
  EXPECT_EQ(verify_backup(backups_).status().code(), StatusCode::kCorruption);
  EXPECT_EQ(verify_backup(backups_, 2).status().code(), StatusCode::kCorruption);
  EXPECT_EQ(restore("again").status().code(), StatusCode::kCorruption);
  require(verify_backup(backups_, 1), "verify");
  require(restore("again", 1), "restore");
  EXPECT_EQ(digest_of_restored("again"), first_digest_);
  EXPECT_EQ(require(delete_old_backups(backups_, 1), "delete"), 0U);
}

TEST_F(Backups, comeBackWhateverThePathIsCalled) {
  make_two();
  const RestoreOptions slash = {backups_, 0, folder_ / "slash" / "", false};
  require(restore_backup(slash), "restore");
  EXPECT_EQ(digest_of_restored("slash"), second_digest_);
  fs::create_directory_symlink(folder_ / "slash", folder_ / "link");
  require(restore_backup({backups_, 1, folder_ / "link", true}), "restore");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_EQ(digest_of_restored("slash"), first_digest_);
  EXPECT_TRUE(fs::exists(folder_ / "slash.replaced"));
}

TEST_F(Backups, twoRestoresDoNotShareACopy) {
  make_two();
  fs::create_directory(folder_ / "again.restoring");
  {
    const auto other = require(store::StoreLock::take(folder_ / "again.restoring"), "lock");
    EXPECT_EQ(restore("again").status().code(), StatusCode::kBusy);
  }
  require(restore("again"), "restore");
}

/// A copy that a kill left behind is in nobody's way.
TEST_F(Backups, aRestoreThatWasStoppedIsDoneAgain) {
  make_two();
  fs::create_directories(folder_ / "again.restoring" / "data");
  write_file(folder_ / "again.restoring" / "data" / "CURRENT", "MANIFEST-000099\n");
  require(restore("again"), "restore");
  EXPECT_EQ(digest_of_restored("again"), second_digest_);
}

/// Wherever it was cut off: what stood there and the restored store are whole, the one that is
/// called replaced is what stood there, and the next restore finishes or begins anew.
TEST_F(Backups, aReplacementThatWasStoppedIsDoneAgain) {
  make_two();
  const std::string before = digest_of_restored("store");
  for (int renames = 0; renames < 4; ++renames) {
    fs::remove_all(folder_ / "target");
    fs::remove_all(folder_ / "target.replaced");
    fs::copy(folder_ / "store", folder_ / "target", fs::copy_options::recursive);
    {
      const RenamesEnd cut(renames);
      EXPECT_EQ(restore("target", 1, true).ok(), renames == 3);
    }
    const bool has_changed = digest_of_restored("target") == first_digest_;
    EXPECT_EQ(has_changed, renames >= 2) << renames;
    EXPECT_EQ(digest_of_restored("target"), has_changed ? first_digest_ : before);
    EXPECT_EQ(fs::exists(folder_ / "target.replaced"), renames == 3);
    const Status again = restore("target", 1, true).status();
    EXPECT_EQ(again.ok(), !has_changed) << again.to_string();
    EXPECT_THAT(std::string(again.message()), HasSubstr(has_changed ? "target.replaced" : ""));
    EXPECT_EQ(digest_of_restored("target"), first_digest_) << renames;
    EXPECT_EQ(digest_of_restored("target.replaced"), before) << renames;
    EXPECT_EQ(names_beside("target"), std::set<std::string>{"target.replaced"}) << renames;
  }
}

/// What a cut left in the restored store does not make a copy of it when it gives way itself.
TEST_F(Backups, aRestoredStoreGivesWayInItsTurn) {
  make_two();
  {
    const RenamesEnd cut(2);
    EXPECT_FALSE(restore("store", 1, true).ok());
  }
  EXPECT_EQ(restore("store", 2, true).status().code(), StatusCode::kInvalidArgument);
  fs::remove_all(folder_ / "store.replaced");
  {
    const RenamesEnd cut(2);
    EXPECT_FALSE(restore("store", 2, true).ok());
  }
  EXPECT_EQ(restore("store", 2, true).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(digest_of_restored("store"), second_digest_);
  EXPECT_EQ(digest_of_restored("store.replaced"), first_digest_);
}

/// While others commit: what was durable when it began is in it, and it ends between two commits.
/// What was copied stands in the system's memory, and says nothing about the disk.
TEST_F(Backups, areReadFromTheDisk) {
  const auto names_below = [](const fs::path& folder) {
    std::set<fs::path> names;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      const bool lock = entry.path().filename() == store::kLockName;
      if (entry.is_regular_file() && !lock) names.insert(entry.path().lexically_relative(folder));
    }
    return names;
  };
  const auto forgotten_by = [](const fs::path& folder, const std::function<void()>& call) {
    std::set<fs::path> forgotten;
    const ForgetHook hook(
        [&](const fs::path& path) { forgotten.insert(path.lexically_relative(folder)); });
    call();
    return forgotten;
  };
  Store store = open();
  apply(store, fleet_events({11, 60, 3}, 200), "fleet", 1);
  const auto made = forgotten_by(backups_, [&] { require(store.backup(backups_), "backup"); });
  std::set<fs::path> copied = names_below(backups_);
  EXPECT_GT(copied.size(), 5U);
  copied.erase("meta/1");
  EXPECT_THAT(made, IsSupersetOf(copied));
  copied.insert("meta/1");
  EXPECT_THAT(forgotten_by(backups_, [&] { require(verify_backup(backups_), "verify"); }),
              IsSupersetOf(copied));
  const fs::path copy = folder_ / "again.restoring" / "data";
  const auto restored = forgotten_by(copy, [&] { require(restore("again"), "restore"); });
  EXPECT_THAT(restored, IsSupersetOf(names_below(folder_ / "again" / "data")));
}

TEST_F(Backups, areMadeBesideWriters) {
  const std::vector<Event> events = fleet_events({13, 80, 3}, 1'500);
  constexpr std::size_t kSpan = 16;
  Store store = open();
  std::atomic<std::uint64_t> acknowledged = 0;
  std::thread writer([&] {
    for (std::size_t at = 0; at < events.size(); at += kSpan) {
      const std::size_t count = std::min(kSpan, events.size() - at);
      apply(store, std::span(events).subspan(at, count), "fleet", at + 1);
      acknowledged = at + count;
    }
  });
  std::vector<std::uint64_t> before;
  do {
    before.push_back(acknowledged);
    require(store.backup(backups_), "backup");
  } while (acknowledged < events.size() && before.size() < 40);
  writer.join();
  for (std::uint32_t id = 1; id <= before.size(); id += 5) {
    const std::string name = "restored" + std::to_string(id);
    require(restore(name, id), "restore");
    Store restored = open(name);
    EXPECT_EQ(to_text(findings_of(restored)), "");
    const auto cursor = require(restored.last_position("fleet"), "position");
    const std::uint64_t taken = cursor ? cursor->event : 0;
    EXPECT_GE(taken, before[id - 1]);
    Store model = open("model" + std::to_string(id));
    apply(model, std::span(events).first(taken), "fleet", 1);
    EXPECT_EQ(digest_of(restored), digest_of(model)) << "after " << taken;
  }
}

/// The recorder's segments, put beside a restored store, bring it to where the original was.
TEST_F(Backups, theRecorderGivesTheRest) {
  StoreOptions options = buffered(folder_ / "store");
  options.recorder.emplace();
  const std::vector<Event> events = fleet_events({14, 60, 3}, 300);
  const std::size_t half = events.size() / 2;
  std::string digest;
  {
    Store store = open_store(options);
    apply(store, std::span(events).first(half), "fleet", 1);
    require(store.backup(backups_), "backup");
    apply(store, std::span(events).subspan(half), "fleet", half + 1);
    digest = digest_of(store);
    require_ok(store.close(), "close");
  }
  require(restore("again"), "restore");
  fs::copy(folder_ / "store" / "recorder", folder_ / "again" / "recorder");
  options.path = folder_ / "again";
  Store store = open_store(options);
  EXPECT_EQ(digest_of(store), digest);
  EXPECT_EQ(to_text(findings_of(store)), "");
}

TEST_F(Backups, aStoreOpenedReadOnlyMakesNone) {
  make_two();
  Store store = open_store(read_only(folder_ / "store"));
  EXPECT_EQ(store.backup(folder_ / "others").status().code(), StatusCode::kReadOnly);
}

}  // namespace
}  // namespace muster::test
