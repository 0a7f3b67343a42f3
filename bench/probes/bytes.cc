// Bytes: in the log, and on the disk.
#include <fmt/format.h>

#include <array>

#include "bench/probe.h"

namespace muster::bench {
namespace {

/// What the log took for a round, an event.
double log_bytes(const Cell& cell, const std::filesystem::path& folder, std::string_view workload,
                 std::uint32_t batch, std::uint64_t limit, Round& round) {
  const Founded founded = found_store(cell, folder, workload);
  const std::vector<Event> before = founded.workload->before(0);
  if (!before.empty()) founded.engine->apply(before);
  const std::vector<Event> events = events_of(*founded.workload, 0, limit);
  const std::uint64_t bytes = founded.store().metrics().batch_bytes;
  const double cpu = process_cpu_seconds();
  const auto began = Clock::now();
  for (std::size_t at = 0; at < events.size(); at += batch) {
    founded.engine->apply(
        std::span(events).subspan(at, std::min<std::size_t>(batch, events.size() - at)));
  }
  round.wall_seconds += seconds_since(began);
  round.cpu_seconds += process_cpu_seconds() - cpu;
  round.events += events.size();
  require(founded.engine->refused() == 0, "an event was refused");
  return static_cast<double>(founded.store().metrics().batch_bytes - bytes) /
         static_cast<double>(events.size());
}

/// Files of a closed store, without notes for people.
std::uint64_t stored_bytes(const std::filesystem::path& folder) {
  std::uint64_t bytes = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = file.path().filename().string();
    if (file.is_regular_file() && !name.starts_with("LOG")) bytes += file.file_size();
  }
  return bytes;
}

/// Closes and opens twice, so that nothing is left in the log, and counts.
std::uint64_t settled_bytes(Founded& founded, const Cell& cell,
                            const std::filesystem::path& folder) {
  for (int i = 0; i < 2; ++i) {
    require_ok(founded.store().close());
    founded.engine.reset();
    founded.engine = std::make_unique<MusterEngine>(
        EngineSetting{folder, cell.durability, cell.preset, cell.profiles});
    wait_for_idle();
  }
  return stored_bytes(folder);
}

}  // namespace

EngineResult probe_log_bytes(const Cell& cell, const std::filesystem::path& folder) {
  constexpr std::uint64_t kSingles = 512;
  EngineResult result;
  result.engine = "muster";
  Round round;
  for (const char* workload : {"steady", "one_profile", "full_change"}) {
    result.counts[fmt::format("{}_by_256", workload)] =
        log_bytes(cell, folder / workload, workload, 256, UINT64_MAX, round);
    result.counts[fmt::format("{}_by_1", workload)] =
        log_bytes(cell, folder / fmt::format("{}_1", workload), workload, 1, kSingles, round);
  }
  result.rounds.push_back(round);
  return result;
}

EngineResult probe_disk_year(const Cell& cell, const std::filesystem::path& folder) {
  constexpr std::uint32_t kHours = 24;
  Founded founded = found_store(cell, folder, "steady");
  Round round;
  for (std::uint32_t hour = 0; hour < kHours; ++hour) apply_round(founded, hour, cell.batch);
  const auto first = static_cast<double>(settled_bytes(founded, cell, folder));
  const double cpu = process_cpu_seconds();
  const auto began = Clock::now();
  // Of a large fleet once a day: hourly it would take half an hour.
  for (std::uint32_t day = 1; day < cell.size.rounds; ++day) {
    show_progress(fmt::format("{}: day {}", cell.name, day));
    apply_round(founded, kHours * day, cell.batch);
    round.events += founded.workload->events(kHours * day);
  }
  round.wall_seconds = seconds_since(began);
  round.cpu_seconds = process_cpu_seconds() - cpu;
  const auto last = static_cast<double>(settled_bytes(founded, cell, folder));
  EngineResult result = probe_result(founded, round);
  const auto hosts = static_cast<double>(cell.size.hosts);
  result.rounds.back().use.disk_bytes = static_cast<std::uint64_t>(last);
  result.counts = {{"days", static_cast<double>(cell.size.rounds)},
                   {"day_one_bytes_per_host", first / hosts},
                   {"last_day_bytes_per_host", last / hosts},
                   {"growth", last / first}};
  return result;
}

}  // namespace muster::bench
