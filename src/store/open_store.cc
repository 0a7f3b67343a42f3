// How a store is opened: what stands on the disk is looked at before RocksDB may change it.
#include <rocksdb/env.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "store/check.h"
#include "store/io_status.h"
#include "store/log_files.h"
#include "store/log_walk.h"
#include "store/open_options.h"
#include "store/private_files.h"
#include "store/store_directory.h"
#include "store/store_impl.h"
#include "store/tuning.h"
#include "store/watermark.h"

namespace muster::store {
namespace {

/// A writer may be in the middle of a record of MANIFEST at each of a reader's looks.
constexpr int kManifestLooks = 3;
/// A reader goes on with tables that a writer beside it deletes: it has all of them open. So many
/// descriptors every process may have.
constexpr std::ptrdiff_t kTablesKeptOpen = 512;
/// One that replaces files faster than they can be opened is waited for no longer.
constexpr int kReaderTries = 100;
constexpr int kMicrosBetweenTries = 10'000;

/// Of the database's files, sorted. What a writer replaces has another one.
using FileNames = std::vector<std::string>;

std::ptrdiff_t count_tables(const FileNames& names) {
  return std::count_if(names.begin(), names.end(),
                       [](const std::string& name) { return name.ends_with(".sst"); });
}

/// A writer deletes a log when tables have what it says: a reader that read the list of tables
/// before, and looked for logs after, has part of it in neither.
bool lost_a_log(const FileNames& before, const FileNames& after) {
  return std::any_of(before.begin(), before.end(), [&](const std::string& name) {
    return name.ends_with(".log") && !std::binary_search(after.begin(), after.end(), name);
  });
}

class Opening {
 public:
  /// `lock`: of a writer who made the store; else an opening for writing takes it.
  Opening(const StoreOptions& options, const Tuning& tuning, StoreMarker marker,
          std::optional<StoreLock> lock)
      : options_(options),
        tuning_(tuning),
        marker_(std::move(marker)),
        lock_(std::move(lock)),
        notes_(std::make_shared<Notes>(options)),
        files_(make_private_env()),
        env_(tuning.env != nullptr ? *tuning.env : *files_) {}

  Result<std::unique_ptr<Engine>> open();
  Result<FileNames> names() const { return names_in(env_, data_path(options_.path)); }
  /// As a reader began to look; none: it did not come to that.
  const FileNames& names_before() const { return names_before_; }
  void wait() const { env_.SleepForMicroseconds(kMicrosBetweenTries); }

 private:
  DatabaseOptions database_options(bool read_only, rocksdb::Env* env) const;
  Engine::Options engine_options(bool read_only) const;
  Result<std::optional<TornLog>> torn_manifest() const;
  Status look_first();
  Status look_behind_tail(const TornLog& torn, const std::vector<TornLog>& logs);
  Status look_at_logs(const std::vector<TornLog>& logs) const;
  Status prove_or_keep(rocksdb::Env& env, bool to_the_last_record,
                       const std::vector<TornLog>& logs) const;
  Status prove(rocksdb::Env& env, bool to_the_last_record, bool accept_lost_events) const;

  const StoreOptions& options_;
  const Tuning& tuning_;
  const StoreMarker marker_;
  std::optional<StoreLock> lock_;
  const std::shared_ptr<Notes> notes_;
  const std::unique_ptr<rocksdb::Env> files_;
  rocksdb::Env& env_;
  std::optional<Acknowledged> acknowledged_;
  FileNames names_before_;
  std::optional<std::uint64_t> stop_before_;  ///< a gap in the logs
  std::shared_ptr<rocksdb::Env> whole_;       ///< without a MANIFEST's tail, which a reader leaves
};

DatabaseOptions Opening::database_options(bool read_only, rocksdb::Env* env) const {
  DatabaseOptions database;
  database.path = data_path(options_.path);
  database.read_only = read_only;
  database.memory = plan_memory(memory_bytes(options_), options_.known_reports);
  database.notes = notes_;
  database.env = env;
  database.stop_before = stop_before_;
  database.write_buffer_bytes = tuning_.write_buffer_bytes;
  database.jobs_on_demand = tuning_.jobs_on_demand;
  return database;
}

Engine::Options Opening::engine_options(bool read_only) const {
  Engine::Options engine;
  engine.durability = options_.durability;
  engine.submit_delay = std::chrono::milliseconds(options_.submit_delay_millis);
  engine.read_only = read_only;
  engine.tuning = tuning_;
  engine.memory = plan_memory(memory_bytes(options_), options_.known_reports);
  engine.policy = options_.policy;
  engine.store_id = marker_.store_id;
  engine.limits = options_.limits;
  engine.change_log = {options_.change_log, options_.change_log_seconds};
  engine.command_retention_seconds = options_.command_retention_seconds;
  engine.recorder = options_.recorder;
  if (engine.recorder && engine.recorder->directory.empty()) {
    engine.recorder->directory = options_.path / "recorder";
  }
  engine.watermark = {watermark_path(options_.path), acknowledged_, options_.accept_lost_events};
  engine.notes = notes_;
  return engine;
}

Result<std::optional<TornLog>> Opening::torn_manifest() const {
  auto torn = find_torn_manifest(env_, data_path(options_.path));
  for (int look = 0; torn.ok() && torn->has_value() && options_.read_only && look < kManifestLooks;
       ++look) {
    torn = find_torn_manifest(env_, data_path(options_.path));
  }
  return torn;
}

/// Opens what is there, or would be without a MANIFEST's tail, and changes nothing.
Status Opening::prove(rocksdb::Env& env, bool to_the_last_record, bool accept_lost_events) const {
  DatabaseOptions database_options = this->database_options(true, &env);
  Engine::Options options = engine_options(true);
  options.watermark.accept_lost_events = accept_lost_events;
  options.notes = database_options.notes = std::make_shared<Notes>(StoreOptions());
  options.policy.reset();
  auto database = Database::open(database_options);
  // It was being made, and nobody was told anything yet.
  if (database.status().code() == StatusCode::kNotFound && !acknowledged_) return {};
  if (!database.ok()) return database.status();
  const auto engine = Engine::open(std::move(*database), std::move(options));
  if (engine.status().code() == StatusCode::kNotFound) return {};
  if (!engine.ok() || !to_the_last_record) return engine.status();
  const Result<View> view = (*engine)->view();
  if (!view.ok()) return view.status();
  std::string first;
  const auto note = [&first](const Finding& finding) {
    first = to_string(finding);
    return false;
  };
  const Result<std::uint64_t> findings = check(*view, {note, {}, {}});
  if (!findings.ok() || *findings == 0) return findings.status();
  return {StatusCode::kCorruption, first};
}

/// A writable open deletes files that no list names and logs that were read: what is torn, or
/// behind a gap, is proved to be a crash's trace alone before that.
Status Opening::look_first() {
  const std::filesystem::path data = data_path(options_.path);
  if (Status status = check_current(env_, data); !status.ok()) return status;
  const auto torn = torn_manifest();
  if (!torn.ok()) return torn.status();
  const Result<LogWalk> logs = walk_logs(env_, data);
  if (!logs.ok()) return logs.status();
  stop_before_ = logs->stop_before;
  if (*torn) return look_behind_tail(**torn, logs->torn);
  return logs->torn.empty() || options_.read_only ? Status() : look_at_logs(logs->torn);
}

Status Opening::look_behind_tail(const TornLog& torn, const std::vector<TornLog>& logs) {
  notes_->warning(torn.to_string() + ": reading all of the store as it is without them");
  whole_ = without_tail(env_, torn);
  if (Status status = prove_or_keep(*whole_, true, logs); !status.ok()) {
    return {status.code(),
            torn.to_string() + ", and without them: " + std::string(status.message())};
  }
  return options_.read_only ? Status() : cut_tail(env_, torn);
}

Status Opening::look_at_logs(const std::vector<TornLog>& logs) const {
  for (const TornLog& log : logs) notes_->info(log.to_string());
  return prove_or_keep(env_, false, logs);
}

/// What a recorder may bring back, or nobody asks for any more, is gone on without. The logs as
/// they were stay beside it then.
Status Opening::prove_or_keep(rocksdb::Env& env, bool to_the_last_record,
                              const std::vector<TornLog>& logs) const {
  Status status = prove(env, to_the_last_record, false);
  const bool writes = !options_.read_only;
  const bool goes_on = options_.accept_lost_events || (writes && options_.recorder);
  if (status.code() != StatusCode::kEventsLost || !goes_on) return status;
  // That proof ended before the records were read.
  status = prove(env, to_the_last_record, true);
  for (const TornLog& log : logs) {
    if (status.ok() && writes) status = keep_copy(env_, log);
  }
  return status;
}

Result<std::unique_ptr<Engine>> Opening::open() {
  if (!options_.read_only && !lock_) {
    Result<StoreLock> taken = StoreLock::take(options_.path);
    if (!taken.ok()) return taken.status();
    lock_ = std::move(*taken);
  }
  auto acknowledged = read_watermark(env_, watermark_path(options_.path), marker_.store_id);
  if (!acknowledged.ok()) return acknowledged.status();
  acknowledged_ = *acknowledged;
  if (options_.read_only) {
    Result<FileNames> names = this->names();
    if (!names.ok()) return names.status();
    names_before_ = *std::move(names);
  }
  if (Status status = look_first(); !status.ok()) return status;
  const bool shortened = options_.read_only && whole_ != nullptr;
  DatabaseOptions options =
      database_options(options_.read_only, shortened ? whole_.get() : tuning_.env);
  if (shortened) options.kept_env = whole_;
  options.keep_tables_open = options_.read_only && count_tables(names_before_) <= kTablesKeptOpen;
  auto database = Database::open(options);
  if (!database.ok()) return database.status();
  if (tuning_.database != nullptr) *tuning_.database = &(*database)->engine();
  if (lock_) (*database)->keep(std::make_shared<const StoreLock>(*std::exchange(lock_, {})));
  return Engine::open(std::move(*database), engine_options(options_.read_only));
}

}  // namespace

Result<Store> open_tuned(const StoreOptions& options, const Tuning& tuning) {
  if (Status status = validate(options); !status.ok()) return status;
  Result<StoreMarker> marker = read_marker(options.path);
  std::optional<StoreLock> lock;
  if (!marker.ok()) {
    const bool missing = marker.status().code() == StatusCode::kNotFound;
    if (!missing || options.read_only || !options.create_if_missing) return marker.status();
    marker = make_store_directory(options.path, lock.emplace());
    if (!marker.ok()) return marker.status();
  }
  for (int tries = 1;; ++tries) {
    Opening opening(options, tuning, *marker, std::exchange(lock, {}));
    const Result<FileNames> before = opening.names();
    if (!before.ok()) return before.status();
    auto engine = opening.open();
    const Result<FileNames> after = options.read_only ? opening.names() : before;
    if (!after.ok()) return after.status();
    const bool outrun =
        engine.ok() ? lost_a_log(opening.names_before(), *after) : *before != *after;
    if (!outrun && engine.ok()) return Store(std::make_unique<Store::Impl>(*std::move(engine)));
    if (!outrun) return engine.status();
    if (tries < kReaderTries) {
      engine = Status(StatusCode::kBusy, "");  // what it holds goes before the next one comes
      opening.wait();
      continue;
    }
    if (!engine.ok()) return engine.status();
    return Status(StatusCode::kBusy, options.path.string() +
                                         ": its writer replaces files faster than they can be "
                                         "opened: try again when it has less to do");
  }
}

}  // namespace muster::store
