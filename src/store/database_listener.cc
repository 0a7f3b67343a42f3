#include "store/database_listener.h"

#include <utility>

#include "store/io_status.h"

namespace muster::store {

DatabaseListener::DatabaseListener(std::filesystem::path path, std::shared_ptr<Notes> notes)
    : path_(std::move(path)), notes_(std::move(notes)) {}

void DatabaseListener::OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) {
  Status error(StatusCode::kIoError,
               path_.string() + ": a background write failed: " + reason_of(*status));
  {
    const std::lock_guard lock(mutex_);
    if (!error_.ok()) return;
    error_ = error;
    failed_.store(true, std::memory_order_release);
  }
  notes_->stopped(error);
}

void DatabaseListener::OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                                            bool* auto_recovery) {
  *auto_recovery = false;
}

void DatabaseListener::OnStallConditionsChanged(const rocksdb::WriteStallInfo& info) {
  const bool stopped = info.condition.cur == rocksdb::WriteStallCondition::kStopped;
  bool changed = false;
  {
    const std::lock_guard lock(mutex_);
    const bool before = !stopped_families_.empty();
    if (stopped) {
      stopped_families_.insert(info.cf_name);
    } else {
      stopped_families_.erase(info.cf_name);
    }
    changed = before != !stopped_families_.empty();
  }
  if (!changed) return;
  notes_->warning(stopped ? "writes stop until the disk has caught up, at family " + info.cf_name
                          : "writes go on");
}

Status DatabaseListener::error() const {
  if (!failed_.load(std::memory_order_acquire)) return {};
  const std::lock_guard lock(mutex_);
  return error_;
}

bool DatabaseListener::writes_stopped() const {
  const std::lock_guard lock(mutex_);
  return !stopped_families_.empty();
}

}  // namespace muster::store
