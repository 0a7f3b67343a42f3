// Hours of reports.
#include <array>

#include "bench/workload.h"

namespace muster::bench {
namespace {

/// Each host sends its labels and then its profiles, each hour, as agents do. Nothing changes, and
/// lists of profiles are byte for byte those of the hour before.
class Steady : public Workload {
 public:
  using Workload::Workload;
  std::uint64_t events(std::uint32_t) const override {
    return std::uint64_t{2} * fleet_.shape().hosts;
  }
  Event event(std::uint32_t round, std::uint64_t number) const override {
    const std::uint32_t host = fleet_.shuffled(round, static_cast<std::uint32_t>(number / 2));
    const Timestamp when = at(round, number, events(round));
    return number % 2 == 0 ? fleet_.label_report(host, when)
                           : fleet_.report(host, when, listed(round, number));
  }

 protected:
  virtual BenchFleet::Listed listed(std::uint32_t, std::uint64_t) const {
    return {founded_install()};
  }
};

/// The same, with install dates that move each hour: no list is one that was seen before, though
/// none changes a row.
class SteadyFresh : public Steady {
 public:
  using Steady::Steady;

 protected:
  BenchFleet::Listed listed(std::uint32_t round, std::uint64_t) const override {
    return {Timestamp{founded_install().micros + std::int64_t{1'000'000} * (round + 1)}};
  }
};

/// Steady, but one host of two hundred lacks a profile and one has an old one; the pass at the end
/// of the hour sends them again.
class Drift : public Steady {
 public:
  using Steady::Steady;
  std::uint64_t events(std::uint32_t round) const override { return Steady::events(round) + 1; }
  Event event(std::uint32_t round, std::uint64_t number) const override {
    if (number == Steady::events(round)) return fleet_.pass(round, at(round, 3'100));
    return Steady::event(round, number);
  }
  double moved_rows() const override { return 2 * 0.005; }

 protected:
  BenchFleet::Listed listed(std::uint32_t, std::uint64_t number) const override {
    return {founded_install(), number % 400 == 101 ? 1u : 0u, number % 400 == 301 ? 1u : 0u};
  }
};

/// Before a round every profile is uploaded anew and sent to all; in it each host's report moves
/// all of its rows from pending to verified.
class FullChange : public Workload {
 public:
  using Workload::Workload;
  std::vector<Event> before(std::uint32_t round) const override {
    std::vector<Event> events = fleet_.uploads(round + 2, at(round, -60));
    events.push_back(fleet_.pass(round, at(round, -30)));
    return events;
  }
  std::uint64_t events(std::uint32_t) const override { return fleet_.shape().hosts; }
  Event event(std::uint32_t round, std::uint64_t number) const override {
    const std::uint32_t host = fleet_.shuffled(round, static_cast<std::uint32_t>(number));
    return fleet_.report(host, at(round, number, events(round)), {at(round)});
  }
  double moved_rows() const override { return fleet_.shape().profiles; }
};

/// The same with one profile a team.
class OneProfile : public FullChange {
 public:
  using FullChange::FullChange;
  std::vector<Event> before(std::uint32_t round) const override {
    std::vector<Event> events;
    for (TeamId team = 0; team < fleet_.shape().teams; ++team) {
      events.push_back(fleet_.upload(team, 1, round + 2, at(round, -60)));
    }
    events.push_back(fleet_.pass(round, at(round, -30)));
    return events;
  }
  double moved_rows() const override { return 1; }
};

constexpr std::array kReportKinds = {
    WorkloadKind{"steady",
                 "each hour each host sends its labels and then its profiles; the lists "
                 "repeat and nothing changes",
                 make_workload<Steady>},
    WorkloadKind{"steady_fresh", "the same, and no list of profiles is one seen before",
                 make_workload<SteadyFresh>},
    WorkloadKind{"drift", "steady, and one host of a hundred lacks a profile or has an old one",
                 make_workload<Drift>},
    WorkloadKind{"full_change", "each report moves every row of its host from pending to verified",
                 make_workload<FullChange>},
    WorkloadKind{"one_profile", "each report moves one row of its host", make_workload<OneProfile>},
};

}  // namespace

std::span<const WorkloadKind> report_workloads() {
  return kReportKinds;
}

}  // namespace muster::bench
