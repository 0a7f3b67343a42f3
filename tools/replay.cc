#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "muster/recording.h"
#include "muster/store.h"
#include "tools/choice.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/import_flags.h"
#include "tools/import_report.h"
#include "tools/json_output.h"
#include "tools/line_file.h"
#include "tools/open_store.h"
#include "tools/policy_flags.h"
#include "tools/progress.h"
#include "tools/quarantine_file.h"
#include "tools/recording_flags.h"
#include "tools/replay_report.h"

namespace muster::tool {

namespace {

constexpr std::uint32_t kBatchMax = 65'536;

struct ReplaySettings {
  std::vector<std::filesystem::path> files;
  PolicyFlags policy;
  ReplayOptions options;
  ImportFlags import;
  Durability durability = Durability::kSync;
  std::filesystem::path acknowledge;
  bool strict = false;
};

// Before the store is made, so that a mistyped name leaves nothing behind. Pipes can be read only
// once.
Status check_input(const std::filesystem::path& file, const RecordingOptions& options) {
  std::error_code error;
  const std::filesystem::file_status found = std::filesystem::status(file, error);
  if (file == "-" || (std::filesystem::exists(found) && std::filesystem::is_other(found)))
    return {};
  return RecordingReader::open(file, options).status();  // which says what is wrong with it
}

/// Whether the files are an import (is_import), each checked.
Result<bool> check_settings(ReplaySettings& settings) {
  if (settings.policy.set_policy && !any_given(settings.policy)) {
    return Status(StatusCode::kInvalidArgument,
                  "--set-policy needs a policy flag, for example --max-retries-apple 3");
  }
  const Result<bool> foreign = is_import(settings.files, settings.import);
  if (!foreign.ok() || *foreign) return foreign;
  for (const std::filesystem::path& file : settings.files) {
    if (Status checked = check_input(file, settings.options); !checked.ok()) return checked;
  }
  return false;
}

struct Replayed {
  ImportReport report;
  bool imported = false;
};

Result<Replayed> replay_files(Store& store, const ReplaySettings& settings,
                              const std::optional<ImportOptions>& import,
                              LineFile& acknowledgements, const Streams& streams) {
  Progress bar(streams.err, streams.progress);
  const auto show = [&](const ReplayProgress& progress) {
    acknowledgements.append(std::to_string(progress.events));
    bar.update(progress.bytes_read, progress.bytes_total, progress.events);
  };
  if (import) {
    Result<ImportReport> report = replay(store, settings.files, *import, settings.options, show);
    if (!report.ok()) return report.status();
    return Replayed{*std::move(report), true};
  }
  Result<ReplayReport> report = replay(store, settings.files, settings.options, show);
  if (!report.ok()) return report.status();
  return Replayed{{*std::move(report), {}, {}}, false};
}

void print(const ReplayRun& run, const Replayed& replayed, const ReplaySettings& settings,
           const Invocation& invocation) {
  std::ostream& out = invocation.streams.out;
  if (invocation.output == Output::kJson) {
    Json document = report_json(run);
    if (replayed.imported) {
      document["import"] = notes_json(replayed.report.notes);
      document["unknown_commands"] = replayed.report.unknown_commands;
    }
    return print_json(out, document);
  }
  print_report(out, run, invocation.streams.colour);
  if (!replayed.imported) return;
  out << '\n';
  print_notes(out, replayed.report.notes);
  print_missing(out, replayed.report, !settings.import.options.commands.empty());
}

int run_replay(ReplaySettings& settings, Invocation& invocation) {
  const Result<bool> foreign = check_settings(settings);
  if (!foreign.ok()) return fail(invocation, foreign.status());
  QuarantineFile quarantine;
  std::optional<ImportOptions> import;
  if (*foreign) {
    Result<ImportOptions> prepared = import_options(settings.import, settings.options, quarantine);
    if (!prepared.ok()) return fail(invocation, prepared.status());
    import = *std::move(prepared);
  }
  LineFile acknowledgements;
  if (!settings.acknowledge.empty()) {
    const Status opened = acknowledgements.open(settings.acknowledge);
    if (!opened.ok()) return fail(invocation, opened);
  }
  StoreOptions options;
  options.path = invocation.db;
  options.durability = settings.durability;
  options.recorder = recorder_of(invocation.db);
  Result<Store> store = open_with_policy(options, settings.policy);
  if (!store.ok()) return fail(invocation, store.status());

  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  Result<Replayed> replayed =
      replay_files(*store, settings, import, acknowledgements, invocation.streams);
  const Status closed = store->close();
  if (!replayed.ok()) return fail(invocation, replayed.status());
  if (!closed.ok()) return fail(invocation, closed);
  const std::chrono::duration<double> elapsed = Clock::now() - begin;

  const ReplayRun run{replayed->report, settings.files.size(), elapsed.count()};
  print(run, *replayed, settings, invocation);
  if (!run.report.input.ok()) return fail(invocation, run.report.input);
  if (!acknowledgements.status().ok()) return fail(invocation, acknowledgements.status());
  const bool clean = run.report.rejected == 0 && replayed->report.notes.unreadable == 0;
  return settings.strict && !clean ? kExitFindings : kExitFine;
}

}  // namespace

void add_replay(CLI::App& app, Invocation& invocation) {
  const auto settings = std::make_shared<ReplaySettings>();
  CLI::App& command = add_command(
      app, invocation, "replay",
      "Replay recordings into a store, in order. A run that was stopped goes on where it was.",
      [settings](Invocation& called) { return run_replay(*settings, called); });
  command
      .add_option("FILE", settings->files,
                  "Recordings of any format, plain or compressed, or folders of them; - is the "
                  "standard input")
      ->required()
      ->type_name("");
  command.add_option("--batch", settings->options.batch, "Events a commit")
      ->check(CLI::Range(std::uint32_t{1}, kBatchMax).description(""))
      ->capture_default_str()
      ->type_name("N");
  command
      .add_option("--until", settings->options.until, "Stop after N events, counted over all files")
      ->type_name("N");
  add_choice<Durability>(
      command, "--durability", settings->durability,
      {{"sync", Durability::kSync}, {"buffered", Durability::kBuffered}},
      "sync (default): a commit is on the device before the next; buffered: in the operating "
      "system, synced at the end")
      ->type_name("WHEN");
  command
      .add_option("--acknowledge", settings->acknowledge,
                  "Append to FILE, a pipe for example, the number of events of this run that are "
                  "committed: a line after each commit")
      ->type_name("FILE");
  command.add_flag("--strict", settings->strict,
                   "Exit with 1 when an event was refused or a document was unreadable");
  add_recording_flags(command, settings->options);
  add_import_flags(command, settings->import);
  add_policy_flags(command, settings->policy);
}

}  // namespace muster::tool
