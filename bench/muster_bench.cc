// muster_bench: measures the store beside other engines. README.md
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <stdexcept>

#include "bench/cells.h"
#include "bench/markdown.h"
#include "bench/probe.h"
#include "bench/promises.h"
#include "bench/report/report_command.h"
#include "bench/result_lines.h"
#include "bench/run.h"
#include "bench/workload.h"

namespace muster::bench {
namespace {

/// A folder that is gone with this object.
class Scratch {
 public:
  explicit Scratch(const std::filesystem::path& folder)
      : path_(folder / ("muster-bench-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path_);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

void print(const Line& line) {
  fmt::print("{}\n", line.dump());
  std::fflush(stdout);
}

void show_figures(const std::vector<Line>& lines) {
  for (const Line& figure : judge(lines)) print(figure);
}

std::vector<Line> run_all(const std::vector<Cell>& cells, const std::string& folder) {
  const Scratch scratch(folder);
  std::vector<Line> lines;
  std::string failed;
  for (const Cell& cell : cells) {
    try {
      const std::vector<EngineResult> results = run_cell(cell, scratch.path());
      for (const EngineResult& result : results) {
        lines.push_back(result_line(cell, result, results.front()));
        print(lines.back());
      }
    } catch (const std::exception& error) {
      fmt::print(stderr, "muster_bench: {}: {}\n", cell.name, error.what());
      failed += " " + cell.name;
    }
  }
  if (!failed.empty()) throw std::runtime_error("there is no result of" + failed);
  return lines;
}

struct Options {
  std::vector<std::string> names;
  std::string form = "full";
  std::vector<std::string> engines;
  std::string folder = ".";
  std::string output = "table";
  std::uint32_t rounds = 0;
  Cell own;
  std::string preset = "appliance";
  std::string input = "decoded";
  bool sync = false;
  std::string child_folder;
};

std::vector<Cell> chosen_cells(const Options& options) {
  const std::vector<Cell> all = cells(*form_of(options.form));
  std::vector<Cell> chosen;
  for (const std::string& name : options.names) {
    const auto at =
        std::find_if(all.begin(), all.end(), [&](const Cell& cell) { return cell.name == name; });
    if (at == all.end()) throw std::runtime_error("there is no cell " + name);
    chosen.push_back(*at);
  }
  if (options.names.empty()) chosen = all;
  for (Cell& cell : chosen) {
    if (!options.engines.empty() && find_probe(cell.workload) == nullptr) {
      cell.engines = options.engines;
    }
    if (options.rounds > 0) cell.size.rounds = options.rounds;
  }
  return chosen;
}

void add_run(CLI::App& app, Options& options, const std::string& command) {
  CLI::App* run = app.add_subcommand("run", "measure named cells; all of them without a name");
  run->add_option("cells", options.names, "which; `muster_bench cells` lists them");
  run->add_option("--form", options.form, "size of the cells")
      ->check(CLI::IsMember({"full", "short", "tiny"}))
      ->capture_default_str();
  run->add_option("--engines", options.engines, "others than the cell's; ratios are to the first")
      ->delimiter(',');
  run->add_option("--rounds", options.rounds, "others than the cell's");
  run->add_option("--folder", options.folder, "where stores are made, and removed")
      ->capture_default_str();
  run->callback([&options, command] {
    const std::vector<Cell> chosen = chosen_cells(options);
    print(machine_line(command, options.folder));
    show_figures(run_all(chosen, options.folder));
  });
}

void add_own(CLI::App& app, Options& options, const std::string& command) {
  CLI::App* own = app.add_subcommand("own", "measure a cell of your own");
  options.own.name = "own";
  own->add_option("workload", options.own.workload, "what is measured")->required();
  own->add_option("--name", options.own.name, "what result lines call it")->capture_default_str();
  own->add_option("--engines", options.own.engines, "which; ratios are to the first")
      ->delimiter(',');
  own->add_option("--hosts", options.own.size.hosts, "hosts of the fleet")->capture_default_str();
  own->add_option("--profiles", options.own.profiles, "profiles a team")->capture_default_str();
  own->add_option("--batch", options.own.batch, "events a commit")->capture_default_str();
  own->add_option("--rounds", options.own.size.rounds, "measured rounds")->capture_default_str();
  own->add_option("--events", options.own.size.events,
                  "events of a round at most, where a round of all hosts takes too long");
  own->add_option("--slow-events", options.own.size.slow_events,
                  "events of a round for sqlite_rows, at most");
  own->add_option("--preset", options.preset, "memory")
      ->check(CLI::IsMember({"appliance", "bulk"}))
      ->capture_default_str();
  own->add_option("--input", options.input, "how events come")
      ->check(CLI::IsMember({"decoded", "json", "binary"}))
      ->capture_default_str();
  own->add_option("--folder", options.folder, "where stores are made, and removed")
      ->capture_default_str();
  own->add_flag("--sync", options.sync, "every commit is durable");
  own->callback([&options, command] {
    Cell& cell = options.own;
    cell.input = *input_of(options.input);
    if (options.sync) cell.durability = Durability::kSync;
    if (options.preset == "bulk") cell.preset = MemoryPreset::kBulk;
    print(machine_line(command, options.folder));
    run_all({cell}, options.folder);
  });
}

/// README.md holds this list; a test compares.
void list_cells() {
  constexpr const char* kRow = "{:<24} {}\n";
  fmt::print("cells\n\n");
  for (const Cell& cell : cells(Form::kFull)) fmt::print(kRow, cell.name, cell.why);
  fmt::print("\nworkloads\n\n");
  for (const WorkloadKind& kind : workload_kinds()) fmt::print(kRow, kind.name, kind.what);
  fmt::print("\nprobes\n\n");
  for (const ProbeKind& kind : probe_kinds()) fmt::print(kRow, kind.name, kind.what);
  fmt::print("\nengines\n\n");
  for (const EngineKind& kind : engine_kinds()) fmt::print(kRow, kind.name, kind.what);
}

void show_table(const std::string& output) {
  std::vector<Line> lines;
  for (std::string line; std::getline(std::cin, line);) {
    if (!line.empty()) lines.push_back(Line::parse(line));
  }
  if (output == "json") return show_figures(lines);
  if (output == "figures") return fmt::print("{}", figures_to_markdown(judge(lines)));
  if (output == "engines") return fmt::print("{}", engines_to_markdown(lines));
  fmt::print("{}", to_table(judge(lines)));
}

/// A part of a probe that takes a process of its own.
void add_child(CLI::App& app, Options& options, const std::string& name,
               void (*run)(const Cell& cell, const std::filesystem::path& folder)) {
  CLI::App* child = app.add_subcommand(name, "")->group("");
  child->add_option("folder", options.child_folder)->required();
  child->add_option("hosts", options.own.size.hosts)->required();
  child->add_option("profiles", options.own.profiles)->required();
  child->callback([&options, run] { run(options.own, options.child_folder); });
}

int run(int argc, char** argv) {
  std::string command = "muster_bench";
  for (int i = 1; i < argc; ++i) command += std::string(" ") + argv[i];
  CLI::App app{"Measures Muster beside other engines."};
  app.require_subcommand(1);
  Options options;
  add_run(app, options, command);
  add_own(app, options, command);
  app.add_subcommand("cells", "list cells, workloads and engines")->callback(list_cells);
  CLI::App* table =
      app.add_subcommand("table", "read result lines, show what is promised and what was measured");
  table
      ->add_option("--output", options.output,
                   "table; json: the figures as lines for a page; figures and engines: Markdown")
      ->check(CLI::IsMember({"table", "json", "figures", "engines"}))
      ->capture_default_str();
  table->callback([&options] { show_table(options.output); });
  report::add_report_command(app);
  add_child(app, options, "apply-and-die", apply_and_die);
  add_child(app, options, "leave-resident-bytes", leave_resident_bytes);
  CLI11_PARSE(app, argc, argv);
  return 0;
}

}  // namespace
}  // namespace muster::bench

int main(int argc, char** argv) {
  try {
    return muster::bench::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "muster_bench: {}\n", error.what());
    return 1;
  }
}
