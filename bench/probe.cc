#include "bench/probe.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace muster::bench {
namespace {

constexpr std::array kProbes = {
    ProbeKind{"submit", "full changes by submit(), 256 in flight: synced beside buffered",
              probe_submit},
    ProbeKind{"reads", "steady reports alone, and with look-ups and pages of hosts beside them",
              probe_reads},
    ProbeKind{"summary", "a team's summary and a profile's counts on a fresh snapshot",
              probe_summary},
    ProbeKind{"failed_hosts", "the first 100 hosts where a profile failed, each with its state",
              probe_failed_hosts},
    ProbeKind{"reopen", "opening after a close, and after kill -9 in a round of full changes",
              probe_reopen},
    ProbeKind{"idle_pass",
              "reconcile() when ten elevenths of the hosts wait for a user channel and "
              "the others have frozen rows",
              probe_idle_pass},
    ProbeKind{"check_in_waits",
              "single check-ins beside a rollout, the deletion of a profile and a backup",
              probe_check_in_waits},
    ProbeKind{"real_rate", "one check-in an hour and host as time really passes, and then none",
              probe_real_rate},
    ProbeKind{"log_bytes", "write batches of steady, one_profile and full_change, by 256 and by 1",
              probe_log_bytes},
    ProbeKind{"disk_year", "files after a first day, and after many days of steady reports",
              probe_disk_year},
};

}  // namespace

std::span<const ProbeKind> probe_kinds() {
  return kProbes;
}

const ProbeKind* find_probe(std::string_view name) {
  const auto at = std::find_if(kProbes.begin(), kProbes.end(),
                               [name](const ProbeKind& kind) { return kind.name == name; });
  return at == kProbes.end() ? nullptr : at;
}

void require(bool good, std::string_view what) {
  if (!good) throw std::runtime_error(std::string(what));
}

Founded found_store(const Cell& cell, const std::filesystem::path& folder,
                    std::string_view workload, Durability durability) {
  std::filesystem::create_directories(folder);
  Founded founded;
  founded.workload = find_workload(workload)->make(cell.shape());
  founded.engine =
      std::make_unique<MusterEngine>(EngineSetting{folder, durability, cell.preset, cell.profiles});
  founded.workload->found(*founded.engine);
  return founded;
}

std::vector<Event> events_of(const Workload& workload, std::uint32_t round, std::uint64_t limit) {
  const std::uint64_t total = std::min(limit, workload.events(round));
  std::vector<Event> events;
  events.reserve(total);
  for (std::uint64_t i = 0; i < total; ++i) events.push_back(workload.event(round, i));
  return events;
}

void apply_round(const Founded& founded, std::uint32_t round, std::uint32_t batch) {
  const std::vector<Event> before = founded.workload->before(round);
  if (!before.empty()) founded.engine->apply(before);
  std::vector<Event> events;
  const std::uint64_t total = founded.workload->events(round);
  for (std::uint64_t i = 0; i < total; ++i) {
    events.push_back(founded.workload->event(round, i));
    if (events.size() < batch && i + 1 < total) continue;
    founded.engine->apply(events);
    events.clear();
  }
}

EngineResult probe_result(const Founded& founded, const Round& round) {
  EngineResult result;
  result.engine = "muster";
  result.rounds.push_back(round);
  result.resident_bytes = resident_bytes();
  require(founded.engine->refused() == 0, "events were refused");
  result.digest = founded.engine->digest();
  result.rounds.back().use.disk_bytes = founded.engine->use().disk_bytes;
  return result;
}

}  // namespace muster::bench
