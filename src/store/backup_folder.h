// A folder of backups as RocksDB's BackupEngine keeps it:
//
//   FOLDER/muster.lock               of the process that writes
//   FOLDER/meta/N                    the list of a backup's files, with sizes and checksums
//   FOLDER/private/N/                CURRENT, MANIFEST-*, OPTIONS-*, *.log
//   FOLDER/shared_checksum/          tables, each once: NUMBER_s*_BYTES.sst
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "muster/backup.h"
#include "muster/status.h"

namespace rocksdb {
class BackupEngine;
class BackupEngineReadOnly;
class Env;
struct BackupInfo;
}  // namespace rocksdb

namespace muster::store {

class Database;
class Notes;

/// Whole backups, for reading. Not safe from two threads at once.
class BackupFolder {
 public:
  static Result<BackupFolder> open(const std::filesystem::path& folder);
  BackupFolder(BackupFolder&&) noexcept;
  BackupFolder& operator=(BackupFolder&&) noexcept;
  ~BackupFolder();

  /// The oldest first, damaged ones too.
  Result<std::vector<Backup>> list() const;
  /// 0: the newest one.
  Result<Backup> find(std::uint32_t id) const;
  /// Every file of it has an expected name, is a file and no link, and has its checksum.
  Status verify(const Backup& backup) const;
  /// Its files, into a directory that is there and empty.
  Status copy_to(const Backup& backup, const std::filesystem::path& data) const;

 private:
  BackupFolder() = default;
  Status check_names(const Backup& backup) const;
  std::vector<std::uint32_t> damaged() const;

  std::filesystem::path path_;
  std::unique_ptr<rocksdb::Env> env_;
  std::unique_ptr<rocksdb::BackupEngineReadOnly> engine_;
};

/// Store::backup. `sequence`: that is durable when it begins.
Result<Backup> back_up(const Database& database, const std::string& store_id, Sequence sequence,
                       const std::filesystem::path& folder, const Notes& notes);

}  // namespace muster::store
