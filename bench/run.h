// One cell: a workload over some engines in interleaved rounds, or a probe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "bench/cells.h"
#include "bench/engine.h"
#include "bench/measure.h"

namespace muster::bench {

struct Round {
  std::uint64_t events = 0;
  double wall_seconds = 0;
  double cpu_seconds = 0;
  EngineUse use;  ///< of the round; disk_bytes: at its end
  std::uint64_t written_bytes = 0;
  double background_seconds = 0;  ///< of cpu_seconds, those of other threads
  double decode_seconds = 0;      ///< of cpu_seconds: what reading the recording alone takes

  double cpu_micros() const { return cpu_seconds * 1e6 / static_cast<double>(events); }
  double wall_micros() const { return wall_seconds * 1e6 / static_cast<double>(events); }
};

struct EngineResult {
  std::string engine;
  std::string digest;
  std::vector<Round> rounds;
  Latencies commits;
  std::uint64_t resident_bytes = 0;
  double moved_rows = 0;  ///< a unit of the workload
  double wall_ratio = 0;  ///< time an event against the first engine's, median over the rounds
  std::map<std::string, double> counts;
};

/// Up to so many hosts what a store says is compared with the same rules over a hash map.
inline constexpr std::uint32_t kWitnessHostsMax = 60'000;

/// Throws where rows of an engine differ from the first one's after a round, or refusals from what
/// the workload says.
std::vector<EngineResult> run_cell(const Cell& cell, const std::filesystem::path& scratch);

/// Shows what goes on, where standard error is a terminal.
void show_progress(const std::string& text);

}  // namespace muster::bench
