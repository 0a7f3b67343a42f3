#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <utility>

#include "muster/store.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/json_output.h"
#include "tools/open_store.h"
#include "tools/table.h"

namespace muster::tool {

namespace {

std::string in_units(std::uint64_t bytes) {
  constexpr double kMiB = 1u << 20;
  return fmt::format("{} bytes ({:.1f} MiB)", grouped(bytes), static_cast<double>(bytes) / kMiB);
}

void print_stats(const StoreStats& stats, const Policy& policy, const Streams& streams) {
  Table facts({{}, {}});
  facts.add({"store", stats.store_id});
  facts.add({"format version", std::uint64_t{stats.format_version}});
  facts.add({"events taken", stats.sequence});
  facts.add({"hosts", stats.hosts});
  facts.add({"rows", stats.rows});
  facts.add({"profiles", stats.profiles});
  facts.add({"labels", stats.labels});
  facts.add({"commands issued", stats.commands});
  facts.add({"commit groups", stats.commit_groups});
  facts.add({"largest group", grouped(stats.largest_group) + " events"});
  facts.add({"hosts due", stats.hosts_due});
  facts.add({"on disk", in_units(stats.disk_bytes)});
  if (stats.fan_out_running) facts.add({"fan-out", Cell("running", Tone::kYellow)});
  facts.add({"policy", to_string(policy)});
  facts.print(streams.out, streams.colour);
  if (stats.cursors.empty()) return;
  Table cursors({{"recording"}, {"events taken", Align::kRight}, {"last event at"}});
  for (const Cursor& cursor : stats.cursors) {
    cursors.add({cursor.source, cursor.event, to_string(cursor.at)});
  }
  streams.out << '\n';
  cursors.print(streams.out, streams.colour);
}

Json stats_json(const StoreStats& stats, const Policy& policy) {
  Json cursors = Json::array();
  for (const Cursor& cursor : stats.cursors) {
    cursors.push_back(
        {{"source", cursor.source}, {"event", cursor.event}, {"at", time_json(cursor.at)}});
  }
  return {{"store_id", stats.store_id},
          {"format_version", stats.format_version},
          {"sequence", stats.sequence},
          {"hosts", stats.hosts},
          {"rows", stats.rows},
          {"profiles", stats.profiles},
          {"labels", stats.labels},
          {"commands", stats.commands},
          {"commit_groups", stats.commit_groups},
          {"largest_group", stats.largest_group},
          {"hosts_due", stats.hosts_due},
          {"disk_bytes", stats.disk_bytes},
          {"fan_out_running", stats.fan_out_running},
          {"policy", policy_json(policy)},
          {"cursors", std::move(cursors)}};
}

int run_stats(Invocation& invocation) {
  const Result<Store> store = open_for_reading(invocation.db);
  if (!store.ok()) return fail(invocation, store.status());
  const Result<StoreStats> stats = store->stats();
  if (!stats.ok()) return fail(invocation, stats.status());
  if (invocation.output == Output::kJson) {
    print_json(invocation.streams.out, stats_json(*stats, store->policy()));
  } else {
    print_stats(*stats, store->policy(), invocation.streams);
  }
  return kExitFine;
}

}  // namespace

void add_stats(CLI::App& app, Invocation& invocation) {
  add_command(app, invocation, "stats", "Show sizes, counters, the policy and the cursors.",
              run_stats);
}

}  // namespace muster::tool
