#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string_view>

#include "muster/snapshot.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/json_output.h"
#include "tools/open_store.h"
#include "tools/terminal_text.h"

namespace muster::tool {

namespace {

struct ExportSettings {
  bool hosts = false;
  bool digest = false;
};

int print_digest(const Snapshot& snapshot, const Invocation& invocation) {
  const Result<Digest> digest = snapshot.content_digest();
  if (!digest.ok()) return fail(invocation, digest.status());
  if (invocation.output == Output::kJson) {
    print_json(invocation.streams.out, {{"digest", to_string(*digest)}});
  } else {
    invocation.streams.out << to_string(*digest) << '\n';
  }
  return kExitFine;
}

int run_export(const ExportSettings& settings, Invocation& invocation) {
  const Result<Snapshot> snapshot = open_snapshot(invocation.db);
  if (!snapshot.ok()) return fail(invocation, snapshot.status());
  if (settings.digest) return print_digest(*snapshot, invocation);

  std::ostream& out = invocation.streams.out;
  const bool escape = invocation.streams.out_is_terminal;
  const auto write = [&](std::string_view line) {
    if (escape) {
      out << terminal_text(line.substr(0, line.size() - 1)) << '\n';
    } else {
      out << line;
    }
    return out.good();
  };
  const Status done = settings.hosts ? snapshot->export_hosts(write) : snapshot->export_rows(write);
  return done.ok() ? kExitFine : fail(invocation, done);
}

}  // namespace

void add_export(CLI::App& app, Invocation& invocation) {
  const auto settings = std::make_shared<ExportSettings>();
  CLI::App& command =
      add_command(app, invocation, "export", "Print the state, one JSON object a line, sorted.",
                  [settings](Invocation& called) { return run_export(*settings, called); });
  CLI::Option* hosts =
      command.add_flag("--hosts", settings->hosts, "One line a host instead of one a row");
  command.add_flag("--digest", settings->digest, "Only the digest of the whole content")
      ->excludes(hosts);
}

}  // namespace muster::tool
