#include "bench/report/panel.h"

#include <fmt/format.h>

#include <algorithm>

#include "bench/report/quantity.h"

namespace muster::bench::report {
namespace {

constexpr double kHeadSize = 15;     // bold letters of 14 are as wide
constexpr double kGutterLeast = 96;  // panels with names of the usual length are in line
constexpr double kGutterMost = 210;
constexpr double kGap = 8;
constexpr double kLegendLine = 18;
constexpr std::size_t kStyles = 11;  // style.cc

std::vector<Condition> all_conditions(const Cell& cell) {
  std::vector<Condition> all;
  if (cell.hosts) all.push_back({"hosts", in_count(cell.hosts) + " hosts"});
  all.insert(all.end(), cell.conditions.begin(), cell.conditions.end());
  return all;
}

bool holds(std::span<const Condition> conditions, const Condition& condition) {
  return std::find(conditions.begin(), conditions.end(), condition) != conditions.end();
}

std::string listed(const std::string& list, const std::string& text) {
  return list.empty() ? text : list + ", " + text;
}

}  // namespace

std::vector<Condition> shared_conditions(std::span<const Cell> cells) {
  std::vector<Condition> shared;
  if (cells.empty()) return shared;
  for (const Condition& condition : all_conditions(cells.front())) {
    const bool everywhere = std::all_of(cells.begin(), cells.end(), [&](const Cell& cell) {
      return holds(all_conditions(cell), condition);
    });
    if (everywhere) shared.push_back(condition);
  }
  return shared;
}

std::string own_conditions(const Cell& cell, std::span<const Condition> shared) {
  std::string own;
  for (const Condition& condition : all_conditions(cell)) {
    if (!holds(shared, condition)) own = listed(own, condition.text);
  }
  return own;
}

std::string note_of(const Cell& cell, std::span<const Condition> shared) {
  const std::string conditions = own_conditions(cell, shared);
  if (cell.workload.empty() || cell.workload == cell.name) return conditions;
  return cell.workload + (conditions.empty() ? "" : ": " + conditions);
}

std::string describe(std::span<const Cell> cells, std::span<const Condition> shared) {
  std::string conditions;
  for (const Condition& condition : shared) conditions = listed(conditions, condition.text);
  std::string names;
  for (const Cell& cell : cells) names = listed(names, cell.name);
  const std::string rest = conditions.empty() ? "" : "In all: " + conditions + ". ";
  return rest + (cells.size() == 1 ? "Cell: " : "Cells: ") + names + ".";
}

std::string fill_class(std::size_t style) {
  return fmt::format("e{}", style < kStyles ? style : 2 + (style - 2) % (kStyles - 2));
}

std::string stroke_class(std::size_t style) {
  return "s" + fill_class(style).substr(1);
}

double draw_head(Drawing& drawing, const std::string& title, const std::string& note) {
  drawing.text(0, 14, Anchor::kStart, "head", fit(title, kHeadSize, kPanelWidth), title);
  double y = 14;
  for (const std::string& line : wrap(note, kNoteSize, kPanelWidth)) {
    y += 16;
    drawing.text(0, y, Anchor::kStart, "note", line);
  }
  return y + 12;
}

RowPanel::RowPanel(const std::string& title, const std::string& note, std::vector<Row> rows,
                   double row_height, double right_room)
    : rows_(std::move(rows)), row_height_(row_height), right_(kPanelWidth - right_room) {
  top_ = draw_head(drawing_, title, note);
  for (const Row& row : rows_) left_ = std::max(left_, text_width(row.label, kLabelSize));
  left_ = std::clamp(left_, kGutterLeast, kGutterMost) + kGap;
  bottom_ = middle(rows_.size()) - row_height_ / 2;
}

double RowPanel::middle(std::size_t row) const {
  return top_ + (static_cast<double>(row) + 0.5) * row_height_;
}

void RowPanel::axis(const Scale& scale, Format format, const std::string& title) {
  const double bottom = bottom_ + 2;
  for (const double tick : scale.ticks()) {
    drawing_.line(x(scale, tick), top_, x(scale, tick), bottom, "grid");
    drawing_.text(x(scale, tick), bottom + 14, Anchor::kMiddle, "note", format(tick));
  }
  drawing_.line(left_, top_, left_, bottom, "axis");
  const std::string all = title + (scale.is_logarithmic() ? ", logarithmic" : "");
  drawing_.text(right_, bottom + 30, Anchor::kEnd, "note", fit(all, kNoteSize, right_), all);
  bottom_ = bottom + 36;
  labels();
}

void RowPanel::labels() {
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    drawing_.text(left_ - kGap, middle(row) + 4, Anchor::kEnd,
                  rows_[row].style == 0 ? "label own" : "label",
                  fit(rows_[row].label, kLabelSize, kGutterMost), rows_[row].label);
  }
}

Panel RowPanel::finish(const std::string& name) const {
  return {name, bottom_, drawing_.body()};
}

double widest(std::span<const std::string> texts) {
  double width = 0;
  for (const std::string& text : texts) width = std::max(width, text_width(text, kLabelSize));
  return width;
}

Panel make_legend(std::span<const std::string> names,
                  const std::function<void(Drawing&, std::size_t, double x, double y)>& draw) {
  Drawing drawing;
  double x = 0;
  double y = kLegendLine / 2;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string name = fit(names[i], kLabelSize, kPanelWidth / 2);
    const double width = 16 + text_width(name, kLabelSize) + 14;
    if (x > 0 && x + width > kPanelWidth) {
      x = 0;
      y += kLegendLine;
    }
    draw(drawing, i, x + 6, y);
    drawing.text(x + 16, y + 4, Anchor::kStart, "label", name, names[i]);
    x += width;
  }
  return {"Legend", y + kLegendLine / 2, drawing.body()};
}

}  // namespace muster::bench::report
