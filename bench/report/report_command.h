// muster_bench report
#pragma once

#include <CLI/CLI.hpp>

namespace muster::bench::report {

/// Adds `report RESULTS -o PAGE [--svg-folder FOLDER]`. Parsing it writes the files; what fails is
/// thrown from there as std::runtime_error.
void add_report_command(CLI::App& app);

}  // namespace muster::bench::report
