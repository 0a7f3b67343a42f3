// Colours and CSS of the page and of single plots.
#pragma once

#include <string>

namespace muster::bench::report {

/// Of a plot that stands alone: always light.
std::string plot_style();
/// Of the page: light, and dark where the reader's system is; printed, it is light.
std::string page_style();

}  // namespace muster::bench::report
