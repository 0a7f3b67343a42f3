// What the open store says without changing anything. Views and cursors are durable when they are
// handed out: where a commit is under way, that waits for its sync. Where that fails, reading goes
// on, but for what is there to be acted on: the outbox, changes, cursors.
#include "store/backup_folder.h"
#include "store/change_log.h"
#include "store/engine.h"

namespace muster::store {

Result<std::optional<Cursor>> Engine::last_position(std::string_view source) {
  std::optional<Cursor> cursor;
  std::uint64_t group = 0;
  {
    const std::lock_guard lock(state_mutex_);
    if (closed_) return Status(StatusCode::kClosed, "the store is closed");
    const auto at = committed_.cursors.find(source);
    if (at != committed_.cursors.end()) cursor = at->second;
    group = committed_.group;
  }
  if (Status status = make_durable(group); !status.ok()) return status;
  return cursor;
}

Result<View> Engine::view() {
  View seen;
  std::uint64_t group = 0;
  {
    const std::lock_guard lock(state_mutex_);
    if (closed_) return Status(StatusCode::kClosed, "the store is closed");
    if (totals_view_ == nullptr) totals_view_ = std::make_shared<const Totals>(committed_.totals);
    seen = View{database_,
                snapshot_,
                catalog_,
                totals_view_,
                committed_.times.view(),
                committed_.digest,
                policy_,
                committed_.changes,
                committed_.sequence,
                committed_.next_command,
                {}};
    group = committed_.group;
  }
  seen.durable = make_durable(group);
  return seen;
}

Policy Engine::policy() const {
  const std::lock_guard lock(state_mutex_);
  return policy_;
}

Result<StoreStats> Engine::stats() {
  std::shared_ptr<Database> database;
  {
    const std::lock_guard lock(state_mutex_);
    if (closed_) return Status(StatusCode::kClosed, "the store is closed");
    database = database_;
  }
  StoreStats stats;
  stats.disk_bytes = database->disk_bytes();  // asks the file system: not under the lock
  const std::lock_guard lock(state_mutex_);
  stats.sequence = committed_.sequence;
  stats.hosts = committed_.totals.hosts;
  stats.rows = committed_.totals.rows;
  stats.profiles = catalog_->profiles().size();
  stats.labels = catalog_->labels().size();
  stats.commands = committed_.next_command - 1;
  stats.commit_groups = committed_.group;
  stats.largest_group = committed_.largest_group;
  stats.hosts_due = committed_.totals.due;
  stats.fan_out_running = fan_out_running_;
  stats.format_version = kFormatVersion;
  stats.store_id = store_id_;
  for (const auto& [source, cursor] : committed_.cursors) {
    if (!source.empty()) stats.cursors.push_back(cursor);
  }
  return stats;
}

/// What is acknowledged by now is on the device before files are copied, and so in the copy.
Result<Backup> Engine::backup(const std::filesystem::path& folder) {
  if (options_.read_only) {
    return Status(StatusCode::kReadOnly, "a store opened read-only cannot be backed up");
  }
  if (Status status = usable(); !status.ok()) return status;
  const Result<View> seen = view();
  if (!seen.ok()) return seen.status();
  if (!seen->durable.ok()) return seen->durable;
  options_.notes->info("a backup to " + folder.string() + " begins");
  return back_up(*seen->database, store_id_, seen->sequence, folder, *options_.notes);
}

Result<RowChanges> Engine::changes(std::uint64_t after, std::size_t limit) {
  const Result<View> seen = view();
  if (!seen.ok()) return seen.status();
  if (!seen->durable.ok()) return seen->durable;
  if (options_.change_log.count == 0 && seen->changes == ChangeRange()) {
    return Status(StatusCode::kInvalidArgument,
                  "the store keeps no transitions: open it with StoreOptions::change_log");
  }
  if (after >= seen->changes.next) {
    return Status(StatusCode::kInvalidArgument,
                  "transition " + std::to_string(after) +
                      " is beyond the last one that is seen here, " +
                      std::to_string(seen->changes.next - 1) +
                      ": a reader opens the store again; where it was restored or lost events, "
                      "begin with a snapshot");
  }
  return list_changes(*seen->database, seen->snapshot, *seen->catalog, seen->changes, after, limit);
}

StoreMetrics Engine::metrics() const {
  StoreMetrics metrics;
  std::shared_ptr<Database> database;
  {
    const std::lock_guard lock(state_mutex_);
    metrics = metrics_;
    metrics.failure = failure_;
    metrics.outbox_entries = committed_.totals.outbox;
    metrics.resident_bytes = committed_.times.pages() * sizeof(HostTimes::Page);
    database = database_;
  }
  metrics.waiting_spans = queue_.waiting();
  metrics.submitted_events = queue_.submitted_events();
  if (database == nullptr) return metrics;
  const DatabaseMemory memory = database->memory();
  metrics.cache_bytes = memory.cache_bytes;
  metrics.write_buffer_bytes = memory.write_buffer_bytes;
  metrics.writes_stopped = memory.writes_stopped;
  if (metrics.failure.ok()) metrics.failure = database->background_error();
  return metrics;
}

}  // namespace muster::store
