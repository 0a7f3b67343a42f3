// muster_bench: measures the store beside other engines. bench/README.md
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "bench/run.h"
#include "bench/workload.h"

namespace muster::bench {
namespace {

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

double cpu_micros(const Round& round) {
  return round.cpu_seconds * 1e6 / static_cast<double>(round.events);
}

nlohmann::ordered_json to_json(const Cell& cell, const EngineResult& result) {
  std::vector<double> cpu;
  std::vector<double> rate;
  std::vector<double> log;
  for (const Round& round : result.rounds) {
    cpu.push_back(cpu_micros(round));
    rate.push_back(static_cast<double>(round.events) / round.wall_seconds);
    log.push_back(static_cast<double>(round.use.log_bytes) / static_cast<double>(round.events));
  }
  nlohmann::ordered_json json;
  json["cell"] = cell.name;
  json["workload"] = cell.workload;
  json["engine"] = result.engine;
  json["hosts"] = cell.shape.hosts;
  json["profiles"] = cell.shape.profiles;
  json["durability"] = cell.durability == Durability::kSync ? "sync" : "buffered";
  json["batch"] = cell.batch;
  json["memory_bytes"] = cell.memory_bytes;
  json["rounds"] = result.rounds.size();
  json["events"] = result.rounds.front().events;
  json["events_per_second"] = median(rate);
  json["cpu_micros"] = median(cpu);
  json["cpu_micros_least"] = *std::min_element(cpu.begin(), cpu.end());
  json["cpu_micros_most"] = *std::max_element(cpu.begin(), cpu.end());
  json["commit_micros"] = {{"p50", result.commits.percentile(0.5)},
                           {"p99", result.commits.percentile(0.99)},
                           {"p99.9", result.commits.percentile(0.999)},
                           {"max", result.commits.longest()}};
  json["log_bytes_per_event"] = median(log);
  json["syncs"] = result.rounds.back().use.syncs;
  json["disk_bytes_per_host"] =
      static_cast<double>(result.rounds.back().use.disk_bytes) / cell.shape.hosts;
  json["resident_bytes"] = result.resident_bytes;
  json["digest"] = result.digest;
  return json;
}

int run(int argc, char** argv) {
  CLI::App app{"Measures Muster beside other engines."};
  Cell cell;
  cell.name = "own";
  cell.workload = "steady";
  std::vector<std::string> engines;
  for (const EngineKind& kind : engine_kinds()) engines.emplace_back(kind.name);
  std::string folder = ".";
  bool sync = false;
  app.add_option("workload", cell.workload, "what is measured")->capture_default_str();
  app.add_option("--engines", engines, "which, the first one to compare with")->delimiter(',');
  app.add_option("--hosts", cell.shape.hosts, "hosts of the fleet")->capture_default_str();
  app.add_option("--profiles", cell.shape.profiles, "profiles a team")->capture_default_str();
  app.add_option("--batch", cell.batch, "events a commit")->capture_default_str();
  app.add_option("--rounds", cell.rounds, "measured rounds")->capture_default_str();
  app.add_option("--events", cell.events_max, "at most so many a round");
  app.add_option("--memory", cell.memory_bytes, "bytes for caches and buffers");
  app.add_option("--folder", folder, "where stores are made, and removed")->capture_default_str();
  app.add_flag("--sync", sync, "every commit is durable");
  CLI11_PARSE(app, argc, argv);
  if (sync) cell.durability = Durability::kSync;

  const std::filesystem::path scratch =
      std::filesystem::path(folder) / ("muster-bench-" + std::to_string(::getpid()));
  const std::vector<EngineResult> results = run_cell(cell, engines, scratch);
  std::filesystem::remove_all(scratch);
  for (const EngineResult& result : results) fmt::print("{}\n", to_json(cell, result).dump());
  fmt::print(stderr, "\n{:<14}{:>12}{:>12}{:>12}{:>10}{:>10}{:>12}\n", "engine", "events/s",
             "cpu us", "p99 us", "B/event", "B/host", "ratio");
  const double first = to_json(cell, results.front())["cpu_micros"];
  for (const EngineResult& result : results) {
    const auto json = to_json(cell, result);
    fmt::print(stderr, "{:<14}{:>12.0f}{:>12.2f}{:>12.1f}{:>10.0f}{:>10.0f}{:>12.2f}\n",
               result.engine, json["events_per_second"].get<double>(),
               json["cpu_micros"].get<double>(), json["commit_micros"]["p99"].get<double>(),
               json["log_bytes_per_event"].get<double>(),
               json["disk_bytes_per_host"].get<double>(), json["cpu_micros"].get<double>() / first);
  }
  return 0;
}

}  // namespace
}  // namespace muster::bench

int main(int argc, char** argv) {
  try {
    return muster::bench::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "muster_bench: {}\n", error.what());
    return 1;
  }
}
