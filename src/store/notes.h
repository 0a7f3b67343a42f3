// What the store tells its operator while it works.
#pragma once

#include <atomic>
#include <functional>
#include <shared_mutex>
#include <string>
#include <string_view>

#include "muster/options.h"
#include "muster/status.h"

namespace muster::store {

/// Hands lines to the callbacks of StoreOptions. Shared with RocksDB's listener, whose threads may
/// run on after the store is closed: silence() ends the calls. From any thread.
class Notes {
 public:
  explicit Notes(const StoreOptions& options);

  void info(std::string_view text) const { write(LogLevel::kInfo, text); }
  void warning(std::string_view text) const { write(LogLevel::kWarning, text); }
  /// The store takes nothing more from here on. Tells of the first time only.
  void stopped(const Status& status);

  /// No callback runs when this returns, and none comes after it.
  void silence();

 private:
  void write(LogLevel level, std::string_view text) const;

  const std::string place_;
  mutable std::shared_mutex mutex_;  ///< shared by running callbacks
  std::function<void(LogLevel, std::string_view)> log_;
  std::function<void(const Status&)> on_failure_;
  std::atomic<bool> stopped_{false};
};

}  // namespace muster::store
