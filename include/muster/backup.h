// Copies of a store: a folder holds any number of them, and a file that did not change once.
//
// A backup is made by the process that has the store open (Store::backup), beside its writers. All
// else here works on the folder alone. Nothing of a store's recorder is in a backup: its segments,
// put beside the restored store, bring it to where the original was (docs/backup.md).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "muster/stats.h"
#include "muster/status.h"
#include "muster/types.h"

namespace muster {

struct Backup {
  std::uint32_t id = 0;      ///< counts from 1 in its folder
  std::string store_id;      ///< of the store that it is of
  Sequence sequence = 0;     ///< that the store had when it was begun; it may hold later events
  std::int64_t made_at = 0;  ///< seconds since 1970, by the clock of the machine
  std::uint64_t bytes = 0;   ///< of its files, those that it shares with others included
  std::uint64_t files = 0;
  /// It lacks a file, or its list of files cannot be read: of the rest only `id` is known.
  bool damaged = false;
};

/// The backups of the folder, the oldest first; their files are not read. kNotFound: there is no
/// such folder. kNotAStore: it holds something else. kFormatTooNew: a newer Muster wrote it.
Result<std::vector<Backup>> list_backups(const std::filesystem::path& folder);

/// Reads every file of the backup (0: the newest one, damaged or not) and compares its checksum.
/// kCorruption names what differs. kNotFound: no such backup.
Result<Backup> verify_backup(const std::filesystem::path& folder, std::uint32_t id = 0);

/// Deletes all but the newest `keep` whole backups and the files that they alone have. Returns how
/// many. Damaged ones stay. kBusy: another process is at the folder. Else as list_backups().
Result<std::size_t> delete_old_backups(const std::filesystem::path& folder, std::size_t keep);

struct RestoreOptions {
  std::filesystem::path folder;  ///< of the backups
  std::uint32_t id = 0;          ///< 0: the newest, and no other where that one is damaged
  std::filesystem::path store;   ///< the directory to make; its parent must be there
  /// What stands at `store` gives way at the moment when the restored store is whole, and stands
  /// beside it then, under its name and ".replaced", its recorder's segments with it. No process
  /// may have it open for writing.
  bool replace = false;
};

/// Verifies the backup, copies it beside `store`, opens the copy, checks all of it as Store::check
/// does, and only then gives it its name. On any error nothing stands at `store` that did not
/// before. kInvalidArgument: something stands there and is not to give way, or what gave way before
/// does still (".replaced"). kBusy: a process writes to it. kNotFound: no such backup.
/// kCorruption: it, or the copy, is damaged.
Result<StoreStats> restore_backup(const RestoreOptions& options);

}  // namespace muster
