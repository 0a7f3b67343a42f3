#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <string>

#include "muster/fleet_generator.h"
#include "muster/recording.h"
#include "tools/choice.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/fd_output.h"
#include "tools/progress.h"
#include "tools/table.h"

namespace muster::tool {

namespace {

struct GenerateSettings {
  FleetOptions fleet;
  std::string out;
};

struct Written {
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
};

std::string header_line(const std::string& id) {
  nlohmann::ordered_json header;
  header["type"] = "header";
  header["version"] = 1;
  header["id"] = id;
  header["recorder"] = "muster generate";
  return header.dump() + "\n";
}

/// Stops where the output fails.
Written write_events(FleetGenerator& fleet, const FleetOptions& options, std::ostream& out,
                     Progress& progress) {
  Written written;
  const auto write = [&](const std::string& line) {
    out << line;
    written.bytes += line.size();
  };
  write(header_line(fleet.recording_id()));
  while (out.good()) {
    const std::optional<Event> event = fleet.next();
    if (!event) break;
    write(to_canonical_line(*event) + "\n");
    ++written.events;
    progress.update(static_cast<std::uint64_t>(fleet.now().micros - options.start.micros),
                    std::uint64_t{options.hours} * 3'600'000'000, written.events);
  }
  out.flush();
  return written;
}

int report(const Written& written, const FleetGenerator& fleet, const Invocation& invocation) {
  invocation.streams.err << fmt::format("{} events, {} bytes; a replay refuses {} of the events\n",
                                        grouped(written.events), grouped(written.bytes),
                                        grouped(fleet.refused()));
  return kExitFine;
}

int write_file(FleetGenerator& fleet, const GenerateSettings& settings, Invocation& invocation) {
  const auto failed = [&](int error) {
    return fail(invocation, kExitStorage,
                fmt::format("cannot write {}: {}", settings.out, std::strerror(error)));
  };
  const int fd = ::open(settings.out.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return failed(errno);
  FdOutput buffer(fd);
  std::ostream out(&buffer);
  Progress progress(invocation.streams.err, invocation.streams.progress);
  const Written written = write_events(fleet, settings.fleet, out, progress);
  progress.finish();
  const int closed = ::close(fd) == 0 ? 0 : errno;
  if (buffer.error() != 0) return failed(buffer.error());
  if (closed != 0) return failed(closed);
  return report(written, fleet, invocation);
}

int run_generate(const GenerateSettings& settings, Invocation& invocation) {
  Result<FleetGenerator> fleet = FleetGenerator::make(settings.fleet);
  if (!fleet.ok()) return fail(invocation, fleet.status());
  if (settings.out != "-") return write_file(*fleet, settings, invocation);
  // The events share the terminal with the bar, if it is one: no bar.
  Progress progress(invocation.streams.err,
                    invocation.streams.progress && !invocation.streams.out_is_terminal);
  const Written written = write_events(*fleet, settings.fleet, invocation.streams.out, progress);
  progress.finish();
  return report(written, *fleet, invocation);
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
  command.add_option("-o", settings->out, "The file to write; - is the standard output")
      ->required()
      ->type_name("FILE");
}

}  // namespace muster::tool
