#include "bench/report/results.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <tuple>

#include "bench/report/quantity.h"

namespace muster::bench::report {
namespace {

using nlohmann::ordered_json;

constexpr double kNumberMost = 1e18;

/// A line that is an object; its members by kind. Every complaint names the line.
class Line {
 public:
  Line(std::size_t number, const std::string& text)
      : number_(number), json_(ordered_json::parse(text, nullptr, false)) {
    if (json_.is_discarded()) fail("is not JSON; was the run cut short?");
    if (!json_.is_object()) fail("is not a JSON object");
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error(fmt::format("results, line {}: {}", number_, what));
  }

  std::string text(const char* key) const {
    const ordered_json& member = at(key);
    if (member.is_null()) return "";
    if (!member.is_string()) fail(fmt::format("'{}' is not a string", key));
    return member.get<std::string>();
  }

  std::string needed_text(const char* key) const {
    std::string found = text(key);
    if (found.empty()) fail(fmt::format("has no '{}'", key));
    return found;
  }

  /// Any scalar, as it stands.
  std::string fact(const char* key) const {
    const ordered_json& member = at(key);
    if (member.is_null()) return "";
    if (member.is_structured()) fail(fmt::format("'{}' is not a string or a number", key));
    return member.is_string() ? member.get<std::string>() : member.dump();
  }

  Number number(const char* key) const { return number_of(key, at(key)); }

  std::optional<bool> flag(const char* key) const {
    const ordered_json& member = at(key);
    if (member.is_null()) return std::nullopt;
    if (!member.is_boolean()) fail(fmt::format("'{}' is not true or false", key));
    return member.get<bool>();
  }

  NamedNumbers numbers(const char* key) const {
    const ordered_json& member = at(key);
    NamedNumbers found;
    if (member.is_null()) return found;
    if (!member.is_object()) fail(fmt::format("'{}' is not an object", key));
    for (const auto& [name, value] : member.items()) {
      if (const Number number = number_of(name, value)) found.emplace_back(name, *number);
    }
    return found;
  }

 private:
  const ordered_json& at(const char* key) const {
    static const ordered_json kNothing;
    const auto found = json_.find(key);
    return found == json_.end() ? kNothing : *found;
  }

  Number number_of(const std::string& key, const ordered_json& member) const {
    if (member.is_null()) return std::nullopt;
    if (!member.is_number()) fail(fmt::format("'{}' is not a number", key));
    const double value = member.get<double>();
    if (!(value >= 0 && value <= kNumberMost))
      fail(fmt::format("'{}' is below 0 or above 1e18", key));
    return value;
  }

  const std::size_t number_;
  const ordered_json json_;
};

Machine read_machine(const Line& line) {
  static constexpr std::array<std::pair<const char*, const char*>, 14> kFacts = {{
      {"cpu", "processor"},
      {"cores", "cores"},
      {"memory_bytes", "memory"},
      {"disk", "disk"},
      {"kernel", "kernel"},
      {"compiler", "compiler"},
      {"build", "build"},
      {"muster", "Muster"},
      {"rocksdb", "RocksDB"},
      {"sqlite", "SQLite"},
      {"lmdb", "LMDB"},
      {"commit", "commit"},
      {"date", "date"},
      {"command", "command"},
  }};
  Machine machine;
  for (const auto& [key, label] : kFacts) {
    const bool memory = std::string_view(key) == "memory_bytes";
    std::string text = memory ? in_bytes(line.number(key)) : line.fact(key);
    if (!text.empty()) machine.facts.emplace_back(label, std::move(text));
  }
  machine.rocksdb = line.text("rocksdb");
  return machine;
}

bool is_over_rocksdb(std::string_view engine) {
  return is_muster(engine) || engine.starts_with("rocksdb");
}

Measured read_measured(const Line& line) {
  static constexpr std::array<std::pair<const char*, Number Measured::*>, 18> kNumbers = {{
      {"hosts", &Measured::hosts},
      {"profiles", &Measured::profiles},
      {"batch", &Measured::batch},
      {"memory_bytes", &Measured::memory_bytes},
      {"rounds", &Measured::rounds},
      {"events", &Measured::events},
      {"events_per_second", &Measured::events_per_second},
      {"cpu_micros", &Measured::cpu_micros},
      {"cpu_micros_least", &Measured::cpu_micros_least},
      {"cpu_micros_most", &Measured::cpu_micros_most},
      {"ratio", &Measured::ratio},
      {"ratio_least", &Measured::ratio_least},
      {"ratio_most", &Measured::ratio_most},
      {"log_bytes_per_event", &Measured::log_bytes_per_event},
      {"syncs_per_event", &Measured::syncs_per_event},
      {"disk_bytes_per_host", &Measured::disk_bytes_per_host},
      {"write_amplification", &Measured::write_amplification},
      {"resident_bytes", &Measured::resident_bytes},
  }};
  Measured row;
  row.cell = line.needed_text("cell");
  row.workload = line.needed_text("workload");
  row.engine = line.needed_text("engine");
  row.preset = line.text("preset");
  row.durability = line.text("durability");
  row.input = line.text("input");
  row.digest = line.text("digest");
  row.fast_path = line.flag("fast_path");
  for (const auto& [key, member] : kNumbers) row.*member = line.number(key);
  for (const auto& [name, value] : line.numbers("latency_micros")) {
    if (name == "p50") row.p50 = value;
    if (name == "p99") row.p99 = value;
    if (name == "p99.9") row.p99_9 = value;
    if (name == "max") row.max = value;
  }
  row.parts = line.numbers("parts");
  row.counts = line.numbers("counts");
  row.label = row.engine;
  return row;
}

Promise read_promise(const Line& line) {
  return {
      line.needed_text("figure"),  line.text("preset"), line.fact("bound"), line.fact("measured"),
      line.needed_text("verdict"), line.text("cell"),   line.text("why")};
}

std::vector<Condition> conditions_of(const Measured& row) {
  std::vector<Condition> found;
  const auto add = [&](const char* name, std::string text) {
    if (!text.empty()) found.push_back({name, std::move(text)});
  };
  if (row.profiles) add("profiles", in_count(*row.profiles) + " profiles");
  add("durability", row.durability);
  if (!row.preset.empty()) add("preset", "preset " + row.preset);
  if (row.batch)
    add("batch", in_count(*row.batch) + (*row.batch == 1 ? " event" : " events") + " a commit");
  if (!row.input.empty()) add("input", row.input + " input");
  if (row.fast_path) add("fast path", *row.fast_path ? "fast path on" : "fast path off");
  if (row.memory_bytes) add("memory", in_bytes(row.memory_bytes) + " of memory");
  return found;
}

/// Rows of one engine in one cell get what tells them apart behind their names.
void tell_apart(std::vector<Measured>& rows) {
  std::map<std::string, std::vector<Measured*>> same;
  for (Measured& row : rows) same[row.engine].push_back(&row);
  for (auto& [engine, members] : same) {
    if (members.size() < 2) continue;
    std::map<std::string, int> uses;
    for (Measured* row : members) {
      for (const Condition& condition : conditions_of(*row)) {
        const bool shared = std::all_of(members.begin(), members.end(), [&](const Measured* other) {
          const std::vector<Condition> others = conditions_of(*other);
          return std::find(others.begin(), others.end(), condition) != others.end();
        });
        if (!shared) row->label += ", " + condition.text;
      }
      const int use = ++uses[row->label];
      if (use > 1) row->label += fmt::format(" ({})", use);
    }
  }
}

/// An engine looks the same in all plots.
void give_styles(Results& results) {
  std::map<std::string, std::size_t> styles;
  std::size_t others = 2;
  bool muster = false;
  for (Cell& cell : results.cells) {
    for (Measured& row : cell.rows) {
      const auto [style, added] = styles.try_emplace(row.engine, 0);
      if (added && is_muster(row.engine)) {
        style->second = muster ? 1 : 0;
        muster = true;
      } else if (added) {
        style->second = others++;
      }
      row.style = style->second;
    }
  }
}

void finish(Results& results) {
  give_styles(results);
  std::size_t number = 0;
  for (Cell& cell : results.cells) {
    cell.id = fmt::format("cell-{}", ++number);
    // Some conditions are Muster's only.
    const Measured& row = cell.muster() != nullptr ? *cell.muster() : cell.rows.front();
    cell.workload = row.workload;
    cell.hosts = row.hosts;
    cell.conditions = conditions_of(row);
    tell_apart(cell.rows);
  }
}

std::vector<const Cell*> leading_cells(const Results& results) {
  std::vector<const Cell*> cells;
  for (const Curve& curve : curves_of(results)) {
    const Cell* leading = curve.front();
    for (const Cell* cell : curve) {
      if (cell->rows.size() >= leading->rows.size()) leading = cell;
    }
    // Cells of a workload stand together.
    const auto place = std::find_if(cells.rbegin(), cells.rend(), [&](const Cell* cell) {
      return cell->workload == leading->workload;
    });
    cells.insert(place == cells.rend() ? cells.end() : place.base(), leading);
  }
  return cells;
}

/// Where promises of the last machine belong; null: to the first machine's.
OtherBuild* find_other(Results& results) {
  const std::string& rocksdb = results.machines.back().rocksdb;
  if (rocksdb == results.machines.front().rocksdb) return nullptr;
  for (OtherBuild& other : results.others) {
    if (other.rocksdb == rocksdb) return &other;
  }
  return &results.others.emplace_back(OtherBuild{rocksdb, {}});
}

}  // namespace

bool is_muster(std::string_view engine) {
  return engine.starts_with("muster");
}

const Promise* OtherBuild::find(const Promise& promise) const {
  const auto same = std::find_if(promises.begin(), promises.end(), [&](const Promise& other) {
    return other.figure == promise.figure && other.preset == promise.preset &&
           other.cell == promise.cell;
  });
  return same == promises.end() ? nullptr : &*same;
}

const Measured* Cell::muster() const {
  const auto found = std::find_if(rows.begin(), rows.end(),
                                  [](const Measured& row) { return is_muster(row.engine); });
  return found == rows.end() ? nullptr : &*found;
}

Results read_results(std::istream& lines) {
  Results results;
  // What cannot be of one engine alone keeps cells of one name apart.
  using Key = std::tuple<std::string, std::string, std::string, Number, Number, Number>;
  std::map<Key, std::size_t> places;
  OtherBuild* other = nullptr;
  std::string text;
  for (std::size_t number = 1; std::getline(lines, text); ++number) {
    if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
    const Line line(number, text);
    const std::string kind = line.needed_text("kind");
    if (kind == "machine") {
      results.machines.push_back(read_machine(line));
      other = find_other(results);
    } else if (kind == "figure") {
      (other == nullptr ? results.promises : other->promises).push_back(read_promise(line));
    } else if (kind == "result") {
      Measured row = read_measured(line);
      if (other != nullptr) {
        if (!is_over_rocksdb(row.engine)) continue;
        row.engine += ", RocksDB " + other->rocksdb;
        row.label = row.engine;
      }
      const Key key{row.cell, row.workload, row.durability, row.hosts, row.profiles, row.batch};
      const auto [place, added] = places.try_emplace(key, results.cells.size());
      if (added) results.cells.push_back({row.cell, "", "", {}, {}, {}});
      results.cells[place->second].rows.push_back(std::move(row));
    } else {
      line.fail("'" + kind + "' is no kind of line; known are machine, result and figure");
    }
  }
  if (lines.bad()) throw std::runtime_error("results: cannot be read");
  finish(results);
  return results;
}

std::vector<Curve> curves_of(const Results& results) {
  std::vector<Curve> curves;
  for (const Cell& cell : results.cells) {
    const auto same = std::find_if(curves.begin(), curves.end(), [&](const Curve& curve) {
      return curve.front()->workload == cell.workload &&
             curve.front()->conditions == cell.conditions &&
             std::none_of(curve.begin(), curve.end(),
                          [&](const Cell* other) { return other->hosts == cell.hosts; });
    });
    if (same == curves.end()) {
      curves.push_back({&cell});
    } else {
      same->push_back(&cell);
    }
  }
  for (Curve& curve : curves) {
    std::stable_sort(curve.begin(), curve.end(),
                     [](const Cell* a, const Cell* b) { return a->hosts < b->hosts; });
  }
  return curves;
}

Compared compare(const Results& results, bool (*has_value)(const Measured& row)) {
  Compared compared;
  for (const Cell* leading : leading_cells(results)) {
    Cell cell = *leading;
    std::erase_if(cell.rows, [&](const Measured& row) { return !has_value(row); });
    if (cell.rows.empty()) continue;
    (cell.rows.size() > 1 ? compared.cells : compared.alone).push_back(std::move(cell));
  }
  if (compared.cells.empty()) std::swap(compared.cells, compared.alone);
  return compared;
}

std::vector<Cell> Compared::all() const {
  std::vector<Cell> both = cells;
  both.insert(both.end(), alone.begin(), alone.end());
  return both;
}

Cell as_one_cell(const std::vector<Cell>& alone) {
  Cell one;
  one.name = "One engine alone";
  one.conditions = alone.front().conditions;
  for (const Cell& cell : alone) {
    std::erase_if(one.conditions, [&](const Condition& condition) {
      return std::find(cell.conditions.begin(), cell.conditions.end(), condition) ==
             cell.conditions.end();
    });
    one.rows.push_back(cell.rows.front());
    Measured& row = one.rows.back();
    row.label = cell.name + (is_muster(row.engine) ? "" : ", " + row.label);
    if (cell.hosts) row.label += ", " + in_count(cell.hosts) + " hosts";
  }
  return one;
}

}  // namespace muster::bench::report
