// Memory that grows with the number of hosts.
#include <malloc.h>

#include <fstream>

#include "bench/probe.h"

namespace muster::bench {
namespace {

constexpr std::uint32_t kTimes = 4;

/// Of a process that opens the store and takes an hour of reports. Its caches are as small as they
/// may be, so that they are full either way, and digests of reports are not kept.
double resident_bytes_with(const Cell& cell, const std::filesystem::path& folder,
                           std::uint32_t hosts) {
  Cell sized = cell;
  sized.size.hosts = hosts;
  {
    const Founded founded = found_store(sized, folder, "steady");
    compare_with_witness(founded, {}, founded.engine->digest());
    require_ok(founded.store().close());
  }
  const int status = run_again({"muster_bench", "leave-resident-bytes", folder.string(),
                                std::to_string(hosts), std::to_string(cell.profiles)});
  require(status == 0, "the process that is to be measured failed");
  std::ifstream file(folder / "resident");
  double bytes = 0;
  require(static_cast<bool>(file >> bytes), "the process that is to be measured says nothing");
  return bytes;
}

}  // namespace

void leave_resident_bytes(const Cell& cell, const std::filesystem::path& folder) {
  StoreOptions options = store_options({folder, cell.durability, cell.preset, cell.profiles});
  options.memory_bytes = std::uint64_t{32} << 20;
  options.known_reports = false;
  Store store = value_of(Store::open(options));
  const auto workload = find_workload("steady")->make(cell.shape());
  std::vector<Event> events;
  const std::uint64_t total = workload->events(0);
  for (std::uint64_t i = 0; i < total; ++i) {
    events.push_back(workload->event(0, i));
    if (events.size() < cell.batch && i + 1 < total) continue;
    value_of(store.apply(events));
    events.clear();
  }
  wait_for_idle();
  ::malloc_trim(0);
  std::ofstream file(folder / "resident");
  file << resident_bytes();
  require(file.flush().good(), "the size of the process could not be written");
}

EngineResult probe_memory(const Cell& cell, const std::filesystem::path& folder) {
  const std::uint32_t few = std::max(cell.size.hosts / kTimes, 1u);
  const double less = resident_bytes_with(cell, folder / "few", few);
  const double more = resident_bytes_with(cell, folder / "many", cell.size.hosts);
  EngineResult result;
  result.engine = "muster";
  Round round;
  round.events = 2 * std::uint64_t{cell.size.hosts};
  result.rounds.push_back(round);
  result.resident_bytes = static_cast<std::uint64_t>(more);
  result.counts = {{"quarter_resident_bytes", less},
                   {"bytes_per_host", (more - less) / (cell.size.hosts - few)}};
  return result;
}

}  // namespace muster::bench
