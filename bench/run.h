// One cell: a workload over some engines, in interleaved rounds.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "bench/engine.h"
#include "bench/fleet.h"
#include "bench/measure.h"

namespace muster::bench {

struct Cell {
  std::string name;
  std::string workload;
  FleetShape shape;
  Durability durability = Durability::kBuffered;
  std::uint64_t memory_bytes = std::uint64_t{288} << 20;
  std::uint32_t batch = 256;            ///< events a commit
  std::uint64_t events_max = UINT64_MAX;  ///< of a round
  std::uint32_t rounds = 5;
};

struct Round {
  std::uint64_t events = 0;
  double wall_seconds = 0;
  double cpu_seconds = 0;
  EngineUse use;  ///< of the round; disk_bytes: at its end
};

struct EngineResult {
  std::string engine;
  std::string digest;
  std::vector<Round> rounds;
  Latencies commits;
  std::uint64_t resident_bytes = 0;
  std::uint64_t refused = 0;
};

/// Throws where an engine's rows differ from the first one's after a round.
std::vector<EngineResult> run_cell(const Cell& cell, const std::vector<std::string>& engines,
                                   const std::filesystem::path& scratch);

}  // namespace muster::bench
