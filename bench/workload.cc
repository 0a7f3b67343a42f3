#include "bench/workload.h"

#include <algorithm>
#include <array>

#include "muster/fleet_generator.h"

namespace muster::bench {
namespace {

constexpr std::size_t kFoundingSpan = 1'024;

/// Hourly reports of profiles that are all in place; every 16th is of labels.
class Steady : public Workload {
 public:
  using Workload::Workload;
  std::uint64_t events(std::uint32_t) const override { return fleet_.shape().hosts; }
  Event event(std::uint32_t round, std::uint64_t number) const override {
    const std::uint32_t host = fleet_.shuffled(round, static_cast<std::uint32_t>(number));
    if (number % 16 == 15) return fleet_.label_report(host, at(round));
    return fleet_.report(host, at(round), installed());
  }

 protected:
  /// After the uploads, before the founding reports.
  Timestamp installed() const { return at(0, -1'800); }
};

/// The same, and one host of a hundred lacks a profile.
class Drift : public Steady {
 public:
  using Steady::Steady;
  Event event(std::uint32_t round, std::uint64_t number) const override {
    if (number % 100 != 50) return Steady::event(round, number);
    const std::uint32_t host = fleet_.shuffled(round, static_cast<std::uint32_t>(number));
    return fleet_.report(host, at(round), installed(), 1);
  }
};

/// Before a round every profile is uploaded anew and sent to all; in it each host's report moves all
/// of its rows from pending to verified.
class FullChange : public Workload {
 public:
  using Workload::Workload;
  std::vector<Event> before(std::uint32_t round) const override {
    std::vector<Event> events = fleet_.uploads(round + 2, at(round, -60));
    events.push_back({at(round, -30), Reconciled{}});
    return events;
  }
  std::uint64_t events(std::uint32_t) const override { return fleet_.shape().hosts; }
  Event event(std::uint32_t round, std::uint64_t number) const override {
    const std::uint32_t host = fleet_.shuffled(round, static_cast<std::uint32_t>(number));
    return fleet_.report(host, at(round), at(round));
  }
};

/// One more version of one profile of a team, and the pass that hands it to every host of it.
class Rollout : public Workload {
 public:
  using Workload::Workload;
  std::uint64_t events(std::uint32_t) const override { return 2; }
  Event event(std::uint32_t round, std::uint64_t number) const override {
    if (number == 1) return {at(round, 1), Reconciled{}};
    Event upload = fleet_.uploads(round + 2, at(round)).front();
    return upload;
  }
};

template <typename Kind>
std::unique_ptr<Workload> make(const FleetShape& shape) {
  return std::make_unique<Kind>(shape);
}

constexpr std::array kWorkloads = {
    WorkloadKind{"steady", "hourly reports of profiles and labels; nothing changes", make<Steady>},
    WorkloadKind{"drift", "the same, and one host of a hundred lacks a profile", make<Drift>},
    WorkloadKind{"full_change", "each report moves every row of its host", make<FullChange>},
    WorkloadKind{"rollout", "a new version of one profile, and the pass that sends it",
                 make<Rollout>},
};

}  // namespace

Timestamp Workload::at(std::uint32_t round, std::int64_t seconds) const {
  return Timestamp{kFleetStart.micros + ((round + 2) * kRoundSeconds + seconds) * 1'000'000};
}

void Workload::found(Engine& engine) const {
  const auto second = [](std::int64_t seconds) {
    return Timestamp{kFleetStart.micros + seconds * 1'000'000};
  };
  engine.apply(fleet_.uploads(1, second(0)));
  std::vector<Event> events;
  const auto each_host = [&](const auto& event_of) {
    for (std::uint32_t i = 0; i < fleet_.shape().hosts; ++i) {
      events.push_back(event_of(fleet_.shuffled(1u << 20, i)));
      if (events.size() < kFoundingSpan && i + 1 < fleet_.shape().hosts) continue;
      engine.apply(events);
      events.clear();
    }
  };
  each_host([&](std::uint32_t host) { return fleet_.host_added(host, second(10)); });
  const Event pass{second(20), Reconciled{}};
  engine.apply(std::span(&pass, 1));
  each_host([&](std::uint32_t host) { return fleet_.report(host, second(3'600), second(3'000)); });
  engine.settle();
}

std::span<const WorkloadKind> workload_kinds() {
  return kWorkloads;
}

const WorkloadKind* find_workload(std::string_view name) {
  const auto at = std::find_if(kWorkloads.begin(), kWorkloads.end(),
                               [name](const auto& kind) { return kind.name == name; });
  return at == kWorkloads.end() ? nullptr : &*at;
}

}  // namespace muster::bench
