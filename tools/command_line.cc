#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <iterator>
#include <new>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "muster/stats.h"
#include "tools/choice.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/fd_output.h"
#include "tools/terminal_text.h"

namespace muster::tool {

namespace {

constexpr char kName[] = "muster";
constexpr char kDescription[] =
    "Keeps the delivery state of configuration profiles for fleets of Macs, iPhones and iPads.";
constexpr char kExitCodes[] =
    "Exit codes: 0 fine, 1 findings, 2 usage, 65 bad data, 74 storage failure, 75 busy.";

int report_parse_error(const CLI::App& app, const CLI::ParseError& error, Invocation& invocation) {
  if (error.get_exit_code() == 0) {  // --help, --version
    app.exit(error, invocation.streams.out, invocation.streams.err);
    return kExitFine;
  }
  const auto named = app.get_subcommands();
  if (!named.empty()) invocation.command = named.front()->get_name();
  // What is missing is told before what nobody knows, which is often the same, mistyped.
  const std::vector<std::string> unknown = app.remaining(true);
  if (dynamic_cast<const CLI::RequiredError*>(&error) == nullptr || unknown.empty()) {
    fail(invocation, kExitUsage, error.what());
  } else if (named.empty() && !unknown.front().starts_with('-')) {
    fail(invocation, kExitUsage, "there is no command '" + unknown.front() + "'");
  } else {
    fail(invocation, kExitUsage, "'" + unknown.front() + "' is not known here");
  }
  const std::string space = invocation.command.empty() ? "" : " ";
  invocation.streams.err << "Run 'muster" << space << invocation.command
                         << " --help' for the options.\n";
  return kExitUsage;
}

/// "muster --db DIR check" is "muster check --db DIR".
void move_behind_command(std::vector<std::string>& arguments) {
  if (arguments.empty()) return;
  const bool joined = arguments.front().starts_with("--db=");
  const std::ptrdiff_t words = arguments.front() == "--db" ? 2 : joined ? 1 : 0;
  if (words == 0 || std::ssize(arguments) <= words) return;
  std::rotate(arguments.begin(), arguments.begin() + words, arguments.begin() + words + 1);
}

/// The exit code where there is nothing to run.
std::optional<int> parse(CLI::App& app, std::vector<std::string> arguments,
                         Invocation& invocation) {
  move_behind_command(arguments);
  app.set_version_flag("--version", "muster " MUSTER_VERSION ", " + engine_version());
  app.require_subcommand(1);
  app.footer(kExitCodes);
  add_replay(app, invocation);
  add_convert(app, invocation);
  add_export(app, invocation);
  add_host(app, invocation);
  add_summary(app, invocation);
  add_profiles(app, invocation);
  add_profile(app, invocation);
  add_list(app, invocation);
  add_compare(app, invocation);
  add_reconcile(app, invocation);
  add_commands(app, invocation);
  add_check(app, invocation);
  add_scrub(app, invocation);
  add_backup(app, invocation);
  add_verify(app, invocation);
  add_restore(app, invocation);
  add_repair(app, invocation);
  add_stats(app, invocation);
  add_generate(app, invocation);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    return report_parse_error(app, error, invocation);
  }
  return std::nullopt;
}

}  // namespace

CLI::App& add_free_command(CLI::App& app, Invocation& invocation, const std::string& name,
                           const std::string& description,
                           const std::function<int(Invocation&)>& run) {
  CLI::App& command = *app.add_subcommand(name, description);
  command.footer(kExitCodes);
  command.callback([&invocation, name, run] {
    invocation.command = name;
    invocation.run = run;
  });
  return command;
}

CLI::App& add_command(CLI::App& app, Invocation& invocation, const std::string& name,
                      const std::string& description, const std::function<int(Invocation&)>& run) {
  CLI::App& command = add_free_command(app, invocation, name, description, run);
  const auto look = [](const std::string& path) -> std::string {
    return path.empty() ? "it names no directory" : "";
  };
  command.add_option("--db", invocation.db, "The store's directory")
      ->required()
      ->type_name("DIR")
      ->check(CLI::Validator(look, ""));
  add_output(command, invocation);
  return command;
}

void add_output(CLI::App& command, Invocation& invocation) {
  add_choice<Output>(command, "--output", invocation.output,
                     {{"text", Output::kText}, {"json", Output::kJson}}, "text or json")
      ->type_name("FORMAT");
}

int fail(const Invocation& invocation, int exit_code, std::string_view message) {
  std::ostream& err = invocation.streams.err;
  err << "muster";
  if (!invocation.command.empty()) err << ' ' << invocation.command;
  err << ": " << terminal_text(message) << '\n';
  return exit_code;
}

int fail(const Invocation& invocation, const Status& status) {
  return fail(invocation, exit_code_of(status.code()), status.message());
}

int fail_writing(const Invocation& invocation, const std::filesystem::path& target,
                 const Status& status) {
  const bool quiet = target == "-" && status.code() == StatusCode::kIoError;
  return quiet && reader_is_gone(STDOUT_FILENO) ? kExitFine : fail(invocation, status);
}

int run_tool(const std::vector<std::string>& arguments, const Streams& streams) {
  Invocation invocation{.streams = streams, .command = {}, .db = {}, .run = {}};
  CLI::App app{kDescription, kName};
  if (const auto ended = parse(app, arguments, invocation)) return *ended;
  try {
    return invocation.run(invocation);
  } catch (const std::bad_alloc&) {
    return fail(invocation, kExitStorage, "out of memory");
  } catch (const std::exception& error) {
    return fail(invocation, kExitStorage, error.what());
  }
}

int try_arguments(const std::vector<std::string>& arguments, const Streams& streams) {
  Invocation invocation{.streams = streams, .command = {}, .db = {}, .run = {}};
  CLI::App app{kDescription, kName};
  return parse(app, arguments, invocation).value_or(kExitFine);
}

}  // namespace muster::tool
