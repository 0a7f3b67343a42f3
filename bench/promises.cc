#include "bench/promises.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>

namespace muster::bench {
namespace {

constexpr double kMillion = 1e6;
constexpr double kMiB = 1024.0 * 1024.0;

using Lines = std::vector<Line>;
/// A number out of the lines of one cell. Nothing where they do not say.
using Take = std::function<std::optional<double>(const Lines& lines, const std::string& cell)>;

enum class Bound { kAtMost, kLess, kAtLeast, kExactly };

struct Promise {
  const char* figure;
  const char* preset;
  Bound kind;
  double bound;
  const char* unit;
  Take take;
  /// Where it is measured, each of them; the worst counts.
  std::vector<std::string> cells;
  double hosts = 0;  ///< that it is about; 0: any number
};

const Line* find_line(const Lines& lines, const std::string& cell, const std::string& engine) {
  for (const Line& line : lines) {
    if (line.value("kind", "") == "result" && line["cell"] == cell && line["engine"] == engine) {
      return &line;
    }
  }
  return nullptr;
}

/// A number of Muster's line: "ratio", or "counts/first_command_seconds".
Take number(const std::string& pointer, double scale = 1) {
  return [=](const Lines& lines, const std::string& cell) -> std::optional<double> {
    const Line* line = find_line(lines, cell, "muster");
    const Line::json_pointer at("/" + pointer);
    if (line == nullptr || !line->contains(at)) return std::nullopt;
    return (*line)[at].get<double>() * scale;
  };
}
Take count(const std::string& name, double scale = 1) {
  return number("counts/" + name, scale);
}
/// How much more processor time the other engine takes.
Take cheaper_than(const std::string& engine) {
  return [=](const Lines& lines, const std::string& cell) -> std::optional<double> {
    const Line* line = find_line(lines, cell, engine);
    if (line == nullptr) return std::nullopt;
    return (*line)["ratio"].get<double>();
  };
}
/// Muster's processor time against a floor's.
Take against(const std::string& engine) {
  return [=](const Lines& lines, const std::string& cell) -> std::optional<double> {
    const std::optional<double> ratio = cheaper_than(engine)(lines, cell);
    if (!ratio || *ratio <= 0) return std::nullopt;
    return 1 / *ratio;
  };
}
/// How much longer the other engine takes for an event.
Take faster_than(const std::string& engine) {
  return [=](const Lines& lines, const std::string& cell) -> std::optional<double> {
    const Line* line = find_line(lines, cell, engine);
    const Line::json_pointer at("/counts/wall_ratio");
    if (line == nullptr || !line->contains(at)) return std::nullopt;
    return (*line)[at].get<double>();
  };
}
/// Processor time an event against that of a cell with fewer hosts.
Take grown_from(const std::string& smaller) {
  return [=](const Lines& lines, const std::string& cell) -> std::optional<double> {
    const auto large = number("cpu_micros")(lines, cell);
    const auto small = number("cpu_micros")(lines, smaller);
    if (!large || !small) return std::nullopt;
    return *large / *small;
  };
}

const std::vector<Promise> kSteadyPromises = {
    {"steady, JSON end to end, lists that repeat, cpu against parse + intern",
     "bulk",
     Bound::kAtMost,
     0.5,
     "x",
     against("parse"),
     {"steady_json_bulk"},
     kMillion},
    {"steady, JSON end to end, no list seen before, cpu against parse + intern",
     "bulk",
     Bound::kAtMost,
     1.5,
     "x",
     against("parse"),
     {"fresh_json_bulk"},
     kMillion},
    {"steady, JSON end to end, lists that repeat, cpu against parse + intern",
     "appliance",
     Bound::kAtMost,
     0.6,
     "x",
     against("parse"),
     {"steady_json_appliance"},
     kMillion},
    {"steady, JSON end to end, no list seen before, cpu against parse + intern",
     "appliance",
     Bound::kAtMost,
     3,
     "x",
     against("parse"),
     {"fresh_json_appliance"},
     kMillion},
    {"steady, JSON, repeats that were recognised unread",
     "appliance",
     Bound::kAtLeast,
     95,
     " %",
     count("repeated_share", 100),
     {"steady_json_appliance"},
     kMillion},
    {"steady, JSON, resident memory",
     "appliance",
     Bound::kAtMost,
     512,
     " MiB",
     number("resident_bytes", 1 / kMiB),
     {"steady_json_appliance"},
     kMillion},
    {"steady, no decode, cpu of SQLite rows against Muster's",
     "bulk",
     Bound::kAtLeast,
     15,
     "x",
     cheaper_than("sqlite_rows"),
     {"steady_decoded"}},
    {"steady, no decode, cpu of LMDB blob against Muster's",
     "bulk",
     Bound::kAtLeast,
     1,
     "x",
     cheaper_than("lmdb_blob"),
     {"steady_decoded"}},
    {"cost an event at 10M hosts against 100k, no list seen before",
     "bulk",
     Bound::kAtMost,
     1.5,
     "x",
     grown_from("scale_100k"),
     {"scale_10m"},
     10 * kMillion},
    {"cost an event at 10M hosts against 100k, lists that repeat",
     "bulk",
     Bound::kAtMost,
     2,
     "x",
     grown_from("repeats_100k"),
     {"repeats_10m"},
     10 * kMillion},
    {"memory a host beyond memtables and caches",
     "both",
     Bound::kAtMost,
     40,
     " bytes",
     count("bytes_per_host"),
     {"memory"},
     kMillion},
};

const std::vector<Promise> kChangePromises = {
    {"full_change, cpu against raw RocksDB Put of the same bytes",
     "both",
     Bound::kAtMost,
     1.4,
     "x",
     against("rocksdb_put"),
     {"full_change_appliance", "full_change_bulk"}},
    {"full_change, unsynced, one by one, events a second against SQLite rows",
     "both",
     Bound::kAtLeast,
     15,
     "x",
     faster_than("sqlite_rows"),
     {"full_change_single", "full_change_single_bulk"}},
    {"full_change, synced by 256, events a second against SQLite rows",
     "both",
     Bound::kAtLeast,
     12,
     "x",
     faster_than("sqlite_rows"),
     {"full_change_sync", "full_change_sync_bulk"}},
    {"synced against buffered throughput, 256 in flight by submit",
     "both",
     Bound::kAtLeast,
     0.8,
     "x",
     count("sync_to_buffered"),
     {"submit", "submit_bulk"}},
    {"events a sync, 256 in flight",
     "both",
     Bound::kAtLeast,
     64,
     "",
     count("events_per_sync"),
     {"submit", "submit_bulk"}},
    {"syncs an event, 1 in flight",
     "both",
     Bound::kExactly,
     1,
     "",
     count("syncs_per_event_alone"),
     {"submit", "submit_bulk"}},
    {"log bytes an event by 256, steady",
     "both",
     Bound::kAtMost,
     12,
     " bytes",
     count("steady_by_256"),
     {"log_bytes", "log_bytes_bulk"}},
    {"log bytes an event by 256, one profile",
     "both",
     Bound::kAtMost,
     600,
     " bytes",
     count("one_profile_by_256"),
     {"log_bytes", "log_bytes_bulk"}},
    {"log bytes an event by 256, full change",
     "both",
     Bound::kAtMost,
     600,
     " bytes",
     count("full_change_by_256"),
     {"log_bytes", "log_bytes_bulk"}},
    {"disk bytes a host",
     "both",
     Bound::kAtMost,
     400,
     " bytes",
     count("day_one_bytes_per_host"),
     {"disk_year", "disk_year_bulk"}},
    {"disk bytes after a year of steady reports, against day one",
     "both",
     Bound::kAtMost,
     1.2,
     "x",
     count("growth"),
     {"disk_year", "disk_year_bulk"}},
    {"rollout, cpu against scan + rewrite of the same bytes by 2,048",
     "both",
     Bound::kAtMost,
     1.5,
     "x",
     against("rocksdb_rewrite"),
     {"rollout_appliance", "rollout_bulk"},
     kMillion},
    {"rollout, first command in the outbox after the upload",
     "both",
     Bound::kLess,
     1,
     " s",
     count("first_command_seconds"),
     {"rollout_appliance", "rollout_bulk"},
     kMillion},
};

const std::vector<Promise> kOperationPromises = {
    {"an idle pass, also right behind a new host and behind a rollout, the longest",
     "both",
     Bound::kLess,
     1,
     " ms",
     number("latency_micros/max", 1e-3),
     {"idle_pass", "idle_pass_bulk"},
     110'000},
    {"longest wait of a check-in beside a rollout, a deletion and a backup",
     "appliance",
     Bound::kAtMost,
     100,
     " ms",
     number("latency_micros/max", 1e-3),
     {"check_in_waits"},
     kMillion},
    {"summary of a team and counts of a profile, p99",
     "both",
     Bound::kLess,
     100,
     " us",
     number("latency_micros/p99"),
     {"summary", "summary_bulk"}},
    {"failed_hosts, first page of 100, p99",
     "both",
     Bound::kLess,
     50,
     " ms",
     number("latency_micros/p99", 1e-3),
     {"failed_hosts", "failed_hosts_bulk"},
     kMillion},
    {"reopen after kill -9",
     "appliance",
     Bound::kAtMost,
     5,
     " s",
     count("after_kill_seconds"),
     {"reopen"},
     kMillion},
    {"reopen after a close",
     "appliance",
     Bound::kAtMost,
     1,
     " s",
     count("after_close_seconds"),
     {"reopen"},
     kMillion},
    {"cpu at the real rate of 100k hosts, each check-in synced by itself",
     "appliance",
     Bound::kLess,
     1,
     " % of a core",
     count("cpu_share_of_a_core", 100),
     {"real_rate"},
     100'000},
    {"the same by submit, commits shared within 250 ms",
     "appliance",
     Bound::kLess,
     1,
     " % of a core",
     count("shared_commits_cpu_share_of_a_core", 100),
     {"real_rate"},
     100'000},
    {"wake-ups in an idle second",
     "appliance",
     Bound::kExactly,
     0,
     "",
     count("idle_wakeups_per_second"),
     {"real_rate"},
     100'000},
};

std::string text_of(double value, const char* unit) {
  return fmt::format("{:.3g}{}", value, unit);
}

std::string bound_text(const Promise& promise) {
  constexpr const char* kSigns[] = {"<=", "<", ">=", "="};
  return fmt::format("{} {}", kSigns[static_cast<int>(promise.kind)],
                     text_of(promise.bound, promise.unit));
}

bool keeps(const Promise& promise, double value) {
  switch (promise.kind) {
    case Bound::kAtMost:
      return value <= promise.bound;
    case Bound::kLess:
      return value < promise.bound;
    case Bound::kAtLeast:
      return value >= promise.bound;
    case Bound::kExactly:
      return value == promise.bound;
  }
  return false;
}

Line judge_one(const Promise& promise, const Lines& lines) {
  std::optional<double> worst;
  std::string where;
  std::string missing;
  for (const std::string& cell : promise.cells) {
    const std::optional<double> value = promise.take(lines, cell);
    if (!value) missing += (missing.empty() ? "lacks " : ", ") + cell;
    const bool worse =
        value && (!worst || (promise.kind == Bound::kAtLeast ? *value < *worst : *value > *worst));
    if (!worse) continue;
    worst = value;
    where = cell;
  }
  Line figure;
  figure["kind"] = "figure";
  figure["figure"] = promise.figure;
  figure["preset"] = promise.preset;
  figure["bound"] = bound_text(promise);
  figure["measured"] = worst ? text_of(*worst, promise.unit) : "";
  // A bound that is broken somewhere is broken, whatever the others would say.
  const bool kept = !worst || keeps(promise, *worst);
  figure["verdict"] = !kept ? "short" : missing.empty() ? "pass" : "not run";
  figure["cell"] = where;
  const Line* line = find_line(lines, where, "muster");
  const double hosts = line == nullptr ? 0 : (*line)["hosts"].get<double>();
  std::string why = missing;
  if (worst && hosts < promise.hosts) {
    if (!why.empty()) why += "; ";
    why += fmt::format("measured at {} hosts of {}", hosts, promise.hosts);
  }
  figure["why"] = why;
  return figure;
}

}  // namespace

std::vector<Line> judge(const std::vector<Line>& lines) {
  std::vector<Line> figures;
  for (const auto& part : {kSteadyPromises, kChangePromises, kOperationPromises}) {
    for (const Promise& promise : part) figures.push_back(judge_one(promise, lines));
  }
  return figures;
}

std::string to_table(const std::vector<Line>& figures) {
  constexpr const char* kRow = "{:<75}  {:<9}  {:<16}  {:<15}  {:<7}  {:<23}  {}\n";
  std::string table = fmt::format(kRow, "figure", "preset", "must be", "measured", "", "where", "");
  for (const Line& figure : figures) {
    const auto text = [&](const char* key) { return figure[key].get<std::string>(); };
    table += fmt::format(kRow, text("figure"), text("preset"), text("bound"), text("measured"),
                         text("verdict"), text("cell"), text("why"));
  }
  return table;
}

}  // namespace muster::bench
