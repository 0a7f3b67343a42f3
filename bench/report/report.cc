#include "bench/report/report.h"

#include <fmt/format.h>

#include <algorithm>

#include "bench/report/drawing.h"
#include "bench/report/page.h"
#include "bench/report/plots.h"
#include "bench/report/results.h"
#include "bench/report/style.h"

namespace muster::bench::report {
namespace {

constexpr double kMargin = 24;
constexpr double kGap = 36;

std::string fact(const Results& results, std::string_view name) {
  if (results.machines.empty()) return "";
  for (const auto& [label, text] : results.machines.front().facts) {
    if (label == name) return text;
  }
  return "";
}

/// The machine in one line.
std::string subtitle(const Results& results) {
  std::string text;
  const auto add = [&](const std::string& before, const std::string& what,
                       const std::string& after = "") {
    if (!what.empty()) text += (text.empty() ? "" : ", ") + before + what + after;
  };
  add("", fact(results, "processor"));
  add("", fact(results, "cores"), " cores");
  add("", fact(results, "memory"));
  add("commit ", fact(results, "commit"));
  add("", fact(results, "date"));
  return text;
}

/// Panels in rows of at most two; returns the place below them.
double place_panels(const Plot& plot, double y, std::string& body) {
  for (std::size_t i = 0; i < plot.panels.size(); i += 2) {
    double height = 0;
    double x = kMargin;
    for (std::size_t j = i; j < std::min(i + 2, plot.panels.size()); ++j) {
      body += fmt::format("<g transform=\"translate({:.0f},{:.0f})\">\n{}</g>\n", x, y,
                          plot.panels[j].body);
      x += kPanelWidth + kGap;
      height = std::max(height, plot.panels[j].height);
    }
    y += height + kGap;
  }
  return y - kGap;
}

}  // namespace

void write_report(std::istream& input, std::ostream& page) {
  const Results results = read_results(input);
  page << "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
          "<title>Muster measured</title>\n<style>"
       << page_style()
       << "</style>\n</head>\n<body>\n<header>\n<h1>Muster measured</h1>\n"
          "<p class=\"lead\">Muster is an embedded key-value state machine that keeps, for every "
          "managed Apple host, the delivery and verification state of its configuration profiles; "
          "this page shows what an event costs it, beside other engines that do the same work "
          "with the same events.</p>\n<p class=\"quiet\">"
       << escape(subtitle(results)) << "</p>\n</header>\n";
  if (results.cells.empty()) {
    page << "<p>There are no results: the file has no line of kind \"result\". A run that ended "
            "early leaves such a file.</p>\n";
  }
  write_promises(results, page);
  for (const std::string_view name : kPlotNames) write_plot(make_plot(results, name), page);
  write_all_results(results, page);
  write_machines(results, page);
  page << "</body>\n</html>\n";
}

void write_svg(std::istream& input, std::string_view name, std::ostream& svg) {
  const Results results = read_results(input);
  const Plot plot = make_plot(results, name);
  if (plot.panels.empty()) return;
  const double width =
      2 * kMargin + kPanelWidth + (plot.panels.size() > 1 ? kGap + kPanelWidth : 0);
  Drawing head;
  double y = kMargin + 16;
  head.text(kMargin, y, Anchor::kStart, "title", plot.title);
  y += 6;
  for (const std::string& text : {plot.reading, plot.conditions, subtitle(results)}) {
    for (const std::string& line : wrap(text, kNoteSize, width - 2 * kMargin)) {
      y += 16;
      head.text(kMargin, y, Anchor::kStart, "note", line);
    }
  }
  y += 20;
  std::string body = head.body();
  if (plot.legend.height > 0) {
    body += fmt::format("<g transform=\"translate({:.0f},{:.0f})\">\n{}</g>\n", kMargin, y,
                        plot.legend.body);
    y += plot.legend.height + 14;
  }
  y = place_panels(plot, y, body) + kMargin;
  svg << fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
      "viewBox=\"0 0 {0:.0f} {1:.0f}\" role=\"img\" aria-label=\"{2}\">\n<style>{3}</style>\n"
      "<rect class=\"paper\" width=\"{0:.0f}\" height=\"{1:.0f}\" rx=\"8\"/>\n{4}</svg>\n",
      width, y, plot.title, plot_style(), body);
}

}  // namespace muster::bench::report
