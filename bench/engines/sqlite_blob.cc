// SQLite with a blob a host, settings as in sqlite.h. SQLite writes a row whole, so times stand in
// a table of their own: a report that changes nothing does not write the blob again.
#include "bench/host_table.h"
#include "bench/sqlite.h"

namespace muster::bench {
namespace {

constexpr const char* kSchema =
    "CREATE TABLE hosts (uuid TEXT PRIMARY KEY, record BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE times (uuid TEXT PRIMARY KEY, detail INTEGER NOT NULL, label INTEGER NOT NULL)"
    " WITHOUT ROWID;";

class SqliteBlobTable : public HostTable {
 public:
  explicit SqliteBlobTable(const EngineSetting& setting)
      : sync_(setting.durability == Durability::kSync), database_(setting, kSchema) {}

  void begin() override { begin_.run(); }
  void commit() override {
    commit_.run();
    ++use_.commits;
    use_.syncs += sync_ ? 1 : 0;
  }
  void settle() override { database_.run("PRAGMA wal_checkpoint(TRUNCATE)"); }
  EngineUse use() override {
    use_.disk_bytes = database_.disk_bytes();
    return use_;
  }

  std::optional<core::Host>& load(std::string_view uuid) override {
    get_.bind(1, uuid);
    if (get_.step()) {
      read(get_, uuid);
    } else {
      host_.reset();
    }
    get_.reset();
    return host_;
  }
  void put(std::string_view uuid, const std::optional<core::Host>& host) override {
    if (!host) {
      delete_.bind(1, uuid).run();
      delete_times_.bind(1, uuid).run();
      return;
    }
    put_record(*host);
    put_times(*host);
  }
  void put_times(const core::Host& host) override {
    put_times_.bind(1, host.uuid)
        .bind(2, host.detail_updated_at.micros)
        .bind(3, host.label_updated_at.micros)
        .run();
  }
  void visit(const HostRange& range, const std::function<bool(core::Host& host)>& visit) override {
    std::string after = range.after;
    // In steps: what a scan changes behind its cursor may come again.
    for (bool more = true; more;) {
      std::vector<core::Host> changed;
      list_.bind(1, after);
      int seen = 0;
      while (list_.step()) {
        ++seen;
        const std::string uuid(list_.text(3));
        after = uuid;
        if (!range.holds(uuid)) {
          seen = 0;
          break;
        }
        read(list_, uuid);
        if (visit(*host_)) changed.push_back(*host_);
      }
      list_.reset();
      for (const core::Host& host : changed) put_record(host);
      more = seen > 0;
    }
  }

 private:
  void read(const SqliteStatement& row, std::string_view uuid) {
    if (!host_) host_.emplace();
    host_->uuid = uuid;
    decode_host(row.text(0), *host_);
    host_->detail_updated_at = Timestamp{row.integer(1)};
    host_->label_updated_at = Timestamp{row.integer(2)};
  }
  void put_record(const core::Host& host) {
    encode_host(host, bytes_);
    put_.bind(1, host.uuid).bind_blob(2, bytes_).run();
  }

  const bool sync_;
  SqliteDatabase database_;
  SqliteStatement begin_{database_.get(), "BEGIN IMMEDIATE"};
  SqliteStatement commit_{database_.get(), "COMMIT"};
  SqliteStatement get_{database_.get(),
                       "SELECT record, detail, label FROM hosts JOIN times USING (uuid)"
                       " WHERE uuid = ?1"};
  SqliteStatement put_{database_.get(), "INSERT OR REPLACE INTO hosts VALUES (?1, ?2)"};
  SqliteStatement put_times_{database_.get(), "INSERT OR REPLACE INTO times VALUES (?1, ?2, ?3)"};
  SqliteStatement delete_{database_.get(), "DELETE FROM hosts WHERE uuid = ?1"};
  SqliteStatement delete_times_{database_.get(), "DELETE FROM times WHERE uuid = ?1"};
  SqliteStatement list_{database_.get(),
                        "SELECT record, detail, label, uuid FROM hosts JOIN times USING (uuid)"
                        " WHERE uuid > ?1 ORDER BY uuid LIMIT 2048"};
  std::optional<core::Host> host_;
  std::string bytes_;
  EngineUse use_;
};

}  // namespace

std::unique_ptr<Engine> make_sqlite_blob(const EngineSetting& setting) {
  return make_engine_over(std::make_unique<SqliteBlobTable>(setting));
}

}  // namespace muster::bench
