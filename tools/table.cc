#include "tools/table.h"

#include <algorithm>
#include <array>
#include <ostream>
#include <utility>

#include "tools/terminal_text.h"

namespace muster::tool {

namespace {

constexpr std::string_view kGap = "  ";
constexpr Timestamp kNeverReported{946'684'800'000'000};

std::string_view escape_of(Tone tone) {
  constexpr std::array<std::string_view, 6> kEscapes = {"",         "\x1b[2m",  "\x1b[31m",
                                                        "\x1b[33m", "\x1b[36m", "\x1b[32m"};
  return kEscapes[static_cast<std::size_t>(tone)];
}

Tone tone_of(DeliveryStatus status) {
  switch (status) {
    case DeliveryStatus::kFailed:
      return Tone::kRed;
    case DeliveryStatus::kUnsent:
    case DeliveryStatus::kPending:
      return Tone::kYellow;
    case DeliveryStatus::kVerifying:
      return Tone::kCyan;
    case DeliveryStatus::kVerified:
      return Tone::kGreen;
  }
  return Tone::kPlain;
}

void print_cell(std::ostream& out, const Cell& cell, std::size_t width, Align align, bool last,
                bool colour) {
  const std::size_t used = terminal_width(cell.text);
  const std::string padding(width > used ? width - used : 0, ' ');
  const bool toned = colour && cell.tone != Tone::kPlain;
  if (align == Align::kRight) out << padding;
  if (toned) out << escape_of(cell.tone);
  out << cell.text;
  if (toned) out << "\x1b[0m";
  if (align == Align::kLeft && !last) out << padding;
  if (!last) out << kGap;
}

}  // namespace

Cell::Cell(const std::string& cell_text, Tone cell_tone)
    : text(terminal_text(cell_text)), tone(cell_tone) {}

Cell::Cell(std::string_view cell_text, Tone cell_tone)
    : text(terminal_text(cell_text)), tone(cell_tone) {}

Cell::Cell(const char* cell_text, Tone cell_tone) : Cell(std::string_view(cell_text), cell_tone) {}

Cell::Cell(std::uint64_t number) : text(grouped(number)), tone(Tone::kPlain) {}

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

void Table::add(std::vector<Cell> cells) {
  cells.resize(columns_.size(), Cell(""));
  rows_.push_back(std::move(cells));
}

void Table::print(std::ostream& out, bool colour) const {
  std::vector<std::size_t> widths;
  bool titled = false;
  for (const Column& column : columns_) {
    widths.push_back(terminal_width(column.title));
    titled = titled || !column.title.empty();
  }
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], terminal_width(row[i].text));
    }
  }
  const auto print_row = [&](const std::vector<Cell>& row) {
    std::size_t shown = row.size();  // no blanks at a line's end
    while (shown > 1 && row[shown - 1].text.empty()) --shown;
    for (std::size_t i = 0; i < shown; ++i) {
      print_cell(out, row[i], widths[i], columns_[i].align, i + 1 == shown, colour);
    }
    out << '\n';
  };
  if (titled) {
    std::vector<Cell> head;
    for (const Column& column : columns_) head.emplace_back(column.title, Tone::kFaint);
    print_row(head);
  }
  for (const auto& row : rows_) print_row(row);
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t left = digits.size(); left > 3; left -= 3) digits.insert(left - 3, 1, ',');
  return digits;
}

std::string plural(std::uint64_t count, std::string_view what) {
  return grouped(count).append(" ").append(what).append(count == 1 ? "" : "s");
}

Cell status_cell(DeliveryStatus status) {
  const std::string_view name = status == DeliveryStatus::kUnsent ? "unsent" : name_of(status);
  return Cell(name, tone_of(status));
}

Cell report_time_cell(Timestamp time) {
  return time == kNeverReported ? Cell("never", Tone::kFaint) : Cell(to_string(time));
}

Cell count_cell(std::uint64_t count, DeliveryStatus status) {
  return Cell(grouped(count), count == 0 ? Tone::kFaint : tone_of(status));
}

}  // namespace muster::tool
