#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>

#include "muster/backup.h"
#include "muster/store.h"
#include "store/backup_folder.h"
#include "store/layout.h"
#include "store/store_directory.h"

namespace muster {
namespace {

namespace fs = std::filesystem;
using store::BackupFolder;

/// What has to give way, held so that nobody writes there; nothing where nothing stands.
Result<std::optional<store::StoreLock>> hold_target(const fs::path& target, bool replace) {
  std::error_code error;
  const bool there = fs::exists(fs::symlink_status(target, error));
  if (!there) return std::optional<store::StoreLock>();
  if (!replace) {
    return Status(StatusCode::kInvalidArgument,
                  target.string() +
                      ": something stands there: name a new directory, or ask "
                      "to replace it");
  }
  if (!fs::is_directory(target, error)) {
    return Status(StatusCode::kNotAStore, target.string() + " is no directory");
  }
  Result<store::StoreLock> lock = store::StoreLock::take(target);
  if (!lock.ok()) return lock.status();
  return std::optional(std::move(*lock));
}

/// A sibling of the store's directory, with a word behind its name.
fs::path beside(fs::path store, const char* word) {
  store += word;
  return store;
}

/// Two restores of one store do not share a copy: it is locked. What an earlier one did not finish
/// has nothing that anyone needs.
Result<store::StoreLock> make_copy_directory(const fs::path& copy) {
  if (Status status = store::make_private_directory(copy); !status.ok()) return status;
  Result<store::StoreLock> lock = store::StoreLock::take(copy);
  if (!lock.ok()) return lock;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(copy, error)) {
    if (entry.path().filename() != store::kLockName) fs::remove_all(entry.path(), error);
  }
  if (error) return Status(StatusCode::kIoError, copy.string() + ": " + error.message());
  const fs::path data = store::data_path(copy);
  if (Status status = store::make_private_directory(data); !status.ok()) return status;
  return lock;
}

/// Opens the copy and reads all of it.
Result<StoreStats> prove(const fs::path& copy) {
  StoreOptions options;
  options.path = copy;
  options.read_only = true;
  const Result<Store> store = Store::open(options);
  if (!store.ok()) return store.status();
  std::string first;
  const Result<std::uint64_t> findings = store->check([&](const Finding& finding) {
    first = to_string(finding);
    return false;
  });
  if (!findings.ok()) return findings.status();
  if (*findings > 0) {
    return Status(StatusCode::kCorruption, "the restored store is not whole: " + first);
  }
  return store->stats();
}

Status rename(const fs::path& from, const fs::path& to, unsigned flags) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags) == 0) return {};
  return {StatusCode::kIoError, to.string() + ": " + std::strerror(errno)};
}

/// Stands in a copy until it has taken a store's place.
constexpr const char* kCopyMark = "restored-copy";

Status set_copy_mark(const fs::path& store, bool is_copy) {
  std::error_code error;
  const fs::path mark = store / kCopyMark;
  const bool set = is_copy ? std::ofstream(mark).good() : fs::remove(mark, error) || !error;
  if (!set) return {StatusCode::kIoError, mark.string() + ": cannot be changed"};
  return store::sync_directory(store);
}

/// A copy and the store that gives way change places under a name that says neither: what a kill
/// leaves there is the one or the other, and the mark tells which.
Status finish_earlier_exchange(const fs::path& target) {
  const fs::path between = beside(target, ".exchanging");
  std::error_code error;
  if (!fs::exists(fs::symlink_status(between, error))) return {};
  const Result<store::StoreLock> lock = store::StoreLock::take(between);
  if (!lock.ok()) return lock.status();
  if (!fs::exists(between / kCopyMark, error)) {
    return rename(between, beside(target, ".replaced"), RENAME_NOREPLACE);
  }
  // The mark last: what has none is the old store.
  for (auto at = fs::directory_iterator(between, error); !error && at != fs::directory_iterator();
       at.increment(error)) {
    if (at->path().filename() != kCopyMark) fs::remove_all(at->path(), error);
  }
  if (!error) fs::remove(between / kCopyMark, error);
  if (!error) fs::remove(between, error);
  return error ? Status(StatusCode::kIoError, between.string() + ": " + error.message()) : Status();
}

Status change_places(const fs::path& copy, const fs::path& target) {
  // The store that gives way may have been restored itself, and its mark have stayed.
  Status status = set_copy_mark(target, false);
  if (status.ok()) status = set_copy_mark(copy, true);
  const fs::path between = beside(target, ".exchanging");
  if (status.ok()) status = rename(copy, between, RENAME_NOREPLACE);
  if (!status.ok()) return status;
  status = rename(between, target, RENAME_EXCHANGE);
  if (status.ok()) {
    status = rename(between, beside(target, ".replaced"), RENAME_NOREPLACE);
    if (status.ok()) return {};
    if (!rename(between, target, RENAME_EXCHANGE).ok()) return status;
  }
  static_cast<void>(rename(between, copy, RENAME_NOREPLACE));
  return status;
}

Status give_name(const fs::path& copy, const fs::path& target, bool replaces) {
  Status named = replaces ? change_places(copy, target) : rename(copy, target, RENAME_NOREPLACE);
  if (named.ok()) named = store::sync_directory(target.parent_path());
  // One that stays does no harm.
  if (named.ok() && replaces) static_cast<void>(set_copy_mark(target, false));
  return named;
}

Result<StoreStats> copy_and_prove(const BackupFolder& folder, const Backup& backup,
                                  const fs::path& copy) {
  Status copied = folder.copy_to(backup, store::data_path(copy));
  if (copied.ok()) copied = store::write_marker(copy, {store::kFormatVersion, backup.store_id});
  return copied.ok() ? prove(copy) : Result<StoreStats>(copied);
}

}  // namespace

Result<StoreStats> restore_backup(const RestoreOptions& options) {
  const Result<BackupFolder> folder = BackupFolder::open(options.folder);
  if (!folder.ok()) return folder.status();
  const Result<Backup> backup = folder->find(options.id);
  if (!backup.ok()) return backup.status();
  std::error_code error;
  // What a link names, or a dot, is a directory with a name of its own, beside which the copy goes.
  fs::path target = fs::weakly_canonical(fs::absolute(options.store), error);
  if (!target.has_filename()) target = target.parent_path();
  if (error) return Status(StatusCode::kIoError, options.store.string() + ": " + error.message());
  const Result<std::optional<store::StoreLock>> held = hold_target(target, options.replace);
  if (!held.ok()) return held.status();
  const bool replaces = held->has_value();
  if (Status status = finish_earlier_exchange(target); !status.ok()) return status;
  const fs::path old = beside(target, ".replaced");
  if (replaces && fs::exists(fs::symlink_status(old, error))) {
    return Status(StatusCode::kInvalidArgument,
                  old.string() + ": stands there from an earlier restore: move it or delete it");
  }
  if (Status status = folder->verify(*backup); !status.ok()) return status;
  const fs::path copy = beside(target, ".restoring");
  const Result<store::StoreLock> lock = make_copy_directory(copy);
  if (!lock.ok()) return lock.status();
  Result<StoreStats> stats = copy_and_prove(*folder, *backup, copy);
  if (stats.ok()) {
    if (Status named = give_name(copy, target, replaces); !named.ok()) stats = named;
  }
  if (!stats.ok()) fs::remove_all(copy, error);
  return stats;
}

}  // namespace muster
