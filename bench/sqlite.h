// What the two engines over SQLite share: settings and statements.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

#include "bench/engine.h"

namespace muster::bench {

/// A prepared statement. Values that are bound live until the next reset().
class SqliteStatement {
 public:
  SqliteStatement(sqlite3* database, const char* sql);
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;
  ~SqliteStatement() { sqlite3_finalize(statement_); }

  SqliteStatement& bind(int place, std::int64_t value);
  SqliteStatement& bind(int place, std::string_view text);
  SqliteStatement& bind_blob(int place, std::string_view bytes);
  bool step();  ///< true: there is a row
  void reset() { sqlite3_reset(statement_); }
  void run() {
    step();
    reset();
  }
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  std::string_view text(int column) const;

 private:
  sqlite3* database_;
  sqlite3_stmt* statement_ = nullptr;
};

/// Settings: write-ahead log; synchronous FULL where commits are durable, else NORMAL, which syncs
/// at checkpoints alone and loses commits with the power, but no consistency, as the store does;
/// the cache as large as the run allows; 8 KiB pages (a host's rows lie together); no memory-mapped
/// reads, which gained nothing; checkpoints at every 10,000 pages instead of 1,000, so that a busy
/// page is written once for many commits.
class SqliteDatabase {
 public:
  SqliteDatabase(const EngineSetting& setting, const char* schema);
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;
  ~SqliteDatabase() { sqlite3_close(database_); }

  sqlite3* get() const { return database_; }
  void run(const std::string& sql);
  std::uint64_t disk_bytes() const;

 private:
  const std::filesystem::path path_;
  sqlite3* database_ = nullptr;
};

}  // namespace muster::bench
