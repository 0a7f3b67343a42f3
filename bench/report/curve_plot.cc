// Cost of an event against the number of hosts.
#include <algorithm>
#include <cmath>
#include <set>

#include "bench/report/panel.h"
#include "bench/report/plot_kinds.h"
#include "bench/report/quantity.h"

namespace muster::bench::report {
namespace {

constexpr double kHeight = 230;
constexpr double kLeft = 46;
constexpr double kLabelsMost = 210;
constexpr double kLabelGap = 15;
constexpr double kTickGap = 34;

struct Point {
  double hosts;
  double micros;
};

struct Line {
  std::string label;
  std::size_t style;
  std::vector<Point> points;
  double y = 0;  ///< of the label
};

/// Rows by their labels; those of Muster are drawn last, over the others.
std::vector<Line> lines_of(const Curve& curve) {
  std::vector<Line> lines;
  for (const Cell* cell : curve) {
    for (const Measured& row : cell->rows) {
      if (cell->hosts.value_or(0) <= 0 || row.cpu_micros.value_or(0) <= 0) continue;
      auto line = std::find_if(lines.begin(), lines.end(),
                               [&](const Line& other) { return other.label == row.label; });
      if (line == lines.end()) {
        lines.push_back({row.label, row.style, {}});
        line = lines.end() - 1;
      }
      line->points.push_back({*cell->hosts, *row.cpu_micros});
    }
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const Line& a, const Line& b) { return a.style > b.style; });
  return lines;
}

std::set<double> host_counts(const std::vector<Line>& lines) {
  std::set<double> counts;
  for (const Line& line : lines) {
    for (const Point& point : line.points) counts.insert(point.hosts);
  }
  return counts;
}

/// Labels next to the ends of their lines, moved as little as keeps them apart.
void place_labels(std::vector<Line>& lines, double top, double bottom) {
  std::vector<Line*> ordered;
  for (Line& line : lines) ordered.push_back(&line);
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const Line* a, const Line* b) { return a->y < b->y; });
  double least = top;
  for (Line* line : ordered) {
    line->y = std::max(line->y, least);
    least = line->y + kLabelGap;
  }
  double most = bottom;
  for (auto line = ordered.rbegin(); line != ordered.rend(); ++line) {
    (*line)->y = std::min((*line)->y, most);
    most = (*line)->y - kLabelGap;
  }
}

std::string label_of(const Line& line) {
  const std::string value = " " + in_time(line.points.back().micros);
  return fit(line.label, kLabelSize, kLabelsMost - text_width(value, kLabelSize)) + value;
}

class CurvePanel {
 public:
  CurvePanel(const Curve& curve, const std::string& note) : lines_(lines_of(curve)) {
    top_ = draw_head(drawing_, curve.front()->workload, note) + 6;
    const double room = static_cast<double>(lines_.size()) * kLabelGap;
    bottom_ = top_ + std::max(kHeight, room);
    double labels = 0;
    for (const Line& line : lines_) {
      labels = std::max(labels, text_width(label_of(line), kLabelSize));
    }
    right_ = kPanelWidth - std::min(labels, kLabelsMost) - 22;
    const std::set<double> counts = host_counts(lines_);
    fewest_ = *counts.begin();
    most_ = *counts.rbegin();
  }

  Panel draw(const std::string& name) {
    std::vector<double> values;
    for (const Line& line : lines_) {
      for (const Point& point : line.points) values.push_back(point.micros);
    }
    const Scale scale = Scale::for_lines(values, bottom_ - top_);
    axes(scale);
    for (Line& line : lines_) line.y = y(scale, line.points.back().micros) + 4;
    place_labels(lines_, top_ + 4, bottom_ + 4);
    for (const Line& line : lines_) draw_line(scale, line);
    return {name, bottom_ + 38, drawing_.body()};
  }

 private:
  double x(double hosts) const {
    return kLeft + std::log(hosts / fewest_) / std::log(most_ / fewest_) * (right_ - kLeft);
  }
  double y(const Scale& scale, double micros) const {
    return bottom_ - scale.at(micros) * (bottom_ - top_);
  }

  void axes(const Scale& scale) {
    for (const double tick : scale.ticks()) {
      drawing_.line(kLeft, y(scale, tick), right_, y(scale, tick), "grid");
      drawing_.text(kLeft - 6, y(scale, tick) + 4, Anchor::kEnd, "note", in_time(tick));
    }
    drawing_.line(kLeft, bottom_, right_, bottom_, "axis");
    double last = -kTickGap;
    for (const double hosts : host_counts(lines_)) {
      drawing_.line(x(hosts), bottom_, x(hosts), bottom_ + 4, "axis");
      if (x(hosts) - last < kTickGap) continue;
      drawing_.text(x(hosts), bottom_ + 16, Anchor::kMiddle, "note", in_count(hosts));
      last = x(hosts);
    }
    const std::string title =
        scale.is_logarithmic() ? "hosts; both axes logarithmic" : "hosts, logarithmic";
    drawing_.text((kLeft + right_) / 2, bottom_ + 32, Anchor::kMiddle, "note", title);
  }

  void draw_line(const Scale& scale, const Line& line) {
    std::vector<std::pair<double, double>> places;
    for (const Point& point : line.points) {
      places.emplace_back(x(point.hosts), y(scale, point.micros));
    }
    const bool own = line.style == 0;
    drawing_.path(places, (own ? "curve own-curve " : "curve ") + stroke_class(line.style));
    for (std::size_t i = 0; i < places.size(); ++i) {
      drawing_.marker(line.style, places[i].first, places[i].second,
                      "mark " + fill_class(line.style),
                      line.label + ", " + in_count(line.points[i].hosts) +
                          " hosts: " + in_time(line.points[i].micros));
    }
    drawing_.line(places.back().first + 5, places.back().second, right_ + 14, line.y - 4,
                  "leader " + stroke_class(line.style));
    drawing_.text(right_ + 18, line.y, Anchor::kStart, own ? "label own" : "label", label_of(line),
                  line.label + " " + in_time(line.points.back().micros));
  }

  std::vector<Line> lines_;
  double top_ = 0;
  double bottom_ = 0;
  double right_ = 0;
  double fewest_ = 0;
  double most_ = 0;
  Drawing drawing_;
};

}  // namespace

void draw_cost_by_hosts(const Results& results, Plot& plot) {
  std::vector<Curve> curves = curves_of(results);
  std::erase_if(curves, [](const Curve& curve) { return host_counts(lines_of(curve)).size() < 2; });
  std::vector<Cell> cells;
  for (const Curve& curve : curves) {
    for (const Cell* cell : curve) cells.push_back(*cell);
  }
  const std::vector<Condition> shared = shared_conditions(cells);
  for (const Curve& curve : curves) {
    Cell common = *curve.front();
    common.hosts.reset();  // the axis says so
    CurvePanel panel(curve, own_conditions(common, shared));
    plot.panels.push_back(panel.draw("Cost of an event by hosts in " + common.workload));
  }
  plot.conditions = describe(cells, shared);
}

}  // namespace muster::bench::report
