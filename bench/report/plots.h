// The plots of a report: what is drawn, apart from where it is shown.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bench/report/results.h"

namespace muster::bench::report {

inline constexpr double kPanelWidth = 420;

/// One drawing, kPanelWidth wide.
struct Panel {
  std::string name;  ///< for those who cannot see it
  double height = 0;
  std::string body;
};

struct Plot {
  std::string_view name;  ///< also that of its file
  std::string_view title;
  std::string reading;     ///< what to see in it
  std::string conditions;  ///< what it is of: cells, hosts, preset, durability
  Panel legend;            ///< of no height: there is none
  std::vector<Panel> panels;
};

/// Names of all plots, in the order of the page.
inline constexpr std::string_view kPlotNames[] = {"throughput", "cpu_ratio", "cost_by_hosts",
                                                  "latency",    "parts",     "space"};

/// Without panels where the results hold nothing to draw. Throws std::runtime_error for a name that
/// is not in kPlotNames.
Plot make_plot(const Results& results, std::string_view name);

}  // namespace muster::bench::report
