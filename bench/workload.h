// What engines are given: a founded fleet, and then rounds of events.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "bench/engine.h"
#include "bench/fleet.h"

namespace muster::bench {

/// Makes events; knows nothing of engines. All of a round's come in the order of their times.
class Workload {
 public:
  explicit Workload(const FleetShape& shape) : fleet_(shape) {}
  virtual ~Workload() = default;

  const BenchFleet& fleet() const { return fleet_; }
  /// Takes every engine to the state in which round 0 begins: hosts whose profiles are verified.
  void found(Engine& engine) const;
  /// Before the round, not measured.
  virtual std::vector<Event> before(std::uint32_t) const { return {}; }
  virtual std::uint64_t events(std::uint32_t round) const = 0;
  /// Event `number` of the round, from 0.
  virtual Event event(std::uint32_t round, std::uint64_t number) const = 0;

 protected:
  static constexpr std::int64_t kRoundSeconds = 3'600;
  Timestamp at(std::uint32_t round, std::int64_t seconds = 0) const;

  const BenchFleet fleet_;
};

struct WorkloadKind {
  std::string_view name;
  std::string_view what;
  std::unique_ptr<Workload> (*make)(const FleetShape& shape);
};
std::span<const WorkloadKind> workload_kinds();
const WorkloadKind* find_workload(std::string_view name);

}  // namespace muster::bench
