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
  explicit BenchFleet(const FleetShape& shape);

  const FleetShape& shape() const { return shape_; }
  std::vector<std::uint32_t> hosts_by_uuid() const;
  std::string host_uuid(std::uint32_t host) const;
  std::string profile_uuid(TeamId team, std::uint32_t profile) const;
  const std::string& identifier(TeamId team, std::uint32_t profile) const;
  TeamId team_of(std::uint32_t host) const { return host % shape_.teams; }
  /// The n-th host of round `round`: each host once, in an order without locality.
  std::uint32_t shuffled(std::uint64_t round, std::uint32_t n) const;

  /// Labels: one that every host has, and three of which each host has one.
  std::vector<Event> labels(Timestamp at) const;
  /// Version `version` of a profile. The first profile of a team asks for the label of all hosts.
  Event upload(TeamId team, std::uint32_t profile, std::uint32_t version, Timestamp at) const;
  std::vector<Event> uploads(std::uint32_t version, Timestamp at) const;
  Event host_added(std::uint32_t host, Timestamp at) const;
  Event label_report(std::uint32_t host, Timestamp at) const;

  /// What a report lists: every profile but the first `missing`, with install dates of
  /// `installed_at`; the last `outdated` of them with dates before any upload.
  struct Listed {
    Timestamp installed_at;
    std::uint32_t missing = 0;
    std::uint32_t outdated = 0;
  };
  Event report(std::uint32_t host, Timestamp at, const Listed& listed) const;

  /// A pass whose commands have the uuids that command_uuid() says; `pass` never twice.
  Event pass(std::uint64_t pass, Timestamp at) const;
  std::string command_uuid(std::uint64_t pass, TeamId team, std::uint32_t profile) const;
  Event result(std::uint32_t host, std::uint64_t pass, std::uint32_t profile, bool good,
               Timestamp at) const;

 private:
  struct Names {
    std::string identifier;
    std::string name;
  };
  const Names& names(TeamId team, std::uint32_t profile) const {
    return names_[team * shape_.profiles + profile];
  }

  const FleetShape shape_;
  std::vector<Names> names_;
};

/// The n-th of `count` numbers, each once, in an order without locality that `seed` decides.
std::uint32_t permuted(std::uint64_t seed, std::uint32_t n, std::uint32_t count);

}  // namespace muster::bench
