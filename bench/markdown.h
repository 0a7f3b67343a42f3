// Result lines as the tables that README.md and docs/performance.md hold.
#pragma once

#include <string>
#include <vector>

#include "bench/result_lines.h"

namespace muster::bench {

/// A row a figure, a pipe between columns. `figures` come from judge().
std::string figures_to_markdown(const std::vector<Line>& figures);
/// Processor time an event: a row a cell that several engines ran, a column an engine.
std::string engines_to_markdown(const std::vector<Line>& lines);

}  // namespace muster::bench
