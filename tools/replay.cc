#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "muster/recording.h"
#include "muster/store.h"
#include "tools/choice.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/json_output.h"
#include "tools/open_store.h"
#include "tools/policy_flags.h"
#include "tools/progress.h"
#include "tools/recording_flags.h"
#include "tools/replay_report.h"

namespace muster::tool {

namespace {

constexpr std::uint32_t kBatchMax = 65'536;

struct ReplaySettings {
  std::vector<std::filesystem::path> files;
  PolicyFlags policy;
  ReplayOptions options;
  Durability durability = Durability::kSync;
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

Status check_settings(const ReplaySettings& settings) {
  if (settings.policy.set_policy && !any_given(settings.policy)) {
    return Status(StatusCode::kInvalidArgument,
                  "--set-policy needs a policy flag, for example --max-retries-apple 3");
  }
  for (const std::filesystem::path& file : settings.files) {
    if (Status checked = check_input(file, settings.options); !checked.ok()) return checked;
  }
  return {};
}

Result<ReplayReport> replay_files(Store& store, const ReplaySettings& settings,
                                  const Streams& streams) {
  Progress bar(streams.err, streams.progress);
  return replay(store, settings.files, settings.options, [&](const ReplayProgress& progress) {
    bar.update(progress.bytes_read, progress.bytes_total, progress.events);
  });
}

int run_replay(const ReplaySettings& settings, Invocation& invocation) {
  if (const Status checked = check_settings(settings); !checked.ok()) {
    return fail(invocation, checked);
  }
  StoreOptions options;
  options.path = invocation.db;
  options.durability = settings.durability;
  options.recorder = recorder_of(invocation.db);
  Result<Store> store = open_with_policy(options, settings.policy);
  if (!store.ok()) return fail(invocation, store.status());

  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  Result<ReplayReport> report = replay_files(*store, settings, invocation.streams);
  const Status closed = store->close();
  if (!report.ok()) return fail(invocation, report.status());
  if (!closed.ok()) return fail(invocation, closed);
  const std::chrono::duration<double> elapsed = Clock::now() - begin;

  const ReplayRun run{std::move(report).value(), settings.files.size(), elapsed.count()};
  if (invocation.output == Output::kJson) {
    print_json(invocation.streams.out, report_json(run));
  } else {
    print_report(invocation.streams.out, run, invocation.streams.colour);
  }
  if (!run.report.input.ok()) return fail(invocation, run.report.input);
  const bool clean = run.report.rejected == 0 && run.report.divergences.total() == 0;
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
                  "Recordings: text or binary, plain or compressed; - is the standard input")
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
  command.add_flag("--strict", settings->strict,
                   "Exit with 1 when an event was refused or diverged");
  add_recording_flags(command, settings->options);
  add_policy_flags(command, settings->policy);
}

}  // namespace muster::tool
