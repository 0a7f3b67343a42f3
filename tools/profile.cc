#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
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
#include "tools/terminal_text.h"

namespace muster::tool {

namespace {

struct ProfileSettings {
  std::string profile_uuid;
  std::uint64_t limit = 20;
};

struct ProfileView {
  std::optional<ProfileInfo> info;  ///< absent: deleted, and rows of it are left
  StatusCounts counts;
  std::vector<std::string> failed_hosts;
  bool more_failed_hosts = false;
};

void print_profile(const ProfileSettings& settings, const ProfileView& view,
                   const Streams& streams) {
  Table facts({{}, {}});
  facts.add({"profile", settings.profile_uuid});
  if (view.info) {
    facts.add({"identifier", view.info->identifier});
    facts.add({"name", view.info->name});
    facts.add({"team", view.info->team_id == 0 ? "no team" : std::to_string(view.info->team_id)});
    facts.add({"scope", name_of(view.info->scope)});
    facts.add({"checksum", to_string(view.info->checksum)});
    facts.add({"uploaded", to_string(view.info->uploaded_at)});
    if (view.info->broken) facts.add({"labels", Cell("names a deleted label", Tone::kRed)});
  } else {
    facts.add({"catalog", Cell("deleted; hosts still have it", Tone::kYellow)});
  }
  facts.add({"failed", count_cell(view.counts.failed, DeliveryStatus::kFailed)});
  facts.add({"pending", count_cell(view.counts.pending, DeliveryStatus::kPending)});
  facts.add({"verifying", count_cell(view.counts.verifying, DeliveryStatus::kVerifying)});
  facts.add({"verified", count_cell(view.counts.verified, DeliveryStatus::kVerified)});
  facts.print(streams.out, streams.colour);
  if (view.failed_hosts.empty()) return;
  streams.out << "\nfailed on\n";
  for (const std::string& host : view.failed_hosts) {
    streams.out << "  " << terminal_text(host) << '\n';
  }
  if (view.more_failed_hosts) streams.out << "  and more: raise --limit\n";
}

Json profile_json(const ProfileSettings& settings, const ProfileView& view) {
  Json document = {{"profile_uuid", settings.profile_uuid}, {"in_catalog", view.info.has_value()}};
  if (view.info) {
    document.update(Json{{"identifier", view.info->identifier},
                         {"name", view.info->name},
                         {"team_id", view.info->team_id},
                         {"scope", name_of(view.info->scope)},
                         {"checksum", to_string(view.info->checksum)},
                         {"uploaded_at", time_json(view.info->uploaded_at)},
                         {"broken", view.info->broken}});
  }
  document["hosts"] = counts_json(view.counts);
  document["failed_hosts"] = view.failed_hosts;
  document["more_failed_hosts"] = view.more_failed_hosts;
  return document;
}

int run_profile(const ProfileSettings& settings, Invocation& invocation) {
  const Result<Snapshot> snapshot = open_snapshot(invocation.db);
  if (!snapshot.ok()) return fail(invocation, snapshot.status());
  ProfileView view{.info = snapshot->find_profile(settings.profile_uuid),
                   .counts = snapshot->profile_counts(settings.profile_uuid),
                   .failed_hosts = {}};
  if (!view.info && view.counts == StatusCounts{}) {
    return fail(invocation, kExitFindings,
                fmt::format("profile {} is not in the store; 'muster profiles' lists all",
                            settings.profile_uuid));
  }
  const Status visited =
      snapshot->visit_failed(settings.profile_uuid, Page{}, [&](std::string_view host_uuid) {
        view.more_failed_hosts = view.failed_hosts.size() == settings.limit;
        if (!view.more_failed_hosts) view.failed_hosts.emplace_back(host_uuid);
        return !view.more_failed_hosts;
      });
  if (!visited.ok()) return fail(invocation, visited);
  if (invocation.output == Output::kJson) {
    print_json(invocation.streams.out, profile_json(settings, view));
  } else {
    print_profile(settings, view, invocation.streams);
  }
  return kExitFine;
}

}  // namespace

void add_profile(CLI::App& app, Invocation& invocation) {
  const auto settings = std::make_shared<ProfileSettings>();
  CLI::App& command =
      add_command(app, invocation, "profile", "Show one profile and how far it has got.",
                  [settings](Invocation& called) { return run_profile(*settings, called); });
  command.add_option("UUID", settings->profile_uuid, "The profile")->required()->type_name("");
  command.add_option("--limit", settings->limit, "Failed hosts to name")
      ->capture_default_str()
      ->type_name("N");
}

}  // namespace muster::tool
