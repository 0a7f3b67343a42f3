// Text tables with aligned columns. Every cell passes terminal_text, so that a table is safe to
// print whatever its cells hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "muster/types.h"

namespace muster::tool {

enum class Align : std::uint8_t { kLeft, kRight };
enum class Tone : std::uint8_t { kPlain, kFaint, kRed, kYellow, kCyan, kGreen };

struct Column {
  std::string title;
  Align align = Align::kLeft;
};

struct Cell {
  Cell(const std::string& cell_text, Tone cell_tone = Tone::kPlain);
  Cell(std::string_view cell_text, Tone cell_tone = Tone::kPlain);
  Cell(const char* cell_text, Tone cell_tone = Tone::kPlain);
  /// Digits in groups of three.
  Cell(std::uint64_t number);

  std::string text;  ///< escaped
  Tone tone;
};

class Table {
 public:
  /// Without a title in any column there is no head line.
  explicit Table(std::vector<Column> columns);

  /// One cell a column.
  void add(std::vector<Cell> cells);
  std::size_t size() const { return rows_.size(); }
  void print(std::ostream& out, bool colour) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

/// 12345 -> "12,345".
std::string grouped(std::uint64_t number);
/// 1, "row" -> "1 row"; 2, "row" -> "2 rows".
std::string plural(std::uint64_t count, std::string_view what);

/// The status as people read it, in its colour; kUnsent is "unsent".
Cell status_cell(DeliveryStatus status);

/// The time of a host's report; the store's "never" (2000-01-01) is "never".
Cell report_time_cell(Timestamp time);

/// A number of hosts or rows with a status: faint where it is 0.
Cell count_cell(std::uint64_t count, DeliveryStatus status);

}  // namespace muster::tool
