// What RocksDB tells of its background work.
#pragma once

#include <rocksdb/listener.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "muster/status.h"
#include "store/notes.h"

namespace muster::store {

/// Remembers the first error of a flush or compaction, and which families take no writes. Called by
/// RocksDB's threads, after the store is closed too where a view keeps the database open.
class DatabaseListener : public rocksdb::EventListener {
 public:
  DatabaseListener(std::filesystem::path path, std::shared_ptr<Notes> notes);

  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* status) override;
  /// A full disk would start RocksDB's own recovery whatever max_bgerror_resume_count says.
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason reason, rocksdb::Status status,
                            bool* auto_recovery) override;
  void OnStallConditionsChanged(const rocksdb::WriteStallInfo& info) override;

  /// The first error, or ok.
  Status error() const;
  bool writes_stopped() const;

 private:
  const std::filesystem::path path_;
  const std::shared_ptr<Notes> notes_;
  mutable std::mutex mutex_;
  Status error_;
  std::set<std::string> stopped_families_;
  std::atomic<bool> failed_{false};  ///< error_ is set: asked at every commit
};

}  // namespace muster::store
