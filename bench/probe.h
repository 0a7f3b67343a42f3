// What is asked of the store alone and is no series of rounds.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "bench/engines/muster.h"
#include "bench/run.h"
#include "bench/workload.h"

namespace muster::bench {

struct ProbeKind {
  std::string_view name;
  std::string_view what;
  /// Throws where an answer is wrong.
  EngineResult (*run)(const Cell& cell, const std::filesystem::path& folder);
};
std::span<const ProbeKind> probe_kinds();
const ProbeKind* find_probe(std::string_view name);

/// A workload and a store that it founded.
struct Founded {
  std::unique_ptr<Workload> workload;
  std::unique_ptr<MusterEngine> engine;

  Store& store() const { return engine->store(); }
};
Founded found_store(const Cell& cell, const std::filesystem::path& folder,
                    std::string_view workload, Durability durability);
inline Founded found_store(const Cell& cell, const std::filesystem::path& folder,
                           std::string_view workload) {
  return found_store(cell, folder, workload, cell.durability);
}

/// What comes before the round, and the round, in commits of the cell.
void apply_round(const Founded& founded, std::uint32_t round, std::uint32_t batch);
/// The events of a round.
std::vector<Event> events_of(const Workload& workload, std::uint32_t round,
                             std::uint64_t limit = UINT64_MAX);

void require(bool good, std::string_view what);

/// Throws where the rules over a hash map have other rows after the same founding and rounds; up to
/// kWitnessHostsMax hosts.
void compare_with_witness(const Founded& founded, std::span<const std::uint32_t> rounds,
                          const std::string& digest);

/// One round of so many events or calls, with what it took.
EngineResult probe_result(const Founded& founded, const Round& round);

// In probes/.
EngineResult probe_memory(const Cell& cell, const std::filesystem::path& folder);
EngineResult probe_submit(const Cell& cell, const std::filesystem::path& folder);
EngineResult probe_reads(const Cell& cell, const std::filesystem::path& folder);
EngineResult probe_summary(const Cell& cell, const std::filesystem::path& folder);
EngineResult probe_failed_hosts(const Cell& cell, const std::filesystem::path& folder);
EngineResult probe_reopen(const Cell& cell, const std::filesystem::path& folder);
EngineResult probe_idle_pass(const Cell& cell, const std::filesystem::path& folder);
EngineResult probe_check_in_waits(const Cell& cell, const std::filesystem::path& folder);
EngineResult probe_real_rate(const Cell& cell, const std::filesystem::path& folder);
EngineResult probe_log_bytes(const Cell& cell, const std::filesystem::path& folder);
EngineResult probe_disk_year(const Cell& cell, const std::filesystem::path& folder);

/// This program again, with these arguments; returns how it ended, as waitpid() says it.
int run_again(std::vector<std::string> words);
/// The part of `memory` that runs in a process of its own and leaves its size in the folder.
void leave_resident_bytes(const Cell& cell, const std::filesystem::path& folder);
/// The part of `reopen` that runs in a process of its own and kills it.
[[noreturn]] void apply_and_die(const Cell& cell, const std::filesystem::path& folder);

}  // namespace muster::bench
