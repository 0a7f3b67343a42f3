#include "bench/sqlite.h"

namespace muster::bench {
namespace {

[[noreturn]] void fail(sqlite3* database) {
  throw std::runtime_error(std::string("SQLite: ") + sqlite3_errmsg(database));
}

}  // namespace

SqliteStatement::SqliteStatement(sqlite3* database, const char* sql) : database_(database) {
  const int code =
      sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
  if (code != SQLITE_OK) fail(database);
}

SqliteStatement& SqliteStatement::bind(int place, std::int64_t value) {
  if (sqlite3_bind_int64(statement_, place, value) != SQLITE_OK) fail(database_);
  return *this;
}

SqliteStatement& SqliteStatement::bind(int place, std::string_view text) {
  const int code = sqlite3_bind_text(statement_, place, text.empty() ? "" : text.data(),
                                     static_cast<int>(text.size()), SQLITE_STATIC);
  if (code != SQLITE_OK) fail(database_);
  return *this;
}

SqliteStatement& SqliteStatement::bind_blob(int place, std::string_view bytes) {
  const int code = sqlite3_bind_blob(statement_, place, bytes.data(),
                                     static_cast<int>(bytes.size()), SQLITE_STATIC);
  if (code != SQLITE_OK) fail(database_);
  return *this;
}

bool SqliteStatement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) fail(database_);
  return false;
}

std::string_view SqliteStatement::text(int column) const {
  const void* bytes = sqlite3_column_blob(statement_, column);
  return {static_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

SqliteDatabase::SqliteDatabase(const EngineSetting& setting, const char* schema)
    : path_(setting.folder / "fleet.sqlite") {
  if (sqlite3_open(path_.c_str(), &database_) != SQLITE_OK) fail(database_);
  const bool sync = setting.durability == Durability::kSync;
  run("PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 10000;"
      "PRAGMA locking_mode = EXCLUSIVE; PRAGMA temp_store = MEMORY;");
  run(std::string("PRAGMA synchronous = ") + (sync ? "FULL" : "NORMAL"));
  run("PRAGMA cache_size = -" + std::to_string(setting.memory_bytes() >> 10));
  run(schema);
}

void SqliteDatabase::run(const std::string& sql) {
  if (sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail(database_);
}

std::uint64_t SqliteDatabase::disk_bytes() const {
  std::uint64_t bytes = 0;
  for (const char* suffix : {"", "-wal"}) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path_.string() + suffix, error);
    if (!error) bytes += size;
  }
  return bytes;
}

}  // namespace muster::bench
