// Bytes: in the log, and on the disk.
#include <fmt/format.h>

#include <algorithm>
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

constexpr std::uint32_t kDayHours = 24;

struct Grown {
  double first = 0;  ///< bytes behind the first day
  double last = 0;
  std::string digest;
};

/// A fleet's first day by the hour, and then so many rounds of reports, one each `step` hours.
Grown grow(const Cell& cell, const std::filesystem::path& folder, std::uint32_t step,
           std::uint32_t rounds, Round& measured) {
  Founded founded = found_store(cell, folder, "steady");
  for (std::uint32_t hour = 0; hour < kDayHours; ++hour) apply_round(founded, hour, cell.batch);
  Grown grown;
  grown.first = static_cast<double>(settled_bytes(founded, cell, folder));
  for (std::uint32_t i = 0; i < rounds; ++i) {
    show_progress(fmt::format("{}: round {} of {}, {} hours each", cell.name, i, rounds, step));
    const std::uint32_t hour = kDayHours + step * i;
    const double cpu = process_cpu_seconds();
    const auto began = Clock::now();
    apply_round(founded, hour, cell.batch);
    measured.wall_seconds += seconds_since(began);
    measured.cpu_seconds += process_cpu_seconds() - cpu;
    measured.events += founded.workload->events(hour);
  }
  grown.last = static_cast<double>(settled_bytes(founded, cell, folder));
  require(founded.engine->refused() == 0, "events were refused");
  grown.digest = founded.engine->digest();
  compare_with_witness(founded, {}, grown.digest);  // a steady report moves no row
  return grown;
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
  // Of a large fleet hourly reports of a whole year would take an hour; what they leave on the disk
  // is the same from one week to the next.
  Round round;
  const std::uint32_t days = cell.size.rounds;
  const std::uint32_t hourly_days = std::max(days / 26, 1u);
  const Grown hourly = grow(cell, folder / "hourly", 1, kDayHours * hourly_days, round);
  const Grown daily = grow(cell, folder / "daily", kDayHours, days - 1, round);
  EngineResult result;
  result.engine = "muster";
  result.digest = daily.digest;
  const auto hosts = static_cast<double>(cell.size.hosts);
  round.use.disk_bytes = static_cast<std::uint64_t>(std::max(hourly.last, daily.last));
  result.rounds.push_back(round);
  result.counts = {{"days", days},
                   {"hourly_days", hourly_days},
                   {"day_one_bytes_per_host", daily.first / hosts},
                   {"last_day_bytes_per_host", daily.last / hosts},
                   {"last_hour_bytes_per_host", hourly.last / hosts},
                   {"daily_growth", daily.last / daily.first},
                   {"hourly_growth", hourly.last / hourly.first},
                   {"growth", std::max(daily.last / daily.first, hourly.last / hourly.first)}};
  return result;
}

}  // namespace muster::bench
