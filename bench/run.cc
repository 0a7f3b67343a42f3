#include "bench/run.h"

#include <algorithm>
#include <stdexcept>

#include "bench/workload.h"

namespace muster::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kChunk = 16'384;

struct Running {
  std::unique_ptr<Engine> engine;
  EngineResult result;
};

/// Events are made in chunks; their making is measured by nobody.
void run_round(const Cell& cell, const Workload& workload, std::uint32_t round, Running& running) {
  Engine& engine = *running.engine;
  const std::vector<Event> before = workload.before(round);
  if (!before.empty()) engine.apply(before);
  const EngineUse use_before = engine.use();
  const std::uint64_t total = std::min(workload.events(round), cell.events_max);
  Round measured;
  measured.events = total;
  const double cpu_began = process_cpu_seconds();
  double making = 0;
  std::vector<Event> events;
  for (std::uint64_t done = 0; done < total; done += events.size()) {
    const double making_began = thread_cpu_seconds();
    events.clear();
    for (std::uint64_t i = done; i < std::min(total, done + kChunk); ++i) {
      events.push_back(workload.event(round, i));
    }
    making += thread_cpu_seconds() - making_began;
    const auto began = Clock::now();
    for (std::size_t at = 0; at < events.size(); at += cell.batch) {
      const auto span = std::span<const Event>(events).subspan(at).first(
          std::min<std::size_t>(cell.batch, events.size() - at));
      const auto commit_began = Clock::now();
      engine.apply(span);
      running.result.commits.add(Clock::now() - commit_began);
    }
    measured.wall_seconds += std::chrono::duration<double>(Clock::now() - began).count();
  }
  measured.cpu_seconds = process_cpu_seconds() - cpu_began - making;
  measured.use = engine.use();
  measured.use.commits -= use_before.commits;
  measured.use.syncs -= use_before.syncs;
  measured.use.log_bytes -= use_before.log_bytes;
  running.result.rounds.push_back(measured);
}

}  // namespace

std::vector<EngineResult> run_cell(const Cell& cell, const std::vector<std::string>& engines,
                                   const std::filesystem::path& scratch) {
  const WorkloadKind* kind = find_workload(cell.workload);
  if (kind == nullptr) throw std::runtime_error("there is no workload " + cell.workload);
  const std::unique_ptr<Workload> workload = kind->make(cell.shape);
  std::vector<Running> all;
  for (const std::string& name : engines) {
    const EngineKind* engine = find_engine(name);
    if (engine == nullptr) throw std::runtime_error("there is no engine " + name);
    const std::filesystem::path folder = scratch / name;
    std::filesystem::create_directories(folder);
    const std::uint64_t resident = resident_bytes();
    all.push_back({engine->make({folder, cell.durability, cell.memory_bytes}), {}});
    all.back().result.engine = name;
    workload->found(*all.back().engine);
    all.back().result.resident_bytes = resident_bytes() - std::min(resident, resident_bytes());
  }
  // Round 0 warms up: it is not kept.
  for (std::uint32_t round = 0; round <= cell.rounds; ++round) {
    for (Running& running : all) {
      run_round(cell, *workload, round, running);
      running.result.digest = running.engine->digest();
      running.result.refused = running.engine->refused();
      if (running.result.digest != all.front().result.digest || running.result.refused > 0) {
        throw std::runtime_error("after round " + std::to_string(round) + " of " + cell.name +
                                 " the rows of " + running.result.engine +
                                 " are others than those of " + all.front().result.engine);
      }
    }
    if (round > 0) continue;
    for (Running& running : all) {
      running.result.rounds.clear();
      running.result.commits = Latencies();
    }
  }
  std::vector<EngineResult> results;
  for (Running& running : all) results.push_back(std::move(running.result));
  return results;
}

}  // namespace muster::bench
