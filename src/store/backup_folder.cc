#include "store/backup_folder.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/utilities/backup_engine.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>

#include "base/crc32c.h"
#include "store/database.h"
#include "store/layout.h"
#include "store/notes.h"
#include "store/private_files.h"
#include "store/store_directory.h"

namespace muster::store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLists = "meta";
constexpr std::string_view kTables = "shared_checksum/";
constexpr std::size_t kBytesAtOnce = std::size_t{1} << 20;

Status to_status(const fs::path& folder, const rocksdb::Status& status, std::string_view doing) {
  if (status.ok()) return {};
  const std::string where = folder.string() + ": " + std::string(doing) + ": " + status.ToString();
  if (status.IsCorruption()) return {StatusCode::kCorruption, where};
  if (status.IsNotFound()) return {StatusCode::kNotFound, where};
  return {StatusCode::kIoError, where};
}

/// `env`: where the folder is, which may be another one than the store's.
rocksdb::BackupEngineOptions engine_options(const fs::path& folder, rocksdb::Env* env) {
  rocksdb::BackupEngineOptions options(folder.string(), env);
  options.sync = true;
  return options;
}

/// What a backup says of its store, beside what BackupEngine keeps.
std::string to_metadata(const std::string& store_id, Sequence sequence) {
  return "format " + std::to_string(kFormatVersion) + " id " + store_id + " sequence " +
         std::to_string(sequence);
}

Result<Backup> to_backup(const fs::path& folder, const rocksdb::BackupInfo& info) {
  Backup backup;
  backup.id = info.backup_id;
  backup.made_at = info.timestamp;
  backup.bytes = info.size;
  backup.files = info.number_files;
  std::istringstream words(info.app_metadata);
  std::string word;
  std::uint32_t format = 0;
  const bool told = (words >> word >> format) && word == "format";
  if (told && format > kFormatVersion) {
    return Status(StatusCode::kFormatTooNew,
                  folder.string() + ": backup " + std::to_string(info.backup_id) + " has format " +
                      std::to_string(format) + ", this Muster reads up to " +
                      std::to_string(kFormatVersion) + ": use the newer Muster that made it");
  }
  if (!told || !(words >> word >> backup.store_id) || word != "id" ||
      !(words >> word >> backup.sequence) || word != "sequence") {
    return Status(StatusCode::kNotAStore, folder.string() + ": backup " +
                                              std::to_string(info.backup_id) +
                                              " is of no store of Muster's");
  }
  return backup;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// "000012_s4A7F..._8192.sst": of letters, digits and low lines.
bool is_table_name(std::string_view name) {
  if (!name.ends_with(".sst")) return false;
  name.remove_suffix(4);
  const std::size_t number = std::min(name.find('_'), name.size());
  const auto usual = [](unsigned char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  };
  return is_number(name.substr(0, number)) && std::all_of(name.begin(), name.end(), usual);
}

bool is_private_name(std::string_view name) {
  for (const std::string_view prefix : {"MANIFEST-", "OPTIONS-"}) {
    if (name.starts_with(prefix)) return is_number(name.substr(prefix.size()));
  }
  return name == "CURRENT" ||
         (name.ends_with(".log") && is_number(name.substr(0, name.size() - 4)));
}

bool is_backup_file(std::string_view name, std::uint32_t id) {
  const std::string own = "private/" + std::to_string(id) + "/";
  if (name.starts_with(own)) return is_private_name(name.substr(own.size()));
  return name.starts_with(kTables) && is_table_name(name.substr(kTables.size()));
}

/// Of a backup's tables, as its list says them, by their paths in the folder.
using Checksums = std::map<std::string, std::string>;

/// Nothing where the list cannot be read. It is a time, a number, what to_metadata() said, how many
/// files there are, and a line for each.
Checksums read_list(const fs::path& folder, std::uint32_t id) {
  std::ifstream list(folder / kLists / std::to_string(id));
  std::string line;
  for (int skipped = 0; skipped < 3; ++skipped) std::getline(list, line);
  if (line.starts_with("metadata ")) std::getline(list, line);
  Checksums tables;
  std::size_t files = 0;
  const std::string count = line;
  while (std::getline(list, line)) {
    std::istringstream words(line);
    std::string path, kind, checksum;
    if (!(words >> path >> kind >> checksum) || kind != "crc32" || !is_backup_file(path, id)) {
      return {};
    }
    ++files;
    if (path.starts_with(kTables)) tables.emplace(std::move(path), std::move(checksum));
  }
  return count == std::to_string(files) ? tables : Checksums();
}

std::vector<std::uint32_t> listed_in(const fs::path& folder) {
  std::vector<std::uint32_t> ids;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder / kLists, error)) {
    const std::string name = entry.path().filename();
    std::uint32_t id = 0;
    const auto [end, fault] = std::from_chars(name.data(), name.data() + name.size(), id);
    if (fault == std::errc() && *end == '\0' && name == std::to_string(id)) ids.push_back(id);
  }
  return ids;
}

/// As lists say it; nothing where the file cannot be read to its end.
std::optional<std::string> checksum_of(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(fs::symlink_status(path, error))) return {};
  std::ifstream file(path, std::ios::binary);
  std::string bytes(kBytesAtOnce, '\0');
  std::uint32_t sum = 0;
  while (file) {
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    const auto got = static_cast<std::size_t>(file.gcount());
    sum = base::crc32c(std::string_view(bytes).substr(0, got), sum);
  }
  if (!file.eof()) return {};
  return std::to_string(sum);
}

/// RocksDB 7.8.3 ends the process where two lists say two checksums of one table.
Status compare_lists(const fs::path& folder) {
  struct Said {
    std::string checksum;
    std::uint32_t id = 0;
  };
  std::map<std::string, Said> known;
  for (const std::uint32_t id : listed_in(folder)) {
    for (const auto& [table, checksum] : read_list(folder, id)) {
      const Said& said = known.try_emplace(table, Said{checksum, id}).first->second;
      if (said.checksum == checksum) continue;
      const bool is_right = checksum_of(folder / table) == std::optional(checksum);
      return {StatusCode::kCorruption,
              (folder / kLists / std::to_string(is_right ? said.id : id)).string() +
                  ": it is damaged, it says another checksum of " + table +
                  " than that of backup " + std::to_string(is_right ? id : said.id) +
                  ": move it away to go on without its backup"};
    }
  }
  return {};
}

/// kNotFound: there is none, or an empty directory.
Status look_at(const fs::path& folder) {
  std::error_code error;
  const fs::file_status found = fs::status(folder, error);
  if (!fs::exists(found)) {
    return {StatusCode::kNotFound, folder.string() + ": there is no folder of backups"};
  }
  if (!fs::is_directory(found)) {
    return {StatusCode::kNotAStore, folder.string() + ": backups are a folder, and this is a file"};
  }
  bool empty = true;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    empty = empty && entry.path().filename() == kLockName;
  }
  if (error) return {StatusCode::kIoError, folder.string() + ": " + error.message()};
  if (empty) return {StatusCode::kNotFound, folder.string() + ": there are no backups"};
  if (fs::is_directory(folder / kLists, error)) return compare_lists(folder);
  return {StatusCode::kNotAStore,
          folder.string() + " holds something else than backups: choose a new or an empty folder"};
}

/// Reads what is on the disk: its files were synced when they were written.
rocksdb::Status verify_from_disk(const rocksdb::BackupEngineReadOnlyBase& engine,
                                 rocksdb::BackupID id, const fs::path& folder, rocksdb::Env& env) {
  rocksdb::BackupInfo info;
  rocksdb::Status status = engine.GetBackupInfo(id, &info, true);
  if (!status.ok()) return status;
  for (const rocksdb::BackupFileInfo& file : info.file_details) {
    forget_cached(env, folder / file.relative_filename);
  }
  return engine.VerifyBackup(id, true);
}

}  // namespace

BackupFolder::BackupFolder(BackupFolder&&) noexcept = default;
BackupFolder& BackupFolder::operator=(BackupFolder&&) noexcept = default;
BackupFolder::~BackupFolder() = default;

Result<BackupFolder> BackupFolder::open(const fs::path& folder) {
  if (Status status = look_at(folder); !status.ok()) return status;
  BackupFolder opened;
  opened.path_ = folder;
  opened.env_ = make_private_env();
  for (const std::uint32_t id : listed_in(folder)) {
    forget_cached(*opened.env_, folder / kLists / std::to_string(id));
  }
  rocksdb::BackupEngineReadOnly* engine = nullptr;
  const auto status = rocksdb::BackupEngineReadOnly::Open(engine_options(folder, opened.env_.get()),
                                                          opened.env_.get(), &engine);
  if (!status.ok()) return to_status(folder, status, "opening");
  opened.engine_.reset(engine);
  return opened;
}

Result<std::vector<Backup>> BackupFolder::list() const {
  std::vector<rocksdb::BackupInfo> infos;
  engine_->GetBackupInfo(&infos);
  std::vector<Backup> backups;
  for (const rocksdb::BackupInfo& info : infos) {
    Result<Backup> backup = to_backup(path_, info);
    if (!backup.ok()) return backup.status();
    backups.push_back(*std::move(backup));
  }
  for (const std::uint32_t id : damaged()) {
    backups.emplace_back().id = id;
    backups.back().damaged = true;
  }
  std::sort(backups.begin(), backups.end(),
            [](const Backup& left, const Backup& right) { return left.id < right.id; });
  return backups;
}

std::vector<std::uint32_t> BackupFolder::damaged() const {
  std::vector<rocksdb::BackupID> ids;
  engine_->GetCorruptedBackups(&ids);
  return ids;
}

Result<Backup> BackupFolder::find(std::uint32_t id) const {
  const Result<std::vector<Backup>> all = list();
  if (!all.ok()) return all.status();
  const auto found = std::find_if(all->rbegin(), all->rend(),
                                  [&](const Backup& backup) { return id == 0 || backup.id == id; });
  if (found == all->rend()) {
    const std::string which = id == 0 ? "no backup" : "no backup " + std::to_string(id);
    return Status(StatusCode::kNotFound, path_.string() + ": there is " + which);
  }
  if (!found->damaged) return *found;
  return Status(StatusCode::kCorruption,
                path_.string() + ": backup " + std::to_string(found->id) +
                    " lacks files, or its list of them is damaged (" +
                    engine_->VerifyBackup(found->id, false).ToString() + ")" +
                    (id == 0 ? "; it is the newest one: name an older one to take it" : ""));
}

Status BackupFolder::check_names(const Backup& backup) const {
  rocksdb::BackupInfo info;
  const auto found = engine_->GetBackupInfo(backup.id, &info, true);
  if (!found.ok()) return to_status(path_, found, "reading");
  for (const rocksdb::BackupFileInfo& file : info.file_details) {
    const fs::path path = path_ / file.relative_filename;
    struct ::stat about {};
    const bool plain = ::lstat(path.c_str(), &about) == 0 && S_ISREG(about.st_mode);
    if (!plain || !is_backup_file(file.relative_filename, backup.id)) {
      return {StatusCode::kCorruption, path.string() + ": is no file of a backup"};
    }
  }
  return {};
}

Status BackupFolder::verify(const Backup& backup) const {
  if (Status status = check_names(backup); !status.ok()) return status;
  return to_status(path_, verify_from_disk(*engine_, backup.id, path_, *env_),
                   "backup " + std::to_string(backup.id));
}

Status BackupFolder::copy_to(const Backup& backup, const fs::path& data) const {
  const auto copied = engine_->RestoreDBFromBackup(backup.id, data.string(), data.string());
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(data, error)) forget_cached(*env_, entry.path());
  return to_status(path_, copied, "restoring backup " + std::to_string(backup.id));
}

namespace {

Result<std::unique_ptr<rocksdb::BackupEngine>> open_engine(const fs::path& folder,
                                                           rocksdb::Env* env,
                                                           rocksdb::Env* of_store) {
  rocksdb::BackupEngine* opened = nullptr;
  const auto status = rocksdb::BackupEngine::Open(of_store, engine_options(folder, env), &opened);
  if (!status.ok()) return to_status(folder, status, "opening");
  return std::unique_ptr<rocksdb::BackupEngine>(opened);
}

Status check_owner(const rocksdb::BackupEngine& engine, const fs::path& folder,
                   const std::string& store_id) {
  rocksdb::BackupInfo last;
  if (!engine.GetLatestBackupInfo(&last).ok()) return {};
  const Result<Backup> before = to_backup(folder, last);
  if (!before.ok()) return before.status();
  if (before->store_id == store_id) return {};
  return {StatusCode::kNotAStore, folder.string() + " holds backups of store " + before->store_id +
                                      ", and this one is " + store_id + ": choose another folder"};
}

/// A table NUMBER_*_BYTES.sst of the folder is the store's NUMBER.sst.
struct TableName {
  std::string own;
  std::uint64_t bytes = 0;
};
TableName parse_table_name(std::string_view name) {
  name.remove_prefix(name.rfind('/') + 1);
  TableName parsed{std::string(name.substr(0, name.find('_'))) + ".sst", 0};
  const std::string_view bytes = name.substr(name.rfind('_') + 1);
  std::from_chars(bytes.data(), bytes.data() + bytes.size(), parsed.bytes);
  return parsed;
}

/// Copies the store's own table to where the folder's is not what its list says, at once: where one
/// lacks for a moment, RocksDB takes every backup that has it for garbage.
bool replace_table(const fs::path& to, const std::string& checksum, const Database& database) {
  std::ifstream own(database.path() / parse_table_name(to.filename().string()).own,
                    std::ios::binary);
  const fs::path copy = to.string() + ".tmp";
  const std::unique_ptr<rocksdb::Env> env = make_private_env();
  std::unique_ptr<rocksdb::WritableFile> file;
  if (!own || !env->NewWritableFile(copy.string(), &file, {}).ok()) return false;
  std::string bytes(kBytesAtOnce, '\0');
  std::uint32_t sum = 0;
  bool written = true;
  while (own && written) {
    own.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    const std::string_view got(bytes.data(), static_cast<std::size_t>(own.gcount()));
    sum = base::crc32c(got, sum);
    written = file->Append(rocksdb::Slice(got.data(), got.size())).ok();
  }
  written = written && own.eof() && file->Sync().ok() && file->Close().ok();
  std::error_code error;
  if (written && std::to_string(sum) == checksum) {
    fs::rename(copy, to, error);
    return !error && sync_directory(to.parent_path()).ok();
  }
  fs::remove(copy, error);
  return false;
}

/// How many tables were put right. Without `content`, those alone that lack bytes or are gone.
std::size_t mend_tables(const fs::path& folder, const Checksums& tables, const Database& database,
                        bool content) {
  std::size_t mended = 0;
  for (const auto& [table, checksum] : tables) {
    const fs::path path = folder / table;
    std::error_code error;
    const std::uint64_t bytes = fs::file_size(path, error);
    const bool gone = error == std::errc::no_such_file_or_directory;
    bool rotten = gone || (!error && bytes != parse_table_name(table).bytes);
    if (!rotten && content) {
      const std::optional<std::string> found = checksum_of(path);
      rotten = found && *found != checksum;
    }
    if (rotten && replace_table(path, checksum, database)) ++mended;
  }
  return mended;
}

std::size_t mend_all_tables(const fs::path& folder, const Database& database, bool content) {
  std::size_t mended = 0;
  for (const std::uint32_t id : listed_in(folder)) {
    mended += mend_tables(folder, read_list(folder, id), database, content);
  }
  return mended;
}

/// What to look at, where no table could be put right.
std::string find_culprit(const fs::path& folder, const Database& database) {
  for (const std::uint32_t id : listed_in(folder)) {
    for (const auto& [table, checksum] : read_list(folder, id)) {
      const auto found = checksum_of(folder / table);
      if (!found || *found == checksum) continue;
      if (found != checksum_of(database.path() / parse_table_name(table).own)) continue;
      return "move away the damaged list " + (folder / kLists / std::to_string(id)).string() +
             ", which says another checksum of " + table + " than the store's own table has";
    }
  }
  return "look at the device of the folder";
}

/// Nothing is left of one that is not whole. kCorruption: a table that the folder has, or what was
/// copied, is damaged.
Result<Backup> make_verified(rocksdb::BackupEngine& engine, const Database& database,
                             const std::string& metadata, const fs::path& folder,
                             rocksdb::Env& env) {
  // Memtables are written to tables: the log that is copied is short.
  rocksdb::CreateBackupOptions options;
  options.flush_before_backup = true;
  rocksdb::BackupID id = 0;
  const auto created =
      engine.CreateNewBackupWithMetadata(options, &database.engine(), metadata, &id);
  if (!created.ok()) return to_status(folder, created, "making a backup");
  const auto verified = verify_from_disk(engine, id, folder, env);
  if (!verified.ok()) {
    const std::string name = "backup " + std::to_string(id);
    const auto deleted = engine.DeleteBackup(id);
    if (!deleted.ok()) return to_status(folder, deleted, "deleting the damaged " + name);
    return to_status(folder, verified, name);
  }
  rocksdb::BackupInfo info;
  const auto found = engine.GetBackupInfo(id, &info);
  return found.ok() ? to_backup(folder, info) : to_status(folder, found, "reading");
}

}  // namespace

Result<Backup> back_up(const Database& database, const std::string& store_id, Sequence sequence,
                       const fs::path& folder, const Notes& notes) {
  const Status there = look_at(folder);
  if (!there.ok() && there.code() != StatusCode::kNotFound) return there;
  if (Status made = make_private_directory(folder); !made.ok()) return made;
  const Result<StoreLock> lock = StoreLock::take(folder);
  if (!lock.ok()) return lock.status();
  if (mend_all_tables(folder, database, false) > 0) {
    notes.warning(folder.string() + ": tables that were cut or gone were copied again");
  }
  const std::unique_ptr<rocksdb::Env> env = make_private_env();
  for (bool again = false;; again = true) {
    auto engine = open_engine(folder, env.get(), database.env());
    if (!engine.ok()) return engine.status();
    if (Status owner = check_owner(**engine, folder, store_id); !owner.ok()) return owner;
    Result<Backup> made =
        make_verified(**engine, database, to_metadata(store_id, sequence), folder, *env);
    if (made.ok() || made.status().code() != StatusCode::kCorruption) return made;
    engine->reset();
    // A table that a backup has is not read when the next one takes it.
    const std::size_t mended = mend_all_tables(folder, database, true);
    const std::string fault(made.status().message());
    if (again || mended == 0) {
      return Status(StatusCode::kCorruption,
                    fault + ": nothing of it was kept: " + find_culprit(folder, database));
    }
    notes.warning(fault + ": what is damaged of the folder's tables is copied again");
  }
}

}  // namespace muster::store

namespace muster {

using store::BackupFolder;

Result<std::vector<Backup>> list_backups(const std::filesystem::path& folder) {
  const Result<BackupFolder> opened = BackupFolder::open(folder);
  if (!opened.ok()) return opened.status();
  return opened->list();
}

Result<Backup> verify_backup(const std::filesystem::path& folder, std::uint32_t id) {
  const Result<BackupFolder> opened = BackupFolder::open(folder);
  if (!opened.ok()) return opened.status();
  Result<Backup> backup = opened->find(id);
  if (!backup.ok()) return backup;
  if (Status status = opened->verify(*backup); !status.ok()) return status;
  return backup;
}

Result<std::size_t> delete_old_backups(const std::filesystem::path& folder, std::size_t keep) {
  if (const auto opened = BackupFolder::open(folder); !opened.ok()) return opened.status();
  const Result<store::StoreLock> lock = store::StoreLock::take(folder);
  if (!lock.ok()) return lock.status();
  const Result<std::vector<Backup>> before = list_backups(folder);
  if (!before.ok()) return before.status();
  const auto whole = static_cast<std::size_t>(std::count_if(
      before->begin(), before->end(), [](const Backup& one) { return !one.damaged; }));
  if (whole <= keep) return std::size_t{0};
  const std::unique_ptr<rocksdb::Env> env = store::make_private_env();
  const auto engine = store::open_engine(folder, env.get(), env.get());
  if (!engine.ok()) return engine.status();
  const auto purged = (*engine)->PurgeOldBackups(static_cast<std::uint32_t>(keep));
  if (!purged.ok()) return store::to_status(folder, purged, "deleting old backups");
  return whole - keep;
}

}  // namespace muster
