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
  /// Takes an engine to the state in which round 0 begins: hosts whose profiles are verified.
  virtual void found(Engine& engine) const;
  /// Once a round, before any engine gets it.
  virtual void prepare(std::uint32_t) {}
  /// Comes before the round, not measured.
  virtual std::vector<Event> before(std::uint32_t) const { return {}; }
  virtual std::uint64_t events(std::uint32_t round) const = 0;
  /// Event `number` of the round, from 0.
  virtual Event event(std::uint32_t round, std::uint64_t number) const = 0;
  /// What costs are given for one of: events, unless it says otherwise.
  virtual std::uint64_t units(std::uint32_t round) const { return events(round); }
  /// Rows that move, a unit: what has to be stored at least.
  virtual double moved_rows() const { return 0; }
  /// Events so far that every engine refuses.
  virtual std::uint64_t refused() const { return 0; }

 protected:
  /// Rounds are hours. Their events come in the first 50 minutes, the rest is for before().
  Timestamp at(std::uint32_t round, std::int64_t seconds = 0) const;
  Timestamp at(std::uint32_t round, std::uint64_t number, std::uint64_t of) const;

  const BenchFleet fleet_;
};

/// Of a founded fleet: when its first profiles were uploaded and installed.
inline constexpr std::int64_t kFoundedInstallSeconds = 3'000;
Timestamp founded_install();

struct WorkloadKind {
  std::string_view name;
  std::string_view what;
  std::unique_ptr<Workload> (*make)(const FleetShape& shape);
};
std::span<const WorkloadKind> workload_kinds();
const WorkloadKind* find_workload(std::string_view name);

template <typename Kind>
std::unique_ptr<Workload> make_workload(const FleetShape& shape) {
  return std::make_unique<Kind>(shape);
}
// In workloads/.
std::span<const WorkloadKind> report_workloads();
std::span<const WorkloadKind> command_workloads();
std::span<const WorkloadKind> fleet_workloads();

}  // namespace muster::bench
