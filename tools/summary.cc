#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "muster/snapshot.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/json_output.h"
#include "tools/open_store.h"
#include "tools/table.h"

namespace muster::tool {

namespace {

void add_counts(Table& table, const std::string& title, const StatusCounts& counts) {
  table.add({title, count_cell(counts.failed, DeliveryStatus::kFailed),
             count_cell(counts.pending, DeliveryStatus::kPending),
             count_cell(counts.verifying, DeliveryStatus::kVerifying),
             count_cell(counts.verified, DeliveryStatus::kVerified)});
}

StatusCounts sum(const Snapshot& snapshot, const std::vector<TeamId>& teams) {
  StatusCounts total;
  for (const TeamId team : teams) {
    const StatusCounts counts = snapshot.summary(team);
    total.failed += counts.failed;
    total.pending += counts.pending;
    total.verifying += counts.verifying;
    total.verified += counts.verified;
  }
  return total;
}

void print_summary(const Snapshot& snapshot, const std::vector<TeamId>& teams,
                   const Streams& streams) {
  Table table({{"team"},
               {"failed", Align::kRight},
               {"pending", Align::kRight},
               {"verifying", Align::kRight},
               {"verified", Align::kRight}});
  for (const TeamId team : teams) {
    add_counts(table, team == 0 ? "no team" : std::to_string(team), snapshot.summary(team));
  }
  if (teams.size() != 1) add_counts(table, "all", sum(snapshot, teams));
  table.print(streams.out, streams.colour);
}

int run_summary(std::optional<TeamId> team, Invocation& invocation) {
  const Result<Snapshot> snapshot = open_snapshot(invocation.db);
  if (!snapshot.ok()) return fail(invocation, snapshot.status());
  const std::vector<TeamId> teams = team ? std::vector<TeamId>{*team} : snapshot->teams();
  if (invocation.output == Output::kText) {
    print_summary(*snapshot, teams, invocation.streams);
    return kExitFine;
  }
  Json listed = Json::array();
  for (const TeamId each : teams) {
    Json entry = {{"team_id", each}};
    entry.update(counts_json(snapshot->summary(each)));
    listed.push_back(std::move(entry));
  }
  print_json(invocation.streams.out, {{"sequence", snapshot->sequence()},
                                      {"teams", std::move(listed)},
                                      {"total", counts_json(sum(*snapshot, teams))}});
  return kExitFine;
}

}  // namespace

void add_summary(CLI::App& app, Invocation& invocation) {
  const auto team = std::make_shared<std::optional<TeamId>>();
  CLI::App& command =
      add_command(app, invocation, "summary", "Count the hosts a team by their worst status.",
                  [team](Invocation& called) { return run_summary(*team, called); });
  command.add_option("--team", *team, "Only this team; 0 is no team")->type_name("N");
}

}  // namespace muster::tool
