// The subcommands of the tool. Each add_* function declares one subcommand's options; when the
// command line names it, Invocation::run is set to what it does. Tests call run_tool with streams.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "muster/status.h"

namespace CLI {
class App;
}  // namespace CLI

namespace muster::tool {

enum class Output : std::uint8_t { kText, kJson };

struct Streams {
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal = false;
  bool colour = false;    ///< colours on `out`
  bool progress = false;  ///< a progress bar on `err`
};

/// One call of the tool.
struct Invocation {
  Streams streams;
  std::string command;  ///< "replay"; in front of messages
  std::filesystem::path db;
  Output output = Output::kText;
  std::function<int(Invocation&)> run;
};

/// The whole tool: parses, runs, reports errors on `streams.err`; returns the exit code.
int run_tool(const std::vector<std::string>& arguments, const Streams& streams);

/// The same without doing what the arguments ask for: 0 where they can be understood.
int try_arguments(const std::vector<std::string>& arguments, const Streams& streams);

/// A subcommand without options.
CLI::App& add_free_command(CLI::App& app, Invocation& invocation, const std::string& name,
                           const std::string& description,
                           const std::function<int(Invocation&)>& run);

/// A subcommand about a store, with the options that all of them have: --db and --output.
CLI::App& add_command(CLI::App& app, Invocation& invocation, const std::string& name,
                      const std::string& description, const std::function<int(Invocation&)>& run);
/// Its option --output.
void add_output(CLI::App& command, Invocation& invocation);
/// Writes "muster COMMAND: message" and returns the exit code of the status.
int fail(const Invocation& invocation, const Status& status);
/// The same of a file that was written; where that is the standard output and its reader has gone,
/// such as head, there is nothing to report.
int fail_writing(const Invocation& invocation, const std::filesystem::path& target,
                 const Status& status);
/// The same for a message without a status.
int fail(const Invocation& invocation, int exit_code, std::string_view message);

void add_replay(CLI::App& app, Invocation& invocation);
void add_convert(CLI::App& app, Invocation& invocation);
void add_export(CLI::App& app, Invocation& invocation);
void add_host(CLI::App& app, Invocation& invocation);
void add_summary(CLI::App& app, Invocation& invocation);
void add_profiles(CLI::App& app, Invocation& invocation);
void add_profile(CLI::App& app, Invocation& invocation);
void add_list(CLI::App& app, Invocation& invocation);
void add_compare(CLI::App& app, Invocation& invocation);
void add_reconcile(CLI::App& app, Invocation& invocation);
void add_commands(CLI::App& app, Invocation& invocation);
void add_check(CLI::App& app, Invocation& invocation);
void add_scrub(CLI::App& app, Invocation& invocation);
void add_backup(CLI::App& app, Invocation& invocation);
void add_verify(CLI::App& app, Invocation& invocation);
void add_restore(CLI::App& app, Invocation& invocation);
void add_repair(CLI::App& app, Invocation& invocation);
void add_stats(CLI::App& app, Invocation& invocation);
void add_generate(CLI::App& app, Invocation& invocation);

}  // namespace muster::tool
