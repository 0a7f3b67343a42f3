// Tables in text: the first line names the columns, every other line is a case.
//
//   case | before     | after
//   U03  | I-verified | I-null r=1
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace muster::test {

class TableRow {
 public:
  TableRow(const std::vector<std::string>* columns, std::vector<std::string> cells)
      : columns_(columns), cells_(std::move(cells)) {}
  /// Throws where there is no such column.
  const std::string& operator[](std::string_view column) const;
  std::string text() const;

 private:
  const std::vector<std::string>* columns_;
  std::vector<std::string> cells_;
};

class Table {
 public:
  /// Throws std::runtime_error for a line with another number of cells. Empty lines are passed
  /// over; a backslash at the end joins the next line.
  explicit Table(std::string_view text);
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;
  auto begin() const { return rows_.begin(); }
  auto end() const { return rows_.end(); }
  std::size_t size() const { return rows_.size(); }

 private:
  std::vector<std::string> columns_;
  std::vector<TableRow> rows_;
};

/// Parts between separators, without the blanks around them; none of an empty text.
std::vector<std::string> split(std::string_view text, char separator);

/// "90s", "-1us", "2h+1us" in microseconds. Units: d, h, m, s, us. Throws for anything else.
std::int64_t micros_of(std::string_view text);

}  // namespace muster::test
