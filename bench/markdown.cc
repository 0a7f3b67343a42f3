#include "bench/markdown.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>

namespace muster::bench {
namespace {

/// Engines in the order of their columns, and what a reader calls them.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kColumns = {{
    {"muster", "Muster"},
    {"memory", "hash map in memory"},
    {"lmdb_blob", "LMDB, a blob a host"},
    {"sqlite_blob", "SQLite, a blob a host"},
    {"sqlite_rows", "SQLite, a row a profile"},
    {"floor", "its floor"},
}};

/// "100,000"
std::string grouped(double number) {
  std::string digits = fmt::format("{:.0f}", number);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return digits;
}

std::string three_digits(double number) {
  return number < 1'000 ? fmt::format("{:.3g}", number) : grouped(number);
}

/// A cell has one floor at most.
std::string column_of(const std::string& engine) {
  const bool floor = engine == "parse" || engine.starts_with("rocksdb_");
  return floor ? "floor" : engine;
}

std::string text(const Line& line, const char* key) {
  return line.value(key, "");
}

}  // namespace

std::string figures_to_markdown(const std::vector<Line>& figures) {
  std::string table =
      "| figure | memory | promised | measured | | where |\n| --- | --- | --- | --- | --- | --- "
      "|\n";
  for (const Line& figure : figures) {
    const std::string why = text(figure, "why");
    const std::string cell = text(figure, "cell");
    table += fmt::format("| {} | {} | {} | {} | {}{} | {} |\n", text(figure, "figure"),
                         text(figure, "preset"), text(figure, "bound"), text(figure, "measured"),
                         text(figure, "verdict"), why.empty() ? "" : ", " + why,
                         cell.empty() ? "" : "`" + cell + "`");
  }
  return table;
}

std::string engines_to_markdown(const std::vector<Line>& lines) {
  struct Row {
    std::string label;
    std::map<std::string, double> micros;  ///< by engine
  };
  std::vector<std::pair<std::string, Row>> rows;  // by cell, in their order
  std::set<std::string> seen;
  for (const Line& line : lines) {
    if (text(line, "kind") != "result") continue;
    const std::string cell = text(line, "cell");
    if (rows.empty() || rows.back().first != cell) {
      rows.push_back({cell,
                      {fmt::format("`{}`: {} hosts, {} profiles", cell,
                                   grouped(line.value("hosts", 0.0)), line.value("profiles", 0)),
                       {}}});
    }
    rows.back().second.micros[column_of(text(line, "engine"))] = line.value("cpu_micros", 0.0);
  }
  std::erase_if(rows, [](const auto& row) { return row.second.micros.size() < 2; });
  for (const auto& [cell, row] : rows) {
    for (const auto& [engine, micros] : row.micros) seen.insert(engine);
  }
  std::string table = "| cpu an event, us |";
  std::string rule = "| --- |";
  for (const auto& [engine, name] : kColumns) {
    if (!seen.contains(std::string(engine))) continue;
    table += fmt::format(" {} |", name);
    rule += " --- |";
  }
  table += "\n" + rule + "\n";
  for (const auto& [cell, row] : rows) {
    table += fmt::format("| {} |", row.label);
    for (const auto& [engine, name] : kColumns) {
      if (!seen.contains(std::string(engine))) continue;
      const auto at = row.micros.find(std::string(engine));
      table += at == row.micros.end() ? " |" : " " + three_digits(at->second) + " |";
    }
    table += "\n";
  }
  return table;
}

}  // namespace muster::bench
