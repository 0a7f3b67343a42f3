// The fleet that workloads are about: hosts of some teams that all have the profiles of their team.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "muster/event.h"

namespace muster::bench {

struct FleetShape {
  std::uint32_t hosts = 10'000;
  std::uint32_t profiles = 30;  ///< a team
  std::uint32_t teams = 4;
};

class BenchFleet {
 public:
  explicit BenchFleet(const FleetShape& shape) : shape_(shape) {}

  const FleetShape& shape() const { return shape_; }
  std::string host_uuid(std::uint32_t host) const;
  std::string profile_uuid(TeamId team, std::uint32_t profile) const;
  TeamId team_of(std::uint32_t host) const { return host % shape_.teams; }
  /// The n-th host of round `round`: each host once, in an order without locality.
  std::uint32_t shuffled(std::uint64_t round, std::uint32_t n) const;

  /// Uploads of version `version` of every profile.
  std::vector<Event> uploads(std::uint32_t version, Timestamp at) const;
  Event host_added(std::uint32_t host, Timestamp at) const;
  /// Lists every profile but the first `missing`, with install dates of `installed_at`.
  Event report(std::uint32_t host, Timestamp at, Timestamp installed_at,
               std::uint32_t missing = 0) const;
  Event label_report(std::uint32_t host, Timestamp at) const;

 private:
  const FleetShape shape_;
};

}  // namespace muster::bench
