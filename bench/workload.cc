#include "bench/workload.h"

#include "muster/fleet_generator.h"

namespace muster::bench {
namespace {

constexpr std::size_t kFoundingSpan = 1'024;
constexpr std::int64_t kRoundSeconds = 3'600;
constexpr std::uint64_t kBusyMicros = 3'000'000'000;

Timestamp second(std::int64_t seconds) {
  return Timestamp{kFleetStart.micros + seconds * 1'000'000};
}

}  // namespace

Timestamp founded_install() {
  return second(kFoundedInstallSeconds);
}

Timestamp Workload::at(std::uint32_t round, std::int64_t seconds) const {
  return second((round + 2) * kRoundSeconds + seconds);
}

Timestamp Workload::at(std::uint32_t round, std::uint64_t number, std::uint64_t of) const {
  const double share = static_cast<double>(number) / static_cast<double>(of);
  return Timestamp{at(round).micros +
                   static_cast<std::int64_t>(share * static_cast<double>(kBusyMicros))};
}

void Workload::found(Engine& engine) const {
  engine.apply(fleet_.labels(second(0)));
  engine.apply(fleet_.uploads(1, second(1)));
  // In the order of keys: it is not measured, and ten million hosts come one behind the other.
  const std::vector<std::uint32_t> hosts = fleet_.hosts_by_uuid();
  std::vector<Event> events;
  const auto each_host = [&](const auto& add_events) {
    for (const std::uint32_t host : hosts) {
      add_events(host);
      if (events.size() < kFoundingSpan && host != hosts.back()) continue;
      engine.apply(events);
      events.clear();
    }
  };
  each_host([&](std::uint32_t host) {
    events.push_back(fleet_.host_added(host, second(10)));
    events.push_back(fleet_.label_report(host, second(10)));
  });
  const Event pass = fleet_.pass(1u << 30, second(20));
  engine.apply(std::span(&pass, 1));
  each_host([&](std::uint32_t host) {
    events.push_back(fleet_.report(host, second(3'600), {founded_install()}));
  });
  engine.settle();
}

std::span<const WorkloadKind> workload_kinds() {
  static const std::vector<WorkloadKind> kKinds = [] {
    std::vector<WorkloadKind> kinds;
    for (const auto& part : {report_workloads(), command_workloads(), fleet_workloads()}) {
      kinds.insert(kinds.end(), part.begin(), part.end());
    }
    return kinds;
  }();
  return kKinds;
}

const WorkloadKind* find_workload(std::string_view name) {
  for (const WorkloadKind& kind : workload_kinds()) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

}  // namespace muster::bench
