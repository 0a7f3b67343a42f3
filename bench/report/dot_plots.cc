// Plots with marks on a logarithmic axis: processor time against Muster's, latencies.
#include <algorithm>
#include <array>

#include "bench/report/panel.h"
#include "bench/report/plot_kinds.h"
#include "bench/report/quantity.h"

namespace muster::bench::report {
namespace {

constexpr double kDotRadius = 3;  // whiskers are short

struct Ratio {
  RowPanel::Row row;
  double least, median, most;
  std::string label;
};

/// The driver's ratios where they are against Muster: it took them round by round. Else of medians.
std::vector<Ratio> ratios_of(const Cell& cell) {
  std::vector<Ratio> ratios;
  const Measured* muster = cell.muster();
  if (muster == nullptr || muster->cpu_micros.value_or(0) <= 0) return ratios;
  const bool first = muster == &cell.rows.front();
  for (const Measured& row : cell.rows) {
    if (&row == muster) {
      ratios.push_back({{row.label, row.style}, 1, 1, 1, "1x"});
    } else if (first && row.ratio.value_or(0) > 0) {
      ratios.push_back({{row.label, row.style},
                        row.ratio_least.value_or(*row.ratio),
                        *row.ratio,
                        row.ratio_most.value_or(*row.ratio),
                        in_ratio(row.ratio)});
    } else if (row.cpu_micros.value_or(0) > 0) {
      const double base = *muster->cpu_micros;
      const double ratio = *row.cpu_micros / base;
      ratios.push_back({{row.label, row.style},
                        row.cpu_micros_least.value_or(*row.cpu_micros) / base,
                        ratio,
                        row.cpu_micros_most.value_or(*row.cpu_micros) / base,
                        in_ratio(ratio)});
    }
  }
  return ratios;
}

Panel panel_of_ratios(const Cell& cell, std::span<const Condition> shared) {
  const std::vector<Ratio> ratios = ratios_of(cell);
  std::vector<RowPanel::Row> rows;
  std::vector<std::string> labels;
  std::vector<double> values;
  for (const Ratio& ratio : ratios) {
    rows.push_back(ratio.row);
    labels.push_back(ratio.label);
    values.insert(values.end(), {ratio.least, ratio.median, ratio.most});
  }
  RowPanel panel(cell.name, note_of(cell, shared), rows, kRowHeight, widest(labels) + 16);
  const Scale scale = Scale::logarithmic(values, panel.width());
  panel.axis(scale, in_ratio, "1x: Muster's " + in_time(cell.muster()->cpu_micros));
  panel.drawing().line(panel.x(scale, 1), panel.middle(0) - kRowHeight / 2, panel.x(scale, 1),
                       panel.middle(rows.size()) - kRowHeight / 2 + 2, "reference");
  for (std::size_t row = 0; row < ratios.size(); ++row) {
    const Ratio& ratio = ratios[row];
    const double y = panel.middle(row);
    const std::string stroke = "whisker " + stroke_class(ratio.row.style);
    const double least = panel.x(scale, ratio.least);
    const double most = panel.x(scale, ratio.most);
    if (most > least) {
      panel.drawing().line(least, y, most, y, stroke);
      panel.drawing().line(least, y - 5, least, y + 5, stroke);
      panel.drawing().line(most, y - 5, most, y + 5, stroke);
    }
    panel.drawing().dot(panel.x(scale, ratio.median), y, kDotRadius, fill_class(ratio.row.style),
                        in_ratio(ratio.least) + " to " + in_ratio(ratio.most));
    panel.drawing().text(kPanelWidth, y + 4, Anchor::kEnd,
                         ratio.row.style == 0 ? "label own" : "label", ratio.label);
  }
  return panel.finish("Processor time relative to Muster in " + cell.name);
}

/// Slow ones last: they are drawn over the others where they meet.
std::array<Number, 4> latencies_of(const Measured& row) {
  return {row.p50, row.p99, row.p99_9, row.max};
}

bool has_latencies(const Measured& row) {
  const auto latencies = latencies_of(row);
  return std::any_of(latencies.begin(), latencies.end(),
                     [](const Number& latency) { return latency.value_or(0) > 0; });
}

constexpr std::array<const char*, 4> kLatencyNames = {"p50", "p99", "p99.9", "max"};

/// Circle, filled less and less; the longest is a stroke.
void draw_latency_mark(Drawing& drawing, std::size_t which, double x, double y, std::string fill,
                       std::string stroke, const std::string& title) {
  if (which == 0) drawing.marker(0, x, y, "mark " + fill, title);
  if (which == 1) drawing.marker(2, x, y, "mark " + fill, title);
  if (which == 2) drawing.marker(2, x, y, "hollow " + stroke, title);
  if (which == 3) drawing.rect(x - 1, y - 6, 2, 12, fill, title);
}

Panel panel_of_latencies(const Cell& cell, std::span<const Condition> shared) {
  std::vector<const Measured*> measured;
  std::vector<RowPanel::Row> rows;
  std::vector<std::string> labels;
  std::vector<double> values;
  for (const Measured& row : cell.rows) {
    if (!has_latencies(row)) continue;
    measured.push_back(&row);
    rows.push_back({row.label, row.style});
    labels.push_back(in_time(row.p99));
    for (const Number& latency : latencies_of(row)) values.push_back(latency.value_or(0));
  }
  RowPanel panel(cell.name, note_of(cell, shared), rows, kRowHeight, widest(labels) + 16);
  const Scale scale = Scale::logarithmic(values, panel.width());
  panel.axis(scale, in_time, "latency of a commit");
  for (std::size_t place = 0; place < measured.size(); ++place) {
    const Measured& row = *measured[place];
    const double y = panel.middle(place);
    const std::array<Number, 4> latencies = latencies_of(row);
    std::vector<std::pair<double, double>> line;
    for (const Number& latency : latencies) {
      if (latency.value_or(0) > 0) line.emplace_back(panel.x(scale, *latency), y);
    }
    panel.drawing().path(line, "whisker " + stroke_class(row.style));
    for (std::size_t which = 0; which < latencies.size(); ++which) {
      if (latencies.at(which).value_or(0) <= 0) continue;
      draw_latency_mark(panel.drawing(), which, panel.x(scale, *latencies.at(which)), y,
                        fill_class(row.style), stroke_class(row.style),
                        std::string(kLatencyNames.at(which)) + " " + in_time(latencies.at(which)));
    }
    panel.drawing().text(kPanelWidth, y + 4, Anchor::kEnd, row.style == 0 ? "label own" : "label",
                         labels[place]);
  }
  return panel.finish("Latency of a commit in " + cell.name);
}

}  // namespace

void draw_cpu_ratio(const Results& results, Plot& plot) {
  std::vector<Cell> cells =
      compare(results, [](const Measured& row) { return row.cpu_micros.value_or(0) > 0; }).cells;
  std::erase_if(cells, [](const Cell& cell) { return ratios_of(cell).size() < 2; });
  const std::vector<Condition> shared = shared_conditions(cells);
  for (const Cell& cell : cells) plot.panels.push_back(panel_of_ratios(cell, shared));
  plot.conditions = describe(cells, shared);
}

void draw_latency(const Results& results, Plot& plot) {
  const Compared compared = compare(results, has_latencies);
  const std::vector<Cell> all = compared.all();
  const std::vector<Condition> shared = shared_conditions(all);
  std::vector<Cell> cells = compared.cells;
  if (!compared.alone.empty()) cells.push_back(as_one_cell(compared.alone));
  for (const Cell& cell : cells) plot.panels.push_back(panel_of_latencies(cell, shared));
  const std::vector<std::string> names(kLatencyNames.begin(), kLatencyNames.end());
  plot.legend = make_legend(names, [](Drawing& drawing, std::size_t which, double x, double y) {
    draw_latency_mark(drawing, which, x, y, "neutral", "neutral-line", "");
  });
  plot.conditions = describe(all, shared);
}

}  // namespace muster::bench::report
