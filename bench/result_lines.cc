#include "bench/result_lines.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <lmdb.h>
#include <rocksdb/version.h>
#include <simdjson.h>
#include <sqlite3.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <numeric>

namespace muster::bench {
namespace {

/// Behind the name and a colon, in the first line that begins with it.
std::string line_in(const std::string& path, const std::string& name) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(name)) continue;
    const std::size_t text = line.find_first_not_of(" \t:", line.find(':'));
    return text == std::string::npos ? "" : line.substr(text);
  }
  return "";
}

/// The device and file system that the folder is on.
std::string disk_of(const std::filesystem::path& folder) {
  std::error_code error;
  const std::string path = std::filesystem::absolute(folder, error).string();
  std::string best;
  std::string found = "unknown";
  std::ifstream mounts("/proc/self/mounts");
  for (std::string device, place, type, rest; mounts >> device >> place >> type;
       std::getline(mounts, rest)) {
    if (path.starts_with(place) && place.size() >= best.size()) {
      best = place;
      found = fmt::format("{} on {}", type, device);
    }
    rest.clear();
  }
  return found;
}

double rounded(double value) {
  // Four digits that count.
  return std::stod(fmt::format("{:.4g}", value));
}

template <typename Value>
std::vector<double> each(const EngineResult& result, const Value& value) {
  std::vector<double> values;
  for (const Round& round : result.rounds) values.push_back(value(round));
  return values;
}

void put_spread(Line& line, const std::string& key, const std::vector<double>& values) {
  line[key] = rounded(median(values));
  line[key + "_least"] = rounded(*std::min_element(values.begin(), values.end()));
  line[key + "_most"] = rounded(*std::max_element(values.begin(), values.end()));
}

double an_event(double sum, const Round& round) {
  return sum / static_cast<double>(std::max<std::uint64_t>(round.events, 1));
}

/// What was written to the disk, against rows of 12 bytes and times of 4 that had to be.
double write_amplification(const EngineResult& result) {
  constexpr double kRowBytes = 12;
  constexpr double kTimeBytes = 4;
  double written = 0;
  double events = 0;
  for (const Round& round : result.rounds) {
    written += static_cast<double>(round.written_bytes);
    events += static_cast<double>(round.events);
  }
  return written / std::max(events * (result.moved_rows * kRowBytes + kTimeBytes), 1.0);
}

void put_ratio(Line& line, const EngineResult& result, const EngineResult& first) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < result.rounds.size(); ++i) {
    ratios.push_back(result.rounds[i].cpu_micros() / std::max(first.rounds[i].cpu_micros(), 1e-9));
  }
  put_spread(line, "ratio", ratios);
}

/// Where the time goes. Writes of unsynced commits are taken for processor time.
void put_parts(Line& line, const EngineResult& result, unsigned threads) {
  std::vector<double> decode;
  std::vector<double> judge;
  std::vector<double> write;
  std::vector<double> background;
  for (const Round& round : result.rounds) {
    if (round.use.commit_micros == 0) return;
    decode.push_back(an_event(round.decode_seconds * 1e6, round));
    write.push_back(an_event(static_cast<double>(round.use.commit_micros), round));
    // With several threads, others decode, too.
    const double others =
        threads > 1 ? round.background_seconds - round.decode_seconds : round.background_seconds;
    background.push_back(an_event(std::max(0.0, others) * 1e6, round));
    judge.push_back(
        std::max(0.0, round.cpu_micros() - decode.back() - write.back() - background.back()));
  }
  line["parts"] = {{"decode", rounded(median(decode))},
                   {"judge", rounded(median(judge))},
                   {"write", rounded(median(write))},
                   {"background", rounded(median(background))}};
}

double sum_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

/// Time. What was not measured is not in the line.
void put_costs(Line& line, const EngineResult& result, const EngineResult& first) {
  line["events"] = result.rounds.front().events;
  const std::vector<double> wall = each(result, [](const Round& r) { return r.wall_seconds; });
  if (sum_of(wall) > 0) {
    line["events_per_second"] = rounded(median(each(result, [](const Round& round) {
      return static_cast<double>(round.events) / std::max(round.wall_seconds, 1e-9);
    })));
  }
  const std::vector<double> cpu =
      each(result, [](const Round& round) { return an_event(round.cpu_seconds * 1e6, round); });
  if (sum_of(cpu) > 0) {
    put_spread(line, "cpu_micros", cpu);
    put_ratio(line, result, first);
  }
  if (result.commits.count() > 0) {
    line["latency_micros"] = {{"p50", rounded(result.commits.percentile(0.5))},
                              {"p99", rounded(result.commits.percentile(0.99))},
                              {"p99.9", rounded(result.commits.percentile(0.999))},
                              {"max", rounded(result.commits.longest())}};
  }
}

/// Bytes and syncs. An engine without a log says nothing of one, and a probe only what it measured.
void put_bytes(Line& line, const Cell& cell, const EngineResult& result) {
  const std::vector<double> log = each(result, [](const Round& round) {
    return an_event(static_cast<double>(round.use.log_bytes), round);
  });
  const std::vector<double> syncs = each(result, [](const Round& round) {
    return an_event(static_cast<double>(round.use.syncs), round);
  });
  const bool commits = result.rounds.back().use.commits > 0;
  const std::uint64_t disk = result.rounds.back().use.disk_bytes;
  if (sum_of(log) > 0) line["log_bytes_per_event"] = rounded(median(log));
  if (disk > 0) {
    if (commits || sum_of(syncs) > 0) line["syncs_per_event"] = rounded(median(syncs));
    line["disk_bytes_per_host"] = rounded(static_cast<double>(disk) / cell.size.hosts);
    if (commits) line["write_amplification"] = rounded(write_amplification(result));
  }
  if (result.resident_bytes > 0) line["resident_bytes"] = result.resident_bytes;
  if (!result.digest.empty()) line["digest"] = result.digest;
}

}  // namespace

Line machine_line(const std::string& command, const std::filesystem::path& folder) {
  utsname system{};
  ::uname(&system);
  int major = 0;
  int minor = 0;
  int patch = 0;
  mdb_version(&major, &minor, &patch);
  Line line;
  line["kind"] = "machine";
  line["cpu"] = line_in("/proc/cpuinfo", "model name");
  line["cores"] = ::sysconf(_SC_NPROCESSORS_ONLN);
  line["memory_bytes"] = memory_bytes();
  line["kernel"] = system.release;
  line["disk"] = disk_of(folder);
  line["compiler"] = "g++ " __VERSION__;
  line["build"] = MUSTER_BENCH_BUILD;
  line["rocksdb"] = fmt::format("{}.{}.{}", ROCKSDB_MAJOR, ROCKSDB_MINOR, ROCKSDB_PATCH);
  line["sqlite"] = sqlite3_libversion();
  line["lmdb"] = fmt::format("{}.{}.{}", major, minor, patch);
  line["simdjson"] = fmt::format(
      "{}.{}.{} {}", simdjson::SIMDJSON_VERSION_MAJOR, simdjson::SIMDJSON_VERSION_MINOR,
      simdjson::SIMDJSON_VERSION_REVISION, simdjson::get_active_implementation()->name());
  line["muster"] = MUSTER_BENCH_VERSION;
  const char* commit = std::getenv("MUSTER_BENCH_COMMIT");
  line["commit"] = commit == nullptr ? "" : commit;
  line["date"] = fmt::format(
      "{:%Y-%m-%dT%H:%M:%SZ}",
      fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
  const char* whole = std::getenv("MUSTER_BENCH_COMMAND");
  line["command"] = whole == nullptr ? command : whole;
  return line;
}

Line result_line(const Cell& cell, const EngineResult& result, const EngineResult& first) {
  Line line;
  line["kind"] = "result";
  line["cell"] = cell.name;
  line["workload"] = cell.workload;
  line["engine"] = result.engine;
  line["preset"] = cell.preset == MemoryPreset::kBulk ? "bulk" : "appliance";
  line["hosts"] = cell.size.hosts;
  line["profiles"] = cell.profiles;
  line["durability"] = cell.durability == Durability::kSync ? "sync" : "buffered";
  line["input"] = name_of(cell.input);
  line["batch"] = cell.batch;
  line["memory_bytes"] = EngineSetting{{}, {}, cell.preset, 0}.memory_bytes();
  line["rounds"] = result.rounds.size();
  put_costs(line, result, first);
  put_bytes(line, cell, result);
  if (result.engine == "muster" && cell.durability == Durability::kBuffered)
    put_parts(line, result, cell.threads);
  for (const auto& [name, value] : result.counts) line["counts"][name] = rounded(value);
  if (result.wall_ratio > 0) line["counts"]["wall_ratio"] = rounded(result.wall_ratio);
  return line;
}

}  // namespace muster::bench
