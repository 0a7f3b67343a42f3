#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "muster/snapshot.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/json_output.h"
#include "tools/open_store.h"
#include "tools/table.h"

namespace muster::tool {

namespace {

// A detail has a line for each error; in a table they follow each other.
std::string on_one_line(std::string_view detail) {
  std::string line;
  while (!detail.empty()) {
    const std::size_t end = std::min(detail.find('\n'), detail.size());
    if (end > 0) line.append(line.empty() ? "" : "; ").append(detail.substr(0, end));
    detail.remove_prefix(std::min(end + 1, detail.size()));
  }
  return line;
}

void print_facts(std::ostream& out, const HostState& host, bool colour) {
  Table facts({{}, {}});
  facts.add({"host", host.host_uuid});
  facts.add({"platform", name_of(host.platform)});
  facts.add({"team", host.team_id == 0 ? "no team" : std::to_string(host.team_id)});
  facts.add({"enrolled", host.enrolled ? to_string(host.enrolled_at) : "no"});
  facts.add({"user channel", host.user_channel ? "yes" : "no"});
  facts.add({"last report", report_time_cell(host.detail_updated_at)});
  facts.add(
      {"labels", host.labels.empty() ? "none" : fmt::format("{}", fmt::join(host.labels, ", "))});
  facts.add({"status", host.status ? status_cell(*host.status) : Cell("none")});
  facts.print(out, colour);
}

void print_rows(std::ostream& out, const std::vector<ProfileState>& rows, bool colour) {
  if (rows.empty()) {
    out << "\nno profiles\n";
    return;
  }
  Table table({{"identifier"},
               {"name"},
               {"operation"},
               {"status"},
               {"retries", Align::kRight},
               {"command"},
               {"detail"}});
  for (const ProfileState& row : rows) {
    table.add({row.identifier, row.name, name_of(row.operation), status_cell(row.status),
               static_cast<std::uint64_t>(row.retries),
               row.command_uuid.empty() ? "-" : row.command_uuid, on_one_line(row.detail)});
  }
  out << '\n';
  table.print(out, colour);
}

int run_host(const std::string& host_uuid, Invocation& invocation) {
  const Result<Snapshot> snapshot = open_snapshot(invocation.db);
  if (!snapshot.ok()) return fail(invocation, snapshot.status());
  const Result<std::optional<HostState>> found = snapshot->find_host(host_uuid);
  if (!found.ok()) return fail(invocation, found.status());
  if (!found->has_value()) {
    return fail(
        invocation, kExitFindings,
        fmt::format("host {} is not in the store; 'muster export --hosts' lists all", host_uuid));
  }
  std::vector<ProfileState> rows;
  const Status visited = snapshot->visit_host(host_uuid, Page{}, [&](const ProfileState& row) {
    rows.push_back(row);
    return true;
  });
  if (!visited.ok()) return fail(invocation, visited);

  const Streams& streams = invocation.streams;
  if (invocation.output == Output::kText) {
    print_facts(streams.out, **found, streams.colour);
    print_rows(streams.out, rows, streams.colour);
    return kExitFine;
  }
  Json document = host_json(**found);
  document["profiles"] = Json::array();
  for (const ProfileState& row : rows) document["profiles"].push_back(row_json(row));
  print_json(streams.out, document);
  return kExitFine;
}

}  // namespace

void add_host(CLI::App& app, Invocation& invocation) {
  const auto host_uuid = std::make_shared<std::string>();
  CLI::App& command =
      add_command(app, invocation, "host", "Show one host and the profiles on it.",
                  [host_uuid](Invocation& called) { return run_host(*host_uuid, called); });
  command.add_option("UUID", *host_uuid, "The host")->required()->type_name("");
}

}  // namespace muster::tool
