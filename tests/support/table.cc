#include "tests/support/table.h"

#include <algorithm>
#include <map>
#include <stdexcept>

namespace muster::test {
namespace {

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(' ') - begin + 1));
}

std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells;
  for (;;) {
    const std::size_t end = std::min(line.find('|'), line.size());
    cells.push_back(trimmed(line.substr(0, end)));
    if (end == line.size()) return cells;
    line.remove_prefix(end + 1);
  }
}

}  // namespace

const std::string& TableRow::operator[](std::string_view column) const {
  const auto at = std::find(columns_->begin(), columns_->end(), column);
  if (at == columns_->end()) throw std::runtime_error("no column " + std::string(column));
  return cells_[static_cast<std::size_t>(at - columns_->begin())];
}

std::string TableRow::text() const {
  std::string text;
  for (const std::string& cell : cells_) text += (text.empty() ? "" : " | ") + cell;
  return text;
}

Table::Table(std::string_view text) {
  std::string line;
  for (const std::string& part : split(text, '\n')) {
    line += part;
    if (line.empty()) continue;
    if (line.back() == '\\') {
      line.pop_back();
      continue;
    }
    std::vector<std::string> cells = cells_of(line);
    line.clear();
    if (columns_.empty()) {
      columns_ = std::move(cells);
    } else if (cells.size() == columns_.size()) {
      rows_.emplace_back(&columns_, std::move(cells));
    } else {
      throw std::runtime_error("not one cell a column: " + part);
    }
  }
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.push_back(trimmed(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::int64_t micros_of(std::string_view text) {
  static const std::map<std::string, std::int64_t, std::less<>> kUnits = {
      {"us", 1}, {"s", 1'000'000}, {"m", 60'000'000}, {"h", 3'600'000'000}, {"d", 86'400'000'000}};
  std::int64_t sum = 0;
  for (const std::string& part : split(text, '+')) {
    std::size_t used = 0;
    const std::int64_t number = std::stoll(part, &used);
    const auto unit = kUnits.find(part.substr(used));
    if (unit == kUnits.end()) throw std::runtime_error("no duration: " + std::string(text));
    sum += number * unit->second;
  }
  return sum;
}

}  // namespace muster::test
