#include <algorithm>

#include "base/contract.h"
#include "store/committed.h"
#include "store/engine.h"
#include "store/meta_records.h"

namespace muster::store {
namespace {

using Clock = std::chrono::steady_clock;

std::uint64_t micros_since(Clock::time_point began) {
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began);
  return static_cast<std::uint64_t>(took.count());
}

Status stopped(const Status& failure) {
  return {failure.code(),
          "the store stopped at an earlier error and takes nothing more; open it again in a new "
          "process. The error: " +
              std::string(failure.message())};
}

}  // namespace

Status Engine::usable() const {
  const std::lock_guard lock(state_mutex_);
  if (closed_) return {StatusCode::kClosed, "the store is closed"};
  if (!failure_.ok()) return stopped(failure_);
  return database_->background_error();
}

void Engine::fail(const Status& status) {
  {
    const std::lock_guard lock(state_mutex_);
    if (failure_.ok()) failure_ = status;
  }
  options_.notes->stopped(status);
}

Status Engine::commit(CommitGroup& group) {
  const bool begun = fan_out_ != nullptr && !fan_out_->persisted();
  if (group.empty() && !begun && !fan_out_finished_) return {};
  batch_.clear();
  MetaChanges meta;
  if (fan_out_ != nullptr) {
    if (begun) meta[kFanOutKey] = encode_fan_out(fan_out_->record());
    meta[kFanOutProgressKey] = encode_progress(fan_out_->progress());
    fan_out_->set_persisted();
  } else if (fan_out_finished_) {
    meta = {{kFanOutKey, std::nullopt}, {kFanOutProgressKey, std::nullopt}};
  }
  if (group.policy() != policy_) meta[kPolicyKey] = encode_policy(group.policy());
  Result<GroupRecord> record = group.finish(batch_);
  if (!record.ok()) return record.status();
  Status status = put_meta(*database_, meta, committed_.digest, batch_, record->digest);
  if (!status.ok()) return status;
  const std::string key = group_key(committed_.group + 1);
  const std::string sealed = encode_group(key, *record);
  batch_.put(Family::kGroups, key, sealed);
  if (recorder_ != nullptr) status = recorder_->write();
  if (!status.ok()) return status;
  status = write(batch_);
  if (!status.ok()) return status;
  fan_out_finished_ = false;
  publish(group, *record, sealed.size());
  publish_hosts(group);
  batch_.clear();
  const std::uint64_t times_bytes = committed_.next_ordinal * sizeof(TimesEntry);
  if (committed_.log_bytes <= std::max(options_.tuning.fold_bytes_min, times_bytes)) return {};
  return fold();
}

Status Engine::write(Batch& batch) {
  const std::uint64_t bytes = batch.bytes();
  const auto began = Clock::now();
  const Status status = database_->write(batch, false);
  const std::uint64_t micros = micros_since(began);
  const std::lock_guard lock(state_mutex_);
  ++metrics_.commits;
  metrics_.batch_bytes += bytes;
  metrics_.commit_micros += micros;
  metrics_.commit_micros_max = std::max(metrics_.commit_micros_max, micros);
  return status;
}

/// Returns when the group is on the device. One sync serves all that was written before it began.
Status Engine::make_durable(std::uint64_t group) {
  if (options_.durability != Durability::kSync || options_.read_only) return {};
  const std::lock_guard one_at_a_time(sync_mutex_);
  if (group <= synced_.group) return {};
  std::shared_ptr<Database> database;
  Acknowledged written;
  {
    const std::lock_guard lock(state_mutex_);
    if (!failure_.ok()) return stopped(failure_);
    if (closed_) return {};  // which synced
    database = database_;
    written = {committed_.group, committed_.sequence};
  }
  const auto began = Clock::now();
  Status status = database->sync();
  const std::uint64_t micros = micros_since(began);
  if (status.ok() && watermark_ != nullptr) status = watermark_->advance(written);
  if (status.ok()) {
    synced_ = written;
  } else {
    fail(status);
  }
  const std::lock_guard lock(state_mutex_);
  ++metrics_.syncs;
  metrics_.commit_micros += micros;
  metrics_.commit_micros_max = std::max(metrics_.commit_micros_max, micros);
  return status;
}

/// What was told to those who asked holds from here on, or they hear why not.
void Engine::settle(const std::vector<Request*>& answered) {
  std::uint64_t group = 0;
  for (const Request* request : answered) group = std::max(group, request->group);
  const Status status = make_durable(group);
  if (status.ok()) return;
  for (Request* request : answered) request->status = status;
}

void Engine::count(const std::vector<Request*>& answered) {
  const std::lock_guard lock(state_mutex_);
  for (const Request* request : answered) {
    for (const EventResult& result : request->applied.results) {
      if (result.outcome == Outcome::kRateLimited) {
        ++metrics_.rate_limited;
      } else {
        ++metrics_.events;
        metrics_.refused += refusal_of(result.outcome) == Refusal::kNone ? 0 : 1;
      }
    }
  }
  metrics_.reports_repeated = reports_repeated_;
  metrics_.reports_confirmed = reports_confirmed_;
  if (recorder_ != nullptr) metrics_.recorded_bytes = recorder_->bytes_written();
}

void Engine::publish(const CommitGroup& group, const GroupRecord& record,
                     std::size_t record_bytes) {
  // The last view's database snapshot is released outside the lock.
  DatabaseSnapshot snapshot = database_->take_snapshot();
  const std::lock_guard lock(state_mutex_);
  for (const core::CommandNumber number : group.reissued()) {
    if (sweeping_) reissued_.insert(core::to_integer(number));
  }
  committed_.apply(record);
  committed_.log_bytes += record_bytes;
  catalog_ = group.published_catalog();
  policy_ = group.policy();
  totals_view_.reset();
  fan_out_running_ = fan_out_ != nullptr;
  snapshot_.swap(snapshot);
}

/// Writes what the groups say as absolute pages and deletes the groups, in one batch.
Status Engine::fold() {
  Batch batch(*database_);
  put_folded(committed_, batch);
  const Status status = write(batch);
  if (!status.ok()) return status;
  DatabaseSnapshot snapshot = database_->take_snapshot();
  const std::lock_guard lock(state_mutex_);
  committed_.folded_through = committed_.group;
  committed_.log_bytes = 0;
  ++metrics_.folds;
  snapshot_.swap(snapshot);
  return {};
}

Status Engine::close(std::optional<std::chrono::milliseconds> deadline) {
  const std::lock_guard one_at_a_time(close_mutex_);
  const auto now = CommitQueue::Clock::now();
  const bool idle = deadline ? queue_.close(now + *deadline / 2, now + *deadline)
                             : queue_.close(std::nullopt, std::nullopt);
  if (!idle) return {StatusCode::kBusy, "a commit is still under way: call close() again"};
  {
    std::unique_lock lock(state_mutex_);
    if (closed_) return {};
    scrubs_end_ = true;
    const auto ended = [this] { return scrubs_ == 0; };
    if (!deadline) scrub_ended_.wait(lock, ended);
    if (deadline && !scrub_ended_.wait_until(lock, now + *deadline, ended)) {
      return {StatusCode::kBusy, "a scrub reads a table still: call close() again"};
    }
  }
  const bool writable = loaded_ && !options_.read_only;
  Status status = writable ? usable() : Status();
  if (status.ok() && writable) {
    if (committed_.folded_through < committed_.group) status = fold();
    if (status.ok()) status = database_->sync();
    if (status.ok() && recorder_ != nullptr) status = recorder_->close();
    const std::lock_guard no_sync(sync_mutex_);
    if (status.ok()) status = watermark_->advance({committed_.group, committed_.sequence});
    if (status.ok()) status = watermark_->close();
    watermark_.reset();
    if (status.ok()) {
      options_.notes->info("closed at sequence " + std::to_string(committed_.sequence));
    } else {
      options_.notes->stopped(status);
    }
  }
  options_.notes->silence();
  const std::lock_guard lock(state_mutex_);
  closed_ = true;
  snapshot_.reset();
  // One that failed to open: its recorder needs the database's environment to let go.
  if (!loaded_) recorder_.reset();
  if (!status.ok()) {
    Database::abandon(std::move(database_));
    return status;
  }
  // A snapshot that outlives the store keeps the database open and closes it with itself.
  if (database_.use_count() > 1) {
    database_.reset();
    return status;
  }
  const Status closed = database_->close();
  database_.reset();
  return status.ok() ? closed : status;
}

}  // namespace muster::store
