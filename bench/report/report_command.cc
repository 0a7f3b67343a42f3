#include "bench/report/report_command.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/report/plots.h"
#include "bench/report/report.h"

namespace muster::bench::report {
namespace {

struct ReportFiles {
  std::vector<std::string> results;
  std::string page;
  std::string svg_folder;
};

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.is_open() || file.bad()) throw std::runtime_error(path + " cannot be read");
  return content;
}

void write_file(const std::filesystem::path& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << content;
  file.close();
  if (!file) throw std::runtime_error(path.string() + " cannot be written");
}

void write_files(const ReportFiles& files) {
  std::string content;
  for (const std::string& path : files.results) content += read_file(path);
  std::istringstream results(content);
  std::ostringstream page;
  try {
    write_report(results, page);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(fmt::format("{}: {}", fmt::join(files.results, ", "), error.what()));
  }
  write_file(files.page, page.str());
  if (files.svg_folder.empty()) return;
  std::error_code failed;
  std::filesystem::create_directories(files.svg_folder, failed);
  if (failed) throw std::runtime_error(files.svg_folder + " cannot be made");
  for (const std::string_view name : kPlotNames) {
    std::istringstream again(content);
    std::ostringstream svg;
    write_svg(again, name, svg);
    if (svg.str().empty()) continue;
    write_file(std::filesystem::path(files.svg_folder) / fmt::format("{}.svg", name), svg.str());
  }
}

}  // namespace

void add_report_command(CLI::App& app) {
  const auto files = std::make_shared<ReportFiles>();
  CLI::App* command = app.add_subcommand("report", "Writes results as a page with plots.");
  command
      ->add_option(
          "results", files->results,
          "what 'muster_bench' printed, a line a result. Lines of runs over another RocksDB "
          "go behind those of the first")
      ->required();
  command->add_option("-o,--output", files->page, "the HTML page to write")->required();
  command->add_option("--svg-folder", files->svg_folder,
                      "also writes each plot as a file of its own, for a README");
  command->callback([files] { write_files(*files); });
}

}  // namespace muster::bench::report
