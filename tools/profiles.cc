#include <CLI/CLI.hpp>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
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

constexpr std::uint64_t kLimitMax = 1'000'000;

struct ProfilesSettings {
  std::optional<TeamId> team;
  std::string after;
  std::uint64_t limit = 1000;
};

void print_profiles(const Snapshot& snapshot, const std::vector<ProfileInfo>& profiles, bool more,
                    const Streams& streams) {
  if (profiles.empty()) {
    streams.out << "no profiles\n";
    return;
  }
  Table table({{"profile"},
               {"team"},
               {"identifier"},
               {"name"},
               {"failed", Align::kRight},
               {"pending", Align::kRight},
               {"verifying", Align::kRight},
               {"verified", Align::kRight}});
  for (const ProfileInfo& profile : profiles) {
    const StatusCounts counts = snapshot.profile_counts(profile.profile_uuid);
    table.add({profile.profile_uuid,
               profile.team_id == 0 ? "no team" : std::to_string(profile.team_id),
               profile.identifier, profile.name, count_cell(counts.failed, DeliveryStatus::kFailed),
               count_cell(counts.pending, DeliveryStatus::kPending),
               count_cell(counts.verifying, DeliveryStatus::kVerifying),
               count_cell(counts.verified, DeliveryStatus::kVerified)});
  }
  table.print(streams.out, streams.colour);
  if (more) {
    streams.out << "more follow: add --after " << terminal_text(profiles.back().profile_uuid)
                << '\n';
  }
}

Json profiles_json(const Snapshot& snapshot, const std::vector<ProfileInfo>& profiles, bool more) {
  Json listed = Json::array();
  for (const ProfileInfo& profile : profiles) {
    listed.push_back({{"profile_uuid", profile.profile_uuid},
                      {"team_id", profile.team_id},
                      {"identifier", profile.identifier},
                      {"name", profile.name},
                      {"hosts", counts_json(snapshot.profile_counts(profile.profile_uuid))}});
  }
  Json document = {{"profiles", std::move(listed)}};
  document["next_after"] = more ? Json(profiles.back().profile_uuid) : Json(nullptr);
  return document;
}

int run_profiles(const ProfilesSettings& settings, Invocation& invocation) {
  const Result<Snapshot> snapshot = open_snapshot(invocation.db);
  if (!snapshot.ok()) return fail(invocation, snapshot.status());
  std::vector<ProfileInfo> profiles;
  bool more = false;
  const Status visited =
      snapshot->visit_profiles(Page{.after = settings.after}, [&](const ProfileInfo& profile) {
        if (settings.team && profile.team_id != *settings.team) return true;
        more = profiles.size() == settings.limit;
        if (!more) profiles.push_back(profile);
        return !more;
      });
  if (!visited.ok()) return fail(invocation, visited);
  if (invocation.output == Output::kJson) {
    print_json(invocation.streams.out, profiles_json(*snapshot, profiles, more));
  } else {
    print_profiles(*snapshot, profiles, more, invocation.streams);
  }
  return kExitFine;
}

}  // namespace

void add_profiles(CLI::App& app, Invocation& invocation) {
  const auto settings = std::make_shared<ProfilesSettings>();
  CLI::App& command =
      add_command(app, invocation, "profiles", "List the catalog and how far each profile has got.",
                  [settings](Invocation& called) { return run_profiles(*settings, called); });
  command.add_option("--team", settings->team, "Only this team; 0 is no team")->type_name("N");
  command.add_option("--after", settings->after, "Begin behind this profile")->type_name("UUID");
  command.add_option("--limit", settings->limit, "Profiles to list")
      ->check(CLI::Range(std::uint64_t{1}, kLimitMax).description(""))
      ->capture_default_str()
      ->type_name("N");
}

}  // namespace muster::tool
