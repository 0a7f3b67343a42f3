#include "bench/report/plots.h"

#include <fmt/format.h>

#include <array>
#include <stdexcept>

#include "bench/report/plot_kinds.h"

namespace muster::bench::report {
namespace {

struct Kind {
  const char* title;
  const char* reading;
  void (*draw)(const Results& results, Plot& plot);
};

constexpr std::array<Kind, std::size(kPlotNames)> kKinds = {{
    {"Throughput by engine",
     "Events a second that each engine takes; a longer bar is better. Every panel has a scale of "
     "its own. Where the scale is logarithmic, compare by the numbers, not by the lengths.",
     draw_throughput},
    {"Processor time of an event, relative to Muster",
     "Another engine's processor time as a multiple of Muster's: right of the line Muster is "
     "cheaper, left of it dearer. The dot is the median, the whisker goes from the least to the "
     "most of the rounds.",
     draw_cpu_ratio},
    {"Cost of an event by the number of hosts",
     "Processor time of an event while the fleet grows. A flat line means that an event costs the "
     "same in a fleet of any size.",
     draw_cost_by_hosts},
    {"Latency of a commit",
     "How long a commit takes, or a call in cells without commits: half of them are faster than "
     "the first mark, all but one in a "
     "hundred faster than the second, all but one in a thousand faster than the third. Further "
     "left and closer together is better. The number is the 99th percentile.",
     draw_latency},
    {"Where the time goes",
     "Processor time of an event by what it was spent for. A bar shows the shares of the "
     "whole; the number behind it is the whole.",
     draw_parts},
    {"Memory and disk of a host",
     "Resident memory and bytes on disk at the end, each divided by the number of "
     "hosts; a shorter bar is better. With few hosts the memory is that of caches and buffers.",
     draw_space},
}};

}  // namespace

Plot make_plot(const Results& results, std::string_view name) {
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    if (name != kPlotNames[i]) continue;
    Plot plot;
    plot.name = kPlotNames[i];
    plot.title = kKinds.at(i).title;
    plot.reading = kKinds.at(i).reading;
    kKinds.at(i).draw(results, plot);
    return plot;
  }
  throw std::runtime_error(fmt::format("there is no plot '{}'", name));
}

}  // namespace muster::bench::report
