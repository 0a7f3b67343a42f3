// The store itself, through its public interface.
#pragma once

#include <map>
#include <optional>
#include <stdexcept>
#include <string>

#include "bench/engine.h"
#include "bench/measure.h"
#include "muster/snapshot.h"
#include "muster/store.h"

namespace rocksdb {
class DB;
}

namespace muster::bench {

template <typename T>
T value_of(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.status().to_string());
  return std::move(result).value();
}
void require_ok(const Status& status);

/// Settings: the preset's; nothing else is changed.
StoreOptions store_options(const EngineSetting& setting);

class MusterEngine : public Engine {
 public:
  explicit MusterEngine(const EngineSetting& setting);

  /// A pass without a seed at the end of the span is Store::reconcile: its commands go to the
  /// outbox.
  void apply(std::span<const Event> events) override;
  void replay(const std::filesystem::path& recording, const ReplaySetting& setting,
              const CommitSeen& seen) override;
  void settle() override;
  /// Commands were handed over.
  void after_round() override;
  std::string digest() override;
  EngineUse use() override;
  std::map<std::string, double> counts() override;

  Store& store() { return store_; }

 private:
  void reconcile(Timestamp at, Clock::time_point asked);

  rocksdb::DB* database_ = nullptr;  ///< the store's
  Store store_;
  std::uint64_t commands_ = 0;
  std::optional<double> repeated_share_;  ///< of the last round's events: reports answered unread
  std::uint64_t repeated_before_ = 0;
  std::uint64_t events_before_ = 0;
  std::optional<double> first_command_seconds_;  ///< of the last pass
};

}  // namespace muster::bench
