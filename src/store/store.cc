#include "muster/store.h"

#include "muster/backup.h"
#include "muster/snapshot.h"
#include "store/check.h"
#include "store/open_options.h"
#include "store/snapshot_impl.h"
#include "store/store_directory.h"
#include "store/store_impl.h"
#include "store/tuning.h"

namespace muster {
namespace store {
namespace {

constexpr int kReadOnlyRetries = 3;

}  // namespace

Result<Store> open_tuned(const StoreOptions& options, const Tuning& tuning) {
  if (Status status = validate(options); !status.ok()) return status;
  Result<StoreMarker> marker = read_marker(options.path);
  if (!marker.ok()) {
    const bool missing = marker.status().code() == StatusCode::kNotFound;
    if (!missing || options.read_only || !options.create_if_missing) return marker.status();
    marker = make_store_directory(options.path);
    if (!marker.ok()) return marker.status();
  }
  std::shared_ptr<const StoreLock> lock;
  if (!options.read_only) {
    Result<StoreLock> taken = StoreLock::take(options.path);
    if (!taken.ok()) return taken.status();
    lock = std::make_shared<const StoreLock>(std::move(*taken));
  }
  auto notes = std::make_shared<Notes>(options);
  DatabaseOptions database_options;
  database_options.path = data_path(options.path);
  database_options.read_only = options.read_only;
  database_options.memory = plan_memory(memory_bytes(options), options.known_reports);
  database_options.notes = notes;
  database_options.env = tuning.env;
  database_options.write_buffer_bytes = tuning.write_buffer_bytes;
  database_options.jobs_on_demand = tuning.jobs_on_demand;
  auto database = Database::open(database_options);
  // A writer may delete a file between a reader's look at the list of files and its open.
  for (int retries = kReadOnlyRetries; !database.ok() && options.read_only && retries > 0;
       --retries) {
    database = Database::open(database_options);
  }
  if (!database.ok()) return database.status();
  (*database)->keep(std::move(lock));
  Engine::Options engine_options;
  engine_options.durability = options.durability;
  engine_options.read_only = options.read_only;
  engine_options.tuning = tuning;
  engine_options.memory = database_options.memory;
  engine_options.policy = options.policy;
  engine_options.store_id = marker->store_id;
  engine_options.limits = options.limits;
  engine_options.change_log = options.change_log;
  engine_options.command_retention_seconds = options.command_retention_seconds;
  engine_options.recorder = options.recorder;
  if (engine_options.recorder && engine_options.recorder->directory.empty()) {
    engine_options.recorder->directory = options.path / "recorder";
  }
  engine_options.notes = std::move(notes);
  auto engine = Engine::open(std::move(*database), std::move(engine_options));
  if (!engine.ok()) return engine.status();
  return Store(std::make_unique<Store::Impl>(std::move(*engine)));
}

}  // namespace store

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Result<Store> Store::open(const StoreOptions& options) {
  return store::open_tuned(options, store::Tuning());
}

Result<Applied> Store::apply(std::span<const Event> events) {
  return impl_->engine->apply(events, std::nullopt);
}

Result<Applied> Store::apply(std::span<const Event> events, const SourcePosition& position) {
  return impl_->engine->apply(events, position);
}

Status Store::submit(std::vector<Event> events, std::optional<SourcePosition> position,
                     std::function<void(Result<Applied>)> done) {
  return impl_->engine->submit(std::move(events), std::move(position), std::move(done));
}

Result<Backup> Store::backup(const std::filesystem::path& folder) {
  return impl_->engine->backup(folder);
}

Result<PassReport> Store::reconcile(Timestamp now, const UuidSource& uuids,
                                    const std::function<bool(const PassReport&)>& go_on) {
  return impl_->engine->reconcile(now, uuids, go_on);
}

Result<std::vector<PendingCommand>> Store::pending_commands(OutboxId after,
                                                            std::size_t limit) const {
  return impl_->engine->pending_commands(after, limit);
}

Result<std::size_t> Store::command_sent(std::span<const OutboxId> ids) {
  return impl_->engine->command_sent(ids);
}

Status Store::command_not_sent(OutboxId id, Timestamp now, std::span<const std::string> hosts) {
  return impl_->engine->command_not_sent(id, now, hosts);
}

Result<RowChanges> Store::changes(std::uint64_t after, std::size_t limit) const {
  return impl_->engine->changes(after, limit);
}

StoreMetrics Store::metrics() const {
  return impl_->engine->metrics();
}

void Store::find_known(std::span<UnreadReport> reports) const {
  impl_->engine->find_known(reports);
}

Result<std::optional<Cursor>> Store::last_position(std::string_view source) const {
  return impl_->engine->last_position(source);
}

Result<Snapshot> Store::snapshot() const {
  Result<store::View> view = impl_->engine->view();
  if (!view.ok()) return view.status();
  return Snapshot(std::make_shared<const Snapshot::Impl>(std::move(*view)));
}

Result<std::uint64_t> Store::check(const std::function<bool(const Finding&)>& visit) const {
  const Result<store::View> view = impl_->engine->view();
  if (!view.ok()) return view.status();
  return store::check(*view, visit);
}

Result<StoreStats> Store::stats() const {
  return impl_->engine->stats();
}

Policy Store::policy() const {
  return impl_->engine->policy();
}

Status Store::close(std::optional<std::chrono::milliseconds> deadline) {
  return impl_->engine->close(deadline);
}

}  // namespace muster
