// What panels have in common: a head, a row an engine, an axis below.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "bench/report/drawing.h"
#include "bench/report/plots.h"
#include "bench/report/scale.h"

namespace muster::bench::report {

using Format = std::string (*)(std::optional<double>);

/// What holds for all of the cells.
std::vector<Condition> shared_conditions(std::span<const Cell> cells);
/// What holds for the cell and not for all, in one line.
std::string own_conditions(const Cell& cell, std::span<const Condition> shared);
/// The same behind the workload, where the cell's name does not say that.
std::string note_of(const Cell& cell, std::span<const Condition> shared);
/// The shared conditions and the cells' names, as sentences.
std::string describe(std::span<const Cell> cells, std::span<const Condition> shared);

/// "e3", "s3": filled and drawn in the colour of a style of results.h.
std::string fill_class(std::size_t style);
std::string stroke_class(std::size_t style);

/// Draws the head; returns the place below it.
double draw_head(Drawing& drawing, const std::string& title, const std::string& note);

inline constexpr double kRowHeight = 22;

class RowPanel {
 public:
  struct Row {
    std::string label;
    std::size_t style;
  };
  /// `right_room`: pixels that stay free right of the axis.
  RowPanel(const std::string& title, const std::string& note, std::vector<Row> rows,
           double row_height, double right_room);

  double left() const { return left_; }
  double right() const { return right_; }
  double width() const { return right_ - left_; }
  double middle(std::size_t row) const;
  double x(const Scale& scale, double value) const { return left_ + scale.at(value) * width(); }
  /// The names of the rows, and with axis() the axis too: to be called before what is drawn over
  /// it.
  void labels();
  void axis(const Scale& scale, Format format, const std::string& title);
  Drawing& drawing() { return drawing_; }
  Panel finish(const std::string& name) const;

 private:
  const std::vector<Row> rows_;
  const double row_height_;
  double top_ = 0;
  double bottom_ = 0;
  double left_ = 0;
  double right_ = 0;
  Drawing drawing_;
};

/// The widest of the texts as labels.
double widest(std::span<const std::string> texts);

/// A legend: marks drawn by `draw` at the left of each name.
Panel make_legend(std::span<const std::string> names,
                  const std::function<void(Drawing&, std::size_t, double x, double y)>& draw);

}  // namespace muster::bench::report
