// LMDB with a value a host. Settings, as its users would choose for this work: one environment with
// two databases, hosts and their times, so that a report that changes nothing writes 16 bytes
// instead of a record; MDB_NOSYNC and MDB_WRITEMAP when nothing is synced (the power may then leave
// a damaged file, which no other engine here risks), default syncs when every commit is durable; no
// read-ahead, since hosts come in no order; a map far larger than the data. LMDB caches in the
// system's page cache: no bound is set, which is to its advantage.
#include <lmdb.h>

#include <cstring>
#include <stdexcept>
#include <vector>

#include "bench/host_table.h"

namespace muster::bench {
namespace {

constexpr std::size_t kMapBytes = std::size_t{256} << 30;
constexpr int kPassWindow = 2'048;

void check(int code) {
  if (code != 0) throw std::runtime_error(std::string("LMDB: ") + mdb_strerror(code));
}
MDB_val value_of(std::string_view text) {
  return {text.size(), const_cast<char*>(text.data())};
}
std::string_view text_of(const MDB_val& value) {
  return {static_cast<const char*>(value.mv_data), value.mv_size};
}

struct Times {
  Timestamp detail_updated_at;
  Timestamp label_updated_at;
};

class LmdbTable : public HostTable {
 public:
  explicit LmdbTable(const EngineSetting& setting) : setting_(setting) {
    check(mdb_env_create(&env_));
    check(mdb_env_set_mapsize(env_, kMapBytes));
    check(mdb_env_set_maxdbs(env_, 2));
    const bool sync = setting.durability == Durability::kSync;
    const unsigned flags = MDB_NORDAHEAD | (sync ? 0 : MDB_NOSYNC | MDB_WRITEMAP);
    check(mdb_env_open(env_, setting.folder.c_str(), flags, 0600));
    begin();
    check(mdb_dbi_open(transaction_, "hosts", MDB_CREATE, &hosts_));
    check(mdb_dbi_open(transaction_, "times", MDB_CREATE, &times_));
    commit();
  }
  ~LmdbTable() override { mdb_env_close(env_); }

  void begin() override { check(mdb_txn_begin(env_, nullptr, 0, &transaction_)); }
  void commit() override {
    check(mdb_txn_commit(transaction_));
    ++use_.commits;
    use_.syncs += setting_.durability == Durability::kSync ? 1 : 0;
  }
  EngineUse use() override {
    MDB_envinfo info;
    MDB_stat stat;
    check(mdb_env_info(env_, &info));
    check(mdb_env_stat(env_, &stat));
    use_.disk_bytes = (info.me_last_pgno + 1) * stat.ms_psize;
    return use_;
  }

  std::optional<core::Host>& load(std::string_view uuid) override {
    MDB_val key = value_of(uuid);
    MDB_val value;
    const int code = mdb_get(transaction_, hosts_, &key, &value);
    if (code == MDB_NOTFOUND) {
      host_.reset();
      return host_;
    }
    check(code);
    read(uuid, text_of(value));
    return host_;
  }
  void put(std::string_view uuid, const std::optional<core::Host>& host) override {
    MDB_val key = value_of(uuid);
    if (!host) {
      check(mdb_del(transaction_, hosts_, &key, nullptr));
      check(mdb_del(transaction_, times_, &key, nullptr));
      return;
    }
    put_record(*host);
    put_times(*host);
  }
  void put_times(const core::Host& host) override {
    const Times times{host.detail_updated_at, host.label_updated_at};
    MDB_val key = value_of(host.uuid);
    MDB_val value{sizeof times, const_cast<Times*>(&times)};
    check(mdb_put(transaction_, times_, &key, &value, 0));
  }
  void visit(const HostRange& range, const std::function<bool(core::Host& host)>& visit) override {
    // The least key behind the range's begin.
    std::string next = range.after.empty() ? "" : range.after + '\0';
    // In windows: a cursor does not survive what is put beside it.
    while (true) {
      std::vector<core::Host> changed;
      MDB_cursor* cursor = nullptr;
      check(mdb_cursor_open(transaction_, hosts_, &cursor));
      MDB_val key = value_of(next);
      MDB_val value;
      int code = mdb_cursor_get(cursor, &key, &value, next.empty() ? MDB_FIRST : MDB_SET_RANGE);
      for (int seen = 0; code == 0 && seen < kPassWindow; ++seen) {
        if (!range.holds(text_of(key))) {
          code = MDB_NOTFOUND;
          break;
        }
        read(text_of(key), text_of(value));
        if (visit(*host_)) changed.push_back(*host_);
        code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
      }
      if (code == 0) next = text_of(key);
      mdb_cursor_close(cursor);
      for (const core::Host& host : changed) put_record(host);
      if (code == MDB_NOTFOUND) return;
      check(code);
    }
  }

 private:
  void put_record(const core::Host& host) {
    encode_host(host, bytes_);
    MDB_val key = value_of(host.uuid);
    MDB_val value = value_of(bytes_);
    check(mdb_put(transaction_, hosts_, &key, &value, 0));
  }
  void read(std::string_view uuid, std::string_view bytes) {
    if (!host_) host_.emplace();
    host_->uuid = uuid;
    decode_host(bytes, *host_);
    MDB_val key = value_of(uuid);
    MDB_val value;
    check(mdb_get(transaction_, times_, &key, &value));
    Times times;
    std::memcpy(&times, value.mv_data, sizeof times);
    host_->detail_updated_at = times.detail_updated_at;
    host_->label_updated_at = times.label_updated_at;
  }

  const EngineSetting setting_;
  MDB_env* env_ = nullptr;
  MDB_txn* transaction_ = nullptr;
  MDB_dbi hosts_ = 0;
  MDB_dbi times_ = 0;
  std::optional<core::Host> host_;
  std::string bytes_;
  EngineUse use_;
};

}  // namespace

std::unique_ptr<Engine> make_lmdb_blob(const EngineSetting& setting) {
  return make_engine_over(std::make_unique<LmdbTable>(setting));
}

}  // namespace muster::bench
