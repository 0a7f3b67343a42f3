// SQLite with a row a profile of a host and the indexes of the original's tables (by host and
// profile; by status; by command), settings as in sqlite.h. A report reads its host's rows with one
// statement, and the rules run in the program. Where all rows of a host get one status and nothing
// else moves, as in the original's statements, one UPDATE says so; else each row that moved is one
// UPDATE of the columns that moved: an index is written only where its column is.
#include <algorithm>
#include <array>
#include <memory>

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
      details_before_.clear();
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
    details_before_ = host.details;
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
    if (!put_one_status(host)) put_rows(host);
    before_ = host.slots;
    details_before_ = host.details;
  }

  /// Columns of a row, by bit; the last parameters of a statement are those that move.
  enum Column : unsigned {
    kPlace,
    kStatus,
    kOperation,
    kCommand,
    kRetries,
    kScope,
    kIgnore,
    kText
  };
  static constexpr std::array kColumns = {"place",   "status", "operation",    "command",
                                          "retries", "scope",  "ignore_error", "detail"};
  static constexpr unsigned kAll = (1u << kColumns.size()) - 1;
  /// "?3" and so on: behind the two of the key.
  static constexpr int kFirstColumn = 3;

  bool put_one_status(const core::Host& host) {
    if (host.slots.empty() || host.slots.size() != before_.size() ||
        host.details != details_before_) {
      return false;
    }
    const DeliveryStatus status = host.slots[0].status();
    for (std::size_t i = 0; i < before_.size(); ++i) {
      core::Slot moved = before_[i];
      if (moved.status() == status) return false;
      moved.set_status(status);
      if (moved != host.slots[i]) return false;
    }
    put_status_.bind(1, host.uuid).bind(2, static_cast<std::int64_t>(status)).run();
    return true;
  }

  void put_rows(const core::Host& host) {
    for (std::size_t i = 0; i < host.slots.size(); ++i) {
      const core::Slot& slot = host.slots[i];
      const std::string_view detail = host.detail_of(slot);
      const auto old = std::find_if(before_.begin(), before_.end(), [&](const core::Slot& other) {
        return other.version() == slot.version();
      });
      unsigned moved = kAll;
      if (old != before_.end()) {
        const auto text = std::find_if(
            details_before_.begin(), details_before_.end(),
            [&](const core::SlotDetail& other) { return other.version == slot.version(); });
        const std::string_view detail_before = text == details_before_.end() ? "" : text->text;
        moved = (i != static_cast<std::size_t>(old - before_.begin())) << kPlace |
                (slot.status() != old->status()) << kStatus |
                (slot.operation() != old->operation()) << kOperation |
                (slot.command() != old->command()) << kCommand |
                (slot.retries() != old->retries()) << kRetries |
                (slot.scope() != old->scope()) << kScope |
                (slot.ignore_error() != old->ignore_error()) << kIgnore |
                (detail != detail_before) << kText;
        if (moved == 0) continue;
      }
      SqliteStatement& put = old == before_.end() ? add_row_ : update_of(moved);
      put.bind(1, host.uuid).bind(2, core::to_integer(slot.version()));
      const std::array<std::int64_t, kText> values = {
          static_cast<std::int64_t>(i),
          static_cast<std::int64_t>(slot.status()),
          static_cast<std::int64_t>(slot.operation()),
          static_cast<std::int64_t>(core::to_integer(slot.command())),
          slot.retries(),
          static_cast<std::int64_t>(slot.scope()),
          slot.ignore_error() ? 1 : 0};
      int place = kFirstColumn;
      for (unsigned column = 0; column < kText; ++column) {
        if ((moved >> column & 1) != 0) put.bind(place++, values[column]);
      }
      if ((moved >> kText & 1) != 0) put.bind(place, detail);
      put.run();
    }
  }

  SqliteStatement& update_of(unsigned moved) {
    std::unique_ptr<SqliteStatement>& update = updates_[moved];
    if (update == nullptr) {
      std::string sql = "UPDATE host_profiles SET ";
      int place = kFirstColumn;
      for (unsigned column = 0; column < kColumns.size(); ++column) {
        if ((moved >> column & 1) == 0) continue;
        if (place > kFirstColumn) sql += ", ";
        sql += std::string(kColumns[column]) + " = ?" + std::to_string(place++);
      }
      sql += " WHERE host_uuid = ?1 AND profile = ?2";
      update = std::make_unique<SqliteStatement>(database_.get(), sql.c_str());
    }
    return *update;
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
  SqliteStatement add_row_{database_.get(),
                           "INSERT INTO host_profiles (host_uuid, profile, place, status,"
                           " operation, command, retries, scope, ignore_error, detail)"
                           " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"};
  SqliteStatement put_status_{database_.get(),
                              "UPDATE host_profiles SET status = ?2 WHERE host_uuid = ?1"};
  std::array<std::unique_ptr<SqliteStatement>, kAll + 1> updates_;  ///< by the columns that move
  SqliteStatement delete_{database_.get(), "DELETE FROM hosts WHERE uuid = ?1"};
  SqliteStatement delete_rows_{database_.get(), "DELETE FROM host_profiles WHERE host_uuid = ?1"};
  SqliteStatement delete_row_{database_.get(),
                              "DELETE FROM host_profiles WHERE host_uuid = ?1 AND profile = ?2"};
  SqliteStatement list_{database_.get(), "SELECT uuid FROM hosts WHERE uuid > ?1 ORDER BY uuid"};
  std::optional<core::Host> host_;
  // Of the host in hand, as stored.
  Rows before_;
  std::vector<core::SlotDetail> details_before_;
  std::string bare_;
  std::string bytes_;
  EngineUse use_;
};

}  // namespace

std::unique_ptr<Engine> make_sqlite_rows(const EngineSetting& setting) {
  return make_engine_over(std::make_unique<SqliteRowsTable>(setting));
}

}  // namespace muster::bench
