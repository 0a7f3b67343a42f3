// SQLite with a row a profile of a host and the indexes of the original's tables (by host and
// profile; by status; by command), settings as in sqlite.h. A report reads its host's rows with one
// statement, the rules run in the program, and each row that moved is one UPDATE.
#include <unordered_map>

#include "bench/host_table.h"
#include "bench/sqlite.h"

namespace muster::bench {
namespace {

constexpr const char* kSchema =
    "CREATE TABLE hosts (uuid TEXT PRIMARY KEY, record BLOB NOT NULL, detail INTEGER NOT NULL,"
    " label INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE host_profiles (host_uuid TEXT NOT NULL, profile INTEGER NOT NULL,"
    " place INTEGER NOT NULL, status INTEGER, operation INTEGER NOT NULL, command INTEGER NOT NULL,"
    " retries INTEGER NOT NULL, scope INTEGER NOT NULL, ignore_error INTEGER NOT NULL,"
    " detail TEXT NOT NULL, PRIMARY KEY (host_uuid, profile)) WITHOUT ROWID;"
    "CREATE INDEX by_status ON host_profiles (status);"
    "CREATE INDEX by_command ON host_profiles (command);";

class SqliteRowsTable : public HostTable {
 public:
  explicit SqliteRowsTable(const EngineSetting& setting)
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
      before_.clear();
      bare_.clear();
    }
    get_.reset();
    return host_;
  }
  void put(std::string_view uuid, const std::optional<core::Host>& host) override {
    if (!host) {
      delete_.bind(1, uuid).run();
      delete_rows_.bind(1, uuid).run();
      return;
    }
    put_host(*host);
  }
  void put_times(const core::Host& host) override {
    times_.bind(1, host.uuid)
        .bind(2, host.detail_updated_at.micros)
        .bind(3, host.label_updated_at.micros)
        .run();
  }
  void visit(const HostRange& range, const std::function<bool(core::Host& host)>& visit) override {
    std::vector<std::string> uuids;
    list_.bind(1, range.after);
    while (list_.step() && range.holds(list_.text(0))) uuids.emplace_back(list_.text(0));
    list_.reset();
    for (const std::string& uuid : uuids) {
      load(uuid);
      if (visit(*host_)) put_host(*host_);
    }
  }

 private:
  using Rows = std::vector<core::Slot>;

  void read(const SqliteStatement& row, std::string_view uuid) {
    if (!host_) host_.emplace();
    core::Host& host = *host_;
    host.uuid = uuid;
    bare_ = row.text(0);
    decode_host(bare_, host);
    host.detail_updated_at = Timestamp{row.integer(1)};
    host.label_updated_at = Timestamp{row.integer(2)};
    host.slots.clear();
    host.details.clear();
    rows_.bind(1, uuid);
    while (rows_.step()) {
      core::Slot slot(core::VersionNumber{static_cast<std::uint32_t>(rows_.integer(0))},
                      static_cast<Operation>(rows_.integer(2)),
                      static_cast<DeliveryStatus>(rows_.integer(1)),
                      static_cast<Scope>(rows_.integer(5)));
      slot.set_command(core::CommandNumber{static_cast<std::uint64_t>(rows_.integer(3))});
      slot.set_retries(static_cast<int>(rows_.integer(4)));
      slot.set_ignore_error(rows_.integer(6) != 0);
      host.slots.push_back(slot);
      if (const std::string_view text = rows_.text(7); !text.empty()) host.set_detail(slot, text);
    }
    rows_.reset();
    before_ = host.slots;
  }

  void put_host(const core::Host& host) {
    core::Host bare = host;
    bare.slots.clear();
    bare.details.clear();
    encode_host(bare, bytes_);
    if (bytes_ == bare_) {
      put_times(host);
    } else {
      put_.bind(1, host.uuid)
          .bind_blob(2, bytes_)
          .bind(3, host.detail_updated_at.micros)
          .bind(4, host.label_updated_at.micros)
          .run();
    }
    for (const core::Slot& slot : before_) {
      const bool stays =
          std::any_of(host.slots.begin(), host.slots.end(),
                      [&](const core::Slot& other) { return other.version() == slot.version(); });
      if (!stays) delete_row_.bind(1, host.uuid).bind(2, core::to_integer(slot.version())).run();
    }
    for (std::size_t i = 0; i < host.slots.size(); ++i) {
      const core::Slot& slot = host.slots[i];
      if (i < before_.size() && before_[i] == slot) continue;
      const std::string_view detail = host.detail_of(slot);
      put_row_.bind(1, host.uuid)
          .bind(2, core::to_integer(slot.version()))
          .bind(3, static_cast<std::int64_t>(i))
          .bind(4, static_cast<std::int64_t>(slot.status()))
          .bind(5, static_cast<std::int64_t>(slot.operation()))
          .bind(6, static_cast<std::int64_t>(core::to_integer(slot.command())))
          .bind(7, slot.retries())
          .bind(8, static_cast<std::int64_t>(slot.scope()))
          .bind(9, slot.ignore_error() ? 1 : 0)
          .bind(10, detail)
          .run();
    }
    before_ = host.slots;
  }

  const bool sync_;
  SqliteDatabase database_;
  SqliteStatement begin_{database_.get(), "BEGIN IMMEDIATE"};
  SqliteStatement commit_{database_.get(), "COMMIT"};
  SqliteStatement get_{database_.get(), "SELECT record, detail, label FROM hosts WHERE uuid = ?1"};
  SqliteStatement rows_{database_.get(),
                        "SELECT profile, status, operation, command, retries, scope, ignore_error,"
                        " detail FROM host_profiles WHERE host_uuid = ?1 ORDER BY place"};
  SqliteStatement put_{database_.get(), "INSERT OR REPLACE INTO hosts VALUES (?1, ?2, ?3, ?4)"};
  SqliteStatement times_{database_.get(),
                         "UPDATE hosts SET detail = ?2, label = ?3 WHERE uuid = ?1"};
  SqliteStatement put_row_{
      database_.get(),
      "INSERT INTO host_profiles VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
      " ON CONFLICT DO UPDATE SET place = ?3, status = ?4, operation = ?5, command = ?6,"
      " retries = ?7, scope = ?8, ignore_error = ?9, detail = ?10"};
  SqliteStatement delete_{database_.get(), "DELETE FROM hosts WHERE uuid = ?1"};
  SqliteStatement delete_rows_{database_.get(), "DELETE FROM host_profiles WHERE host_uuid = ?1"};
  SqliteStatement delete_row_{database_.get(),
                              "DELETE FROM host_profiles WHERE host_uuid = ?1 AND profile = ?2"};
  SqliteStatement list_{database_.get(), "SELECT uuid FROM hosts WHERE uuid > ?1 ORDER BY uuid"};
  std::optional<core::Host> host_;
  // Of the host in hand, as stored.
  Rows before_;
  std::string bare_;
  std::string bytes_;
  EngineUse use_;
};

}  // namespace

std::unique_ptr<Engine> make_sqlite_rows(const EngineSetting& setting) {
  return make_engine_over(std::make_unique<SqliteRowsTable>(setting));
}

}  // namespace muster::bench
