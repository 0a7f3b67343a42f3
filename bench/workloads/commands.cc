// Hours in which commands go out and are answered.
#include <array>

#include "bench/workload.h"

namespace muster::bench {
namespace {

/// Before a round every profile is uploaded anew and sent; in it each device acknowledges each
/// command of that pass by itself.
class CommandResults : public Workload {
 public:
  using Workload::Workload;
  std::vector<Event> before(std::uint32_t round) const override {
    std::vector<Event> events = fleet_.uploads(round + 2, at(round, -60));
    events.push_back(fleet_.pass(round, at(round, -30)));
    return events;
  }
  std::uint64_t events(std::uint32_t) const override {
    return std::uint64_t{fleet_.shape().hosts} * fleet_.shape().profiles;
  }
  Event event(std::uint32_t round, std::uint64_t number) const override {
    const std::uint32_t profiles = fleet_.shape().profiles;
    const std::uint32_t host =
        fleet_.shuffled(round, static_cast<std::uint32_t>(number / profiles));
    return fleet_.result(host, round, static_cast<std::uint32_t>(number % profiles), true,
                         at(round, number, events(round)));
  }
  double moved_rows() const override { return 1; }
};

/// One more version of one profile of each team, and the pass that hands it to every host. Costs
/// are those of a host.
class Rollout : public Workload {
 public:
  using Workload::Workload;
  std::uint64_t events(std::uint32_t) const override { return fleet_.shape().teams + 1; }
  Event event(std::uint32_t round, std::uint64_t number) const override {
    if (number == fleet_.shape().teams) return {at(round, 1), Reconciled{}};
    return fleet_.upload(static_cast<TeamId>(number), 1, round + 2, at(round));
  }
  std::uint64_t units(std::uint32_t) const override { return fleet_.shape().hosts; }
  double moved_rows() const override { return 1; }
};

/// Every profile was sent anew, and each tenth device, which has just enrolled and has all of its
/// tries, fails all of them, fails them again after the next pass, and so for good. The others
/// report them installed.
class RetryStorm : public CommandResults {
 public:
  using CommandResults::CommandResults;
  std::vector<Event> before(std::uint32_t round) const override {
    std::vector<Event> events = fleet_.uploads(round + 2, at(round, -60));
    for (std::uint32_t i = 0; i < failing(); ++i) {
      events.push_back({at(round, -40), HostEnrolled{fleet_.host_uuid(10 * i), {}, {}}});
    }
    events.push_back(fleet_.pass(2 * round, at(round, -30)));
    return events;
  }
  std::uint64_t events(std::uint32_t) const override {
    return 2 * answers() + 1 + fleet_.shape().hosts - failing();
  }
  Event event(std::uint32_t round, std::uint64_t number) const override {
    const Timestamp when = at(round, number, events(round));
    if (number < answers()) return failure(round, 2 * round, number, when);
    if (number == answers()) return fleet_.pass(2 * round + 1, when);
    if (number <= 2 * answers()) {
      return failure(round, 2 * round + 1, number - answers() - 1, when);
    }
    const auto other = permuted(round, static_cast<std::uint32_t>(number - 2 * answers() - 1),
                                fleet_.shape().hosts - failing());
    return fleet_.report(other + other / 9 + 1, when, {at(round)});
  }
  double moved_rows() const override {
    return static_cast<double>(fleet_.shape().hosts) * fleet_.shape().profiles * 1.2 /
           static_cast<double>(events(0));
  }

 private:
  std::uint32_t failing() const { return (fleet_.shape().hosts + 9) / 10; }
  std::uint64_t answers() const { return std::uint64_t{failing()} * fleet_.shape().profiles; }
  Event failure(std::uint32_t round, std::uint64_t pass, std::uint64_t number,
                Timestamp when) const {
    const std::uint32_t profiles = fleet_.shape().profiles;
    const std::uint32_t host =
        10 * permuted(round, static_cast<std::uint32_t>(number / profiles), failing());
    return fleet_.result(host, pass, static_cast<std::uint32_t>(number % profiles), false, when);
  }
};

constexpr std::array kCommandKinds = {
    WorkloadKind{"command_results", "each device acknowledges each command of a pass",
                 make_workload<CommandResults>},
    WorkloadKind{"rollout",
                 "a new version of one profile a team, and the pass that sends it to "
                 "every host",
                 make_workload<Rollout>},
    WorkloadKind{"retry_storm", "each tenth device fails every command twice, the others report",
                 make_workload<RetryStorm>},
};

}  // namespace

std::span<const WorkloadKind> command_workloads() {
  return kCommandKinds;
}

}  // namespace muster::bench
