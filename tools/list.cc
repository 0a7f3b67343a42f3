#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "muster/snapshot.h"
#include "tools/choice.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/json_output.h"
#include "tools/open_store.h"
#include "tools/table.h"
#include "tools/terminal_text.h"

namespace muster::tool {

namespace {

constexpr std::uint64_t kLimitMax = 1'000'000;
constexpr std::size_t kProfilesShown = 3;

struct ListSettings {
  DeliveryStatus status = DeliveryStatus::kFailed;
  std::optional<TeamId> team;
  std::string after;
  std::uint64_t limit = 1000;
};

struct ListedHost {
  HostState host;
  std::vector<std::string> profiles;  ///< identifiers of its rows in that status
};

bool counts_as(const ProfileState& row, DeliveryStatus status) {
  if (row.status == DeliveryStatus::kUnsent) return status == DeliveryStatus::kPending;
  return row.status == status;
}

Status add_profiles(const Snapshot& snapshot, DeliveryStatus status, ListedHost& listed) {
  return snapshot.visit_host(listed.host.host_uuid, Page{}, [&](const ProfileState& row) {
    if (counts_as(row, status)) listed.profiles.push_back(row.identifier);
    return true;
  });
}

// One host more than asked for shows whether others follow.
Status collect(const Snapshot& snapshot, const ListSettings& settings,
               std::vector<ListedHost>& hosts) {
  const Page page{.after = settings.after, .limit = settings.limit + 1};
  Status visited =
      snapshot.visit_status(settings.status, settings.team, page, [&](const HostState& host) {
        hosts.push_back({host, {}});
        return true;
      });
  if (!visited.ok()) return visited;
  const std::size_t shown = std::min<std::size_t>(hosts.size(), settings.limit);
  for (std::size_t i = 0; i < shown; ++i) {
    if (Status added = add_profiles(snapshot, settings.status, hosts[i]); !added.ok()) {
      return added;
    }
  }
  return {};
}

std::string shortened(const std::vector<std::string>& profiles) {
  std::string text;
  for (std::size_t i = 0; i < std::min(profiles.size(), kProfilesShown); ++i) {
    text += (i == 0 ? "" : ", ") + profiles[i];
  }
  if (profiles.size() > kProfilesShown) {
    text += fmt::format(" and {} more", profiles.size() - kProfilesShown);
  }
  return text;
}

void print_list(const ListSettings& settings, const std::vector<ListedHost>& hosts, bool more,
                const Streams& streams) {
  if (hosts.empty()) {
    streams.out << "no " << name_of(settings.status) << " hosts\n";
    return;
  }
  Table table({{"host"}, {"platform"}, {"team"}, {"last report"}, {"profiles"}});
  for (const ListedHost& listed : hosts) {
    table.add({listed.host.host_uuid, name_of(listed.host.platform),
               listed.host.team_id == 0 ? "no team" : std::to_string(listed.host.team_id),
               report_time_cell(listed.host.detail_updated_at), shortened(listed.profiles)});
  }
  table.print(streams.out, streams.colour);
  if (more) {
    streams.out << "more follow: add --after " << terminal_text(hosts.back().host.host_uuid)
                << '\n';
  }
}

Json list_json(const ListSettings& settings, const std::vector<ListedHost>& hosts, bool more) {
  Json listed = Json::array();
  for (const ListedHost& each : hosts) {
    listed.push_back({{"host_uuid", each.host.host_uuid},
                      {"platform", name_of(each.host.platform)},
                      {"team_id", each.host.team_id},
                      {"detail_updated_at", time_json(each.host.detail_updated_at)},
                      {"profiles", each.profiles}});
  }
  Json document = {{"status", name_of(settings.status)}, {"hosts", std::move(listed)}};
  document["next_after"] = more ? Json(hosts.back().host.host_uuid) : Json(nullptr);
  return document;
}

int run_list(const ListSettings& settings, Invocation& invocation) {
  const Result<Snapshot> snapshot = open_snapshot(invocation.db);
  if (!snapshot.ok()) return fail(invocation, snapshot.status());
  std::vector<ListedHost> hosts;
  if (const Status done = collect(*snapshot, settings, hosts); !done.ok()) {
    return fail(invocation, done);
  }
  const bool more = hosts.size() > settings.limit;
  if (more) hosts.pop_back();
  if (invocation.output == Output::kJson) {
    print_json(invocation.streams.out, list_json(settings, hosts, more));
  } else {
    print_list(settings, hosts, more, invocation.streams);
  }
  return kExitFine;
}

}  // namespace

void add_list(CLI::App& app, Invocation& invocation) {
  const auto settings = std::make_shared<ListSettings>();
  CLI::App& command =
      add_command(app, invocation, "list", "List the hosts whose worst status is this one.",
                  [settings](Invocation& called) { return run_list(*settings, called); });
  add_choice<DeliveryStatus>(command, "--status", settings->status,
                             {{"failed", DeliveryStatus::kFailed},
                              {"pending", DeliveryStatus::kPending},
                              {"verifying", DeliveryStatus::kVerifying},
                              {"verified", DeliveryStatus::kVerified}},
                             "failed, pending, verifying or verified")
      ->required()
      ->type_name("STATUS");
  command.add_option("--team", settings->team, "Only this team; 0 is no team")->type_name("N");
  command.add_option("--after", settings->after, "Begin behind this host")->type_name("UUID");
  command.add_option("--limit", settings->limit, "Hosts to list")
      ->check(CLI::Range(std::uint64_t{1}, kLimitMax).description(""))
      ->capture_default_str()
      ->type_name("N");
}

}  // namespace muster::tool
