// The page that shows what a run of muster_bench measured, and single plots of it.
#pragma once

#include <istream>
#include <ostream>
#include <string_view>

namespace muster::bench::report {

/// Writes one HTML page that needs nothing else. Throws std::runtime_error, which names the line,
/// where a result cannot be read; nothing is written then.
void write_report(std::istream& results, std::ostream& page);

/// Writes the plot, of kPlotNames (plots.h), as an SVG file of its own, with a light background.
/// Writes nothing where the results hold nothing to draw. Throws as write_report does.
void write_svg(std::istream& results, std::string_view plot, std::ostream& svg);

}  // namespace muster::bench::report
