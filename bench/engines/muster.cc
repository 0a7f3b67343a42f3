// The store itself, through its public interface.
#include <stdexcept>

#include "bench/engine.h"
#include "muster/snapshot.h"
#include "muster/store.h"

namespace muster::bench {
namespace {

template <typename T>
T value_of(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.status().to_string());
  return std::move(result).value();
}
void require_ok(const Status& status) {
  if (!status.ok()) throw std::runtime_error(status.to_string());
}

class MusterEngine : public Engine {
 public:
  explicit MusterEngine(const EngineSetting& setting) : store_(value_of(Store::open(options(setting)))) {}

  void apply(std::span<const Event> events) override {
    const Applied applied = value_of(store_.apply(events));
    for (const EventResult& result : applied.results) {
      refused_ += refusal_of(result.outcome) == Refusal::kNone ? 0 : 1;
    }
  }
  void settle() override {}
  std::string digest() override {
    const Snapshot snapshot = value_of(store_.snapshot());
    DigestSum sum;
    require_ok(snapshot.visit_hosts({}, [&](const HostState& host) {
      sum.begin_host(host.host_uuid);
      require_ok(snapshot.visit_host(host.host_uuid, {}, [&](const ProfileState& row) {
        sum.add_row(row.profile_uuid, row.operation, row.status, row.retries);
        return true;
      }));
      sum.end_host();
      return true;
    }));
    return sum.text();
  }
  EngineUse use() override {
    const StoreMetrics metrics = store_.metrics();
    return {metrics.commits, metrics.syncs, metrics.batch_bytes,
            value_of(store_.stats()).disk_bytes};
  }

 private:
  static StoreOptions options(const EngineSetting& setting) {
    StoreOptions options;
    options.path = setting.folder / "store";
    options.durability = setting.durability;
    options.memory_bytes = setting.memory_bytes;
    return options;
  }

  Store store_;
};

}  // namespace

std::unique_ptr<Engine> make_muster(const EngineSetting& setting) {
  return std::make_unique<MusterEngine>(setting);
}

}  // namespace muster::bench
