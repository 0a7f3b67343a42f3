// Plots with bars: throughput, parts of the time, space.
#include <algorithm>

#include "bench/report/panel.h"
#include "bench/report/plot_kinds.h"
#include "bench/report/quantity.h"

namespace muster::bench::report {
namespace {

constexpr double kBarHeight = 13;
constexpr double kThinBarHeight = 9;
constexpr double kPartLabelSize = 10;
constexpr std::size_t kPartStyles = 6;  // style.cc

using Value = Number (*)(const Measured& row);

struct Bars {
  std::vector<RowPanel::Row> rows;
  std::vector<double> values;
  std::vector<std::string> labels;
};

Bars bars_of(const Cell& cell, Value value, Format format) {
  Bars bars;
  for (const Measured& row : cell.rows) {
    const Number number = value(row);
    if (!number) continue;
    bars.rows.push_back({row.label, row.style});
    bars.values.push_back(*number);
    bars.labels.push_back(format(number));
  }
  return bars;
}

/// In the order of the work; names that are not known stand behind.
std::vector<std::string> part_names(std::span<const Cell> cells) {
  std::vector<std::string> found;
  for (const Cell& cell : cells) {
    for (const Measured& row : cell.rows) {
      for (const auto& [name, micros] : row.parts) {
        if (std::find(found.begin(), found.end(), name) == found.end()) found.push_back(name);
      }
    }
  }
  std::vector<std::string> names;
  for (const char* known : {"decode", "judge", "write", "background"}) {
    const auto place = std::find(found.begin(), found.end(), known);
    if (place == found.end()) continue;
    names.push_back(*place);
    found.erase(place);
  }
  names.insert(names.end(), found.begin(), found.end());
  return names;
}

Number parts_sum(const Measured& row) {
  double sum = 0;
  for (const auto& [name, micros] : row.parts) sum += micros;
  return sum > 0 ? Number(sum) : std::nullopt;
}

std::string part_class(std::size_t part) {
  return "p" + std::to_string(std::min(part, kPartStyles - 1));
}

/// A bar from end to end.
void draw_row_of_parts(RowPanel& panel, const Measured& row, double y,
                       std::span<const std::string> names) {
  const double sum = *parts_sum(row);
  double from = panel.left();
  for (std::size_t part = 0; part < names.size(); ++part) {
    const auto found = std::find_if(row.parts.begin(), row.parts.end(),
                                    [&](const auto& entry) { return entry.first == names[part]; });
    if (found == row.parts.end() || found->second <= 0) continue;
    const double width = found->second / sum * panel.width();
    const std::string text = in_time(found->second);
    panel.drawing().rect(from, y - kBarHeight / 2, width, kBarHeight, part_class(part),
                         names[part] + " " + text);
    if (text_width(text, kPartLabelSize) + 4 < width) {
      panel.drawing().text(from + width / 2, y + 3.5, Anchor::kMiddle, "within", text);
    }
    from += width;
  }
  panel.drawing().text(kPanelWidth, y + 4, Anchor::kEnd, row.style == 0 ? "label own" : "label",
                       in_time(sum));
}

Panel panel_of_parts(const Cell& cell, std::span<const Condition> shared,
                     std::span<const std::string> names) {
  const Bars bars = bars_of(cell, parts_sum, in_time);
  RowPanel panel(cell.name, note_of(cell, shared), bars.rows, kRowHeight, widest(bars.labels) + 10);
  panel.labels();
  std::size_t place = 0;
  for (const Measured& row : cell.rows) {
    if (parts_sum(row)) draw_row_of_parts(panel, row, panel.middle(place++), names);
  }
  return panel.finish("Where the time goes in " + cell.name);
}

Number memory_of_host(const Measured& row) {
  if (!row.resident_bytes || !row.hosts || *row.hosts == 0) return std::nullopt;
  return *row.resident_bytes / *row.hosts;
}

Number disk_of_host(const Measured& row) {
  return row.disk_bytes_per_host;
}

Number space_of_host(const Measured& row) {
  const Number memory = memory_of_host(row);
  const Number disk = disk_of_host(row);
  return memory || disk ? std::max(memory, disk) : std::nullopt;
}

Panel panel_of_space(const Cell& cell, std::span<const Condition> shared) {
  constexpr double kHeight = 30;
  const Bars bars = bars_of(cell, space_of_host, in_bytes);
  std::vector<double> values;
  std::vector<std::string> labels;
  for (const Measured& row : cell.rows) {
    for (const Number& number : {memory_of_host(row), disk_of_host(row)}) {
      if (number) values.push_back(*number);
      labels.push_back(in_bytes(number));
    }
  }
  RowPanel panel(cell.name, note_of(cell, shared), bars.rows, kHeight, widest(labels) + 10);
  const Scale scale = Scale::for_bars(values, panel.width(), Ladder::kBinary);
  panel.axis(scale, in_bytes, "bytes a host");
  std::size_t place = 0;
  for (const Measured& row : cell.rows) {
    if (!space_of_host(row)) continue;
    double y = panel.middle(place++) - kThinBarHeight - 1;
    std::string classes = fill_class(row.style);
    for (const Number& number : {memory_of_host(row), disk_of_host(row)}) {
      if (number) {
        const double end = panel.x(scale, *number);
        panel.drawing().rect(panel.left(), y, end - panel.left(), kThinBarHeight, classes);
        panel.drawing().text(end + 5, y + 8.5, Anchor::kStart, "small", in_bytes(number));
      }
      y += kThinBarHeight + 2;
      classes += " faint";
    }
  }
  return panel.finish("Memory and disk of a host in " + cell.name);
}

bool has_rate(const Measured& row) {
  return row.events_per_second.value_or(0) > 0;
}

Panel panel_of_throughput(const Cell& cell, std::span<const Condition> shared) {
  const Bars bars = bars_of(
      cell, [](const Measured& row) { return row.events_per_second; }, in_count);
  RowPanel panel(cell.name, note_of(cell, shared), bars.rows, kRowHeight, widest(bars.labels) + 10);
  const Scale scale = Scale::for_bars(bars.values, panel.width());
  panel.axis(scale, in_count, "events a second");
  for (std::size_t row = 0; row < bars.rows.size(); ++row) {
    const double y = panel.middle(row);
    const double end = panel.x(scale, bars.values[row]);
    const std::size_t style = bars.rows[row].style;
    panel.drawing().rect(panel.left(), y - kBarHeight / 2, end - panel.left(), kBarHeight,
                         fill_class(style));
    panel.drawing().text(end + 6, y + 4, Anchor::kStart, style == 0 ? "label own" : "label",
                         bars.labels[row]);
  }
  return panel.finish("Throughput in " + cell.name);
}

}  // namespace

void draw_throughput(const Results& results, Plot& plot) {
  const std::vector<Cell> cells = compare(results, has_rate).cells;
  const std::vector<Condition> shared = shared_conditions(cells);
  for (const Cell& cell : cells) plot.panels.push_back(panel_of_throughput(cell, shared));
  plot.conditions = describe(cells, shared);
}

void draw_parts(const Results& results, Plot& plot) {
  const std::vector<Cell> cells =
      compare(results, [](const Measured& row) { return parts_sum(row).has_value(); }).all();
  const std::vector<Condition> shared = shared_conditions(cells);
  const std::vector<std::string> names = part_names(cells);
  for (const Cell& cell : cells) plot.panels.push_back(panel_of_parts(cell, shared, names));
  plot.legend = make_legend(names, [](Drawing& drawing, std::size_t part, double x, double y) {
    drawing.rect(x - 6, y - 5, 11, 11, part_class(part));
  });
  plot.conditions = describe(cells, shared);
}

void draw_space(const Results& results, Plot& plot) {
  const Compared compared =
      compare(results, [](const Measured& row) { return space_of_host(row).value_or(0) > 0; });
  const std::vector<Cell> all = compared.all();
  const std::vector<Condition> shared = shared_conditions(all);
  std::vector<Cell> cells = compared.cells;
  if (!compared.alone.empty()) cells.push_back(as_one_cell(compared.alone));
  for (const Cell& cell : cells) plot.panels.push_back(panel_of_space(cell, shared));
  const std::vector<std::string> names = {"resident memory", "disk"};
  plot.legend = make_legend(names, [](Drawing& drawing, std::size_t name, double x, double y) {
    drawing.rect(x - 6, y - 5, 11, 11, name == 0 ? "neutral" : "neutral faint");
  });
  plot.conditions = describe(all, shared);
}

}  // namespace muster::bench::report
