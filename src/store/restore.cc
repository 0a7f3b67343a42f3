#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
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
Result<std::optional<store::StoreLock>> hold_target(const RestoreOptions& options) {
  std::error_code error;
  const bool there = fs::exists(fs::symlink_status(options.store, error));
  if (!there) return std::optional<store::StoreLock>();
  if (!options.replace) {
    return Status(StatusCode::kInvalidArgument,
                  options.store.string() +
                      ": something stands there: name a new directory, or ask "
                      "to replace it");
  }
  if (!fs::is_directory(options.store, error)) {
    return Status(StatusCode::kNotAStore, options.store.string() + " is no directory");
  }
  Result<store::StoreLock> lock = store::StoreLock::take(options.store);
  if (!lock.ok()) return lock.status();
  return std::optional(std::move(*lock));
}

/// A sibling of the store's directory, with a word behind its name.
fs::path beside(const fs::path& store, const char* word) {
  fs::path path = store;
  if (path.filename().empty()) path = path.parent_path();
  path += word;
  return path;
}

/// A copy that an earlier restore did not finish has nothing that anyone needs.
Status make_copy_directory(const fs::path& copy) {
  std::error_code error;
  fs::remove_all(copy, error);
  if (error) return {StatusCode::kIoError, copy.string() + ": " + error.message()};
  for (const fs::path& made : {copy, store::data_path(copy)}) {
    if (Status status = store::make_private_directory(made); !status.ok()) return status;
  }
  return {};
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
    first = finding.family + ": " + finding.key + ": " + finding.what;
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

/// The store that gives way is never where a later restore puts its copy: the copy gets the name
/// of what was replaced first, and then both change places at once.
Status give_name(const fs::path& copy, const RestoreOptions& options, bool replaces) {
  const fs::path& target = options.store;
  Status named;
  if (!replaces) {
    named = rename(copy, target, RENAME_NOREPLACE);
  } else {
    const fs::path old = beside(target, ".replaced");
    named = rename(copy, old, RENAME_NOREPLACE);
    if (named.ok()) named = rename(old, target, RENAME_EXCHANGE);
  }
  if (!named.ok()) return named;
  const fs::path parent = beside(target, "").parent_path();
  return store::sync_directory(parent.empty() ? fs::path(".") : parent);
}

}  // namespace

Result<StoreStats> restore_backup(const RestoreOptions& options) {
  const Result<BackupFolder> folder = BackupFolder::open(options.folder);
  if (!folder.ok()) return folder.status();
  const Result<Backup> backup = folder->find(options.id);
  if (!backup.ok()) return backup.status();
  const Result<std::optional<store::StoreLock>> held = hold_target(options);
  if (!held.ok()) return held.status();
  const bool replaces = held->has_value();
  const fs::path old = beside(options.store, ".replaced");
  std::error_code error;
  if (replaces && fs::exists(fs::symlink_status(old, error))) {
    return Status(StatusCode::kInvalidArgument,
                  old.string() + ": stands there from an earlier restore: move it or delete it");
  }
  if (Status status = folder->verify(*backup); !status.ok()) return status;
  const fs::path copy = beside(options.store, ".restoring");
  if (Status status = make_copy_directory(copy); !status.ok()) return status;
  Status copied = folder->copy_to(*backup, store::data_path(copy));
  if (copied.ok()) {
    copied = store::write_marker(copy, {store::kFormatVersion, backup->store_id});
  }
  Result<StoreStats> stats = copied.ok() ? prove(copy) : Result<StoreStats>(copied);
  if (!stats.ok()) {
    fs::remove_all(copy, error);
    return stats;
  }
  if (Status named = give_name(copy, options, replaces); !named.ok()) return named;
  return stats;
}

}  // namespace muster
