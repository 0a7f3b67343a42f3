#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "muster/compare.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/import_report.h"
#include "tools/json_output.h"
#include "tools/open_store.h"
#include "tools/recording_flags.h"
#include "tools/table.h"
#include "tools/terminal_text.h"

namespace muster::tool {

namespace {

struct CompareSettings {
  std::vector<std::filesystem::path> files;
  std::uint64_t limit = 1000;
  ImportLimits limits;
};

struct Compared {
  FleetComparison comparison;
  std::vector<RowDifference> shown;
  std::uint64_t differences = 0;
};

Cell side_cell(const std::string& text) {
  return text.empty() ? Cell("-", Tone::kFaint) : Cell(text);
}

void print_compared(const Compared& compared, const Streams& streams) {
  const FleetComparison& comparison = compared.comparison;
  if (!compared.shown.empty()) {
    Table table({{"host"}, {"profile"}, {"difference"}, {"in the store"}, {"in Fleet"}});
    for (const RowDifference& row : compared.shown) {
      table.add({row.host_uuid, row.name.empty() ? row.profile_uuid : row.name, name_of(row.kind),
                 side_cell(row.in_store), side_cell(row.in_fleet)});
    }
    table.print(streams.out, streams.colour);
    if (compared.differences > compared.shown.size()) {
      streams.out << "... and " << grouped(compared.differences - compared.shown.size())
                  << " more: --limit shows them\n";
    }
    streams.out << '\n';
  }
  streams.out << plural(comparison.hosts, "host")
              << " compared: " << plural(comparison.equal_rows, "row") << " equal, "
              << plural(compared.differences, "difference") << '\n';
  if (comparison.repeated_hosts > 0) {
    streams.out << plural(comparison.repeated_hosts, "host")
                << " told of again, and not compared again\n";
  }
  for (const auto& [what, count] : comparison.passed_over) {
    streams.out << "passed over: " << grouped(count) << ' ' << terminal_text(what) << '\n';
  }
  print_unreadable(streams.out, comparison.unreadable, comparison.first_unreadable);
}

Json compared_json(const Compared& compared) {
  const FleetComparison& comparison = compared.comparison;
  Json rows = Json::array();
  for (const RowDifference& row : compared.shown) {
    rows.push_back({{"difference", name_of(row.kind)},
                    {"host_uuid", row.host_uuid},
                    {"profile_uuid", row.profile_uuid},
                    {"name", row.name},
                    {"in_store", row.in_store},
                    {"in_fleet", row.in_fleet}});
  }
  Json kinds = Json::object();
  for (const auto& [kind, count] : comparison.differences) kinds[name_of(kind)] = count;
  return {{"hosts", comparison.hosts},
          {"equal_rows", comparison.equal_rows},
          {"differences", compared.differences},
          {"by_difference", std::move(kinds)},
          {"first_differences", std::move(rows)},
          {"repeated_hosts", comparison.repeated_hosts},
          {"passed_over", comparison.passed_over},
          {"unreadable", comparison.unreadable},
          {"first_unreadable", unreadable_json(comparison.first_unreadable)}};
}

Result<Compared> compare(const Snapshot& snapshot, const CompareSettings& settings) {
  Compared compared;
  Result<FleetComparison> comparison = compare_with_fleet(
      snapshot, settings.files, settings.limits, [&](const RowDifference& difference) {
        ++compared.differences;
        if (compared.shown.size() < settings.limit) compared.shown.push_back(difference);
      });
  if (!comparison.ok()) return comparison.status();
  compared.comparison = *std::move(comparison);
  return compared;
}

int run_compare(const CompareSettings& settings, Invocation& invocation) {
  const Result<Snapshot> snapshot = open_snapshot(invocation.db);
  if (!snapshot.ok()) return fail(invocation, snapshot.status());
  const Result<Compared> compared = compare(*snapshot, settings);
  if (!compared.ok()) return fail(invocation, compared.status());
  if (invocation.output == Output::kJson) {
    print_json(invocation.streams.out, compared_json(*compared));
  } else {
    print_compared(*compared, invocation.streams);
  }
  const FleetComparison& comparison = compared->comparison;
  if (!comparison.input.ok()) return fail(invocation, comparison.input);
  if (comparison.hosts == 0 && compared->differences == 0) {
    return fail(invocation, kExitBadData,
                "no host in these files has a list of profiles; GET /api/v1/fleet/hosts/:id gives "
                "it, the list of hosts does not");
  }
  return compared->differences == 0 && comparison.unreadable == 0 ? kExitFine : kExitFindings;
}

}  // namespace

void add_compare(CLI::App& app, Invocation& invocation) {
  const auto settings = std::make_shared<CompareSettings>();
  CLI::App& command =
      add_command(app, invocation, "compare",
                  "Compare the store's rows with what a Fleet server says of the same hosts.",
                  [settings](Invocation& called) { return run_compare(*settings, called); });
  command
      .add_option("--fleet-export", settings->files,
                  "Answers of Fleet's GET /hosts/:id, or folders of them; - is the standard input")
      ->required()
      ->type_name("FILE");
  command.add_option("--limit", settings->limit, "Differences to show")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000}).description(""))
      ->capture_default_str()
      ->type_name("N");
  add_recording_limits(command, settings->limits);
}

}  // namespace muster::tool
