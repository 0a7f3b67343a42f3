#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "muster/repair.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/json_output.h"
#include "tools/open_store.h"
#include "tools/table.h"

namespace muster::tool {

namespace {

int run_repair(bool accept_lost_events, Invocation& invocation) {
  StoreOptions options = options_for_writing(invocation.db);
  options.accept_lost_events = accept_lost_events;
  const Result<RepairReport> report = repair_store(options);
  if (!report.ok()) return fail(invocation, report.status());
  std::ostream& out = invocation.streams.out;
  if (invocation.output == Output::kJson) {
    print_json(out, {{"keys_added", report->keys_added},
                     {"keys_removed", report->keys_removed},
                     {"totals_changed", report->totals_changed},
                     {"sums_changed", report->sums_changed},
                     {"sequence", report->stats.sequence},
                     {"hosts", report->stats.hosts}});
    return kExitFine;
  }
  const bool mended = report->keys_added + report->keys_removed > 0 || report->totals_changed ||
                      report->sums_changed;
  if (mended) {
    out << fmt::format("mended: {} keys added, {} removed{}{}\n", grouped(report->keys_added),
                       grouped(report->keys_removed), report->totals_changed ? ", totals" : "",
                       report->sums_changed ? ", sums" : "");
  }
  out << fmt::format("{}whole: {} events, {} hosts\n", mended ? "now " : "",
                     grouped(report->stats.sequence), grouped(report->stats.hosts));
  return kExitFine;
}

}  // namespace

void add_repair(CLI::App& app, Invocation& invocation) {
  const auto accept = std::make_shared<bool>(false);
  CLI::App& command =
      add_command(app, invocation, "repair",
                  "Compute derived keys and counts again and write those that differ; records stay "
                  "as they are.",
                  [accept](Invocation& called) { return run_repair(*accept, called); });
  command.add_flag("--accept-lost-events", *accept,
                   "Go on without acknowledged events that are not on the disk any more");
}

}  // namespace muster::tool
