#include <CLI/CLI.hpp>
#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "muster/store.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/json_output.h"
#include "tools/open_store.h"
#include "tools/table.h"

namespace muster::tool {

namespace {

Timestamp now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
}

void print_report(const PassReport& report, const Streams& streams) {
  Table table({{""}, {"", Align::kRight}});
  table.add({"hosts changed", report.hosts_changed});
  table.add({"commands issued", report.commands_issued});
  if (report.rows_held_back > 0) table.add({"rows held back", report.rows_held_back});
  table.print(streams.out, streams.colour);
  if (report.commands_issued > 0) {
    streams.out << "'muster commands' shows what is to be sent\n";
  }
}

int run_reconcile(Invocation& invocation) {
  Result<Store> store = open_for_writing(invocation.db);
  if (!store.ok()) return fail(invocation, store.status());
  boost::uuids::random_generator uuids;
  const Result<PassReport> report =
      store->reconcile(now(), [&uuids] { return boost::uuids::to_string(uuids()); });
  if (!report.ok()) return fail(invocation, report.status());
  if (const Status closed = store->close(); !closed.ok()) return fail(invocation, closed);
  if (invocation.output == Output::kJson) {
    print_json(invocation.streams.out, {{"windows", report->windows},
                                        {"hosts_changed", report->hosts_changed},
                                        {"commands_issued", report->commands_issued},
                                        {"rows_held_back", report->rows_held_back}});
  } else {
    print_report(*report, invocation.streams);
  }
  return kExitFine;
}

}  // namespace

void add_reconcile(CLI::App& app, Invocation& invocation) {
  add_command(app, invocation, "reconcile",
              "Bring every host's rows to the desired state; commands go to the outbox.",
              run_reconcile);
}

}  // namespace muster::tool
