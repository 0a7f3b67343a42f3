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
  std::vector<Event> events;
  const auto each_host = [&](const auto& event_of) {
    for (std::uint32_t i = 0; i < fleet_.shape().hosts; ++i) {
      events.push_back(event_of(fleet_.shuffled(1u << 18, i)));
      if (events.size() < kFoundingSpan && i + 1 < fleet_.shape().hosts) continue;
      engine.apply(events);
      events.clear();
    }
  };
  each_host([&](std::uint32_t host) { return fleet_.host_added(host, second(10)); });
  each_host([&](std::uint32_t host) { return fleet_.label_report(host, second(15)); });
  const Event pass = fleet_.pass(1u << 30, second(20));
  engine.apply(std::span(&pass, 1));
  each_host(
      [&](std::uint32_t host) { return fleet_.report(host, second(3'600), {founded_install()}); });
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
