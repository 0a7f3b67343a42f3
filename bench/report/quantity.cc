#include "bench/report/quantity.h"

#include <fmt/format.h>

#include <array>
#include <span>

namespace muster::bench::report {
namespace {

struct Unit {
  double size;
  const char* name;
};

/// Three digits, without zeros at the end: 1.23, 12.3, 123.
std::string three_digits(double value) {
  if (value == 0) return "0";
  if (value >= 99.95) return fmt::format("{:.0f}", value);
  std::string text = fmt::format("{:.{}f}", value, value >= 9.995 ? 1 : 2);
  if (value < 0.01) text = fmt::format("{:.1g}", value);
  if (text.find('.') == std::string::npos || text.find('e') != std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

/// In the largest unit that leaves at least 1 after rounding; units ascend.
std::string in_units(double value, std::span<const Unit> units) {
  if (value >= units.back().size * 1e6)
    return fmt::format("{:.1e}{}", value / units.back().size, units.back().name);
  const Unit* best = &units.front();
  for (const Unit& unit : units) {
    if (value >= unit.size * 0.9995) best = &unit;
  }
  return three_digits(value / best->size) + best->name;
}

}  // namespace

std::string in_count(std::optional<double> value) {
  static constexpr std::array<Unit, 4> kUnits = {{{1, ""}, {1e3, "k"}, {1e6, "M"}, {1e9, "G"}}};
  return value ? in_units(*value, kUnits) : "";
}

std::string in_time(std::optional<double> micros) {
  static constexpr std::array<Unit, 4> kUnits = {
      {{1e-3, " ns"}, {1, " \xC2\xB5s"}, {1e3, " ms"}, {1e6, " s"}}};
  if (micros && *micros == 0) return "0";
  return micros ? in_units(*micros, kUnits) : "";
}

std::string in_bytes(std::optional<double> bytes) {
  static constexpr std::array<Unit, 5> kUnits = {{{1, " B"},
                                                  {1024.0, " KiB"},
                                                  {1048576.0, " MiB"},
                                                  {1073741824.0, " GiB"},
                                                  {1099511627776.0, " TiB"}}};
  return bytes ? in_units(*bytes, kUnits) : "";
}

std::string in_ratio(std::optional<double> ratio) {
  return ratio ? three_digits(*ratio) + "x" : "";
}

}  // namespace muster::bench::report
