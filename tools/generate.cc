#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <ostream>
#include <string>

#include "muster/fleet_generator.h"
#include "muster/recording_writer.h"
#include "tools/choice.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/progress.h"
#include "tools/table.h"

namespace muster::tool {

namespace {

struct GenerateSettings {
  FleetOptions fleet;
  std::filesystem::path target;
  std::optional<RecordingForm> form;
};

RecordingWriterOptions writer_options(const GenerateSettings& settings) {
  RecordingWriterOptions options;
  options.replace = true;
  if (settings.target.extension() == ".gz") options.compression = RecordingCompression::kGzip;
  if (settings.target.extension() == ".zst") options.compression = RecordingCompression::kZstd;
  const bool compressed = options.compression != RecordingCompression::kNone;
  const auto name = compressed ? settings.target.stem() : settings.target;
  const bool binary = name.extension() == ".mrec";
  options.form = settings.form.value_or(binary ? RecordingForm::kBinary : RecordingForm::kText);
  return options;
}

int run_generate(const GenerateSettings& settings, Invocation& invocation) {
  Result<FleetGenerator> fleet = FleetGenerator::make(settings.fleet);
  if (!fleet.ok()) return fail(invocation, fleet.status());
  Result<RecordingWriter> writer = RecordingWriter::create(
      settings.target, {fleet->recording_id(), "muster generate", 1}, writer_options(settings));
  if (!writer.ok()) return fail(invocation, writer.status());
  // Events on the terminal leave no place for a bar.
  const bool shown = settings.target == "-" && invocation.streams.out_is_terminal;
  Progress progress(invocation.streams.err, invocation.streams.progress && !shown);
  const std::uint64_t micros = std::uint64_t{settings.fleet.hours} * 3'600'000'000;
  std::uint64_t events = 0;
  while (const std::optional<Event> event = fleet->next()) {
    if (Status added = writer->append(*event); !added.ok()) {
      return fail_writing(invocation, settings.target, added);
    }
    ++events;
    const std::int64_t passed = fleet->now().micros - settings.fleet.start.micros;
    progress.update(static_cast<std::uint64_t>(passed), micros, events);
  }
  if (Status closed = writer->close(); !closed.ok()) {
    return fail_writing(invocation, settings.target, closed);
  }
  progress.finish();
  invocation.streams.err << fmt::format("{} events; a replay refuses {} of them\n", grouped(events),
                                        grouped(fleet->refused()));
  return kExitFine;
}

}  // namespace

void add_generate(CLI::App& app, Invocation& invocation) {
  const auto settings = std::make_shared<GenerateSettings>();
  CLI::App& command =
      add_free_command(app, invocation, "generate",
                       "Write the recording of a made-up fleet. The same options, the same bytes.",
                       [settings](Invocation& called) { return run_generate(*settings, called); });
  FleetOptions& fleet = settings->fleet;
  const auto add_number = [&](const std::string& name, auto& value, const std::string& what) {
    command.add_option(name, value, what)->capture_default_str()->type_name("N");
  };
  add_number("--hosts", fleet.hosts, "Devices that are there at some time");
  add_number("--profiles", fleet.profiles, "Profiles a team at the begin");
  add_number("--teams", fleet.teams, "Teams, \"no team\" being the first one");
  add_number("--hours", fleet.hours, "Simulated time");
  add_number("--seed", fleet.seed, "Another seed, another fleet");
  add_choice<FleetScenario>(command, "--scenario", fleet.scenario,
                            {{"steady", FleetScenario::kSteady},
                             {"rollout", FleetScenario::kRollout},
                             {"storm", FleetScenario::kStorm},
                             {"drift", FleetScenario::kDrift},
                             {"mixed", FleetScenario::kMixed}},
                            "steady, rollout, storm, drift or mixed (default)")
      ->type_name("NAME");
  add_choice<RecordingForm>(command, "--format", settings->form,
                            {{"ndjson", RecordingForm::kText}, {"binary", RecordingForm::kBinary}},
                            "ndjson or binary; default: binary for .mrec, else ndjson")
      ->type_name("FORM");
  command
      .add_option(
          "-o", settings->target,
          "The file to write, compressed if it ends in .gz or .zst; - is the standard output")
      ->required()
      ->type_name("FILE");
}

}  // namespace muster::tool
