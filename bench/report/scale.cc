#include "bench/report/scale.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace muster::bench::report {
namespace {

constexpr double kPixelsTick = 40;
constexpr double kSpanLogarithmic = 20;
constexpr double kTolerance = 1e-6;

/// The round numbers by their places; 1 has place 0.
double rung(Ladder ladder, int place) {
  if (ladder == Ladder::kBinary) return std::exp2(place);
  constexpr std::array kFactors = {1.0, 2.0, 5.0};
  const int decade = static_cast<int>(std::floor(place / 3.0));
  return kFactors.at(static_cast<std::size_t>(place - 3 * decade)) * std::pow(10, decade);
}

/// The place of the first round number that is not below the value.
int place_above(Ladder ladder, double value) {
  int place = ladder == Ladder::kBinary ? static_cast<int>(std::floor(std::log2(value)))
                                        : 3 * static_cast<int>(std::floor(std::log10(value)));
  while (rung(ladder, place) < value * (1 - kTolerance)) ++place;
  return place;
}

/// The place of the last one that is not above.
int place_below(Ladder ladder, double value) {
  const int place = place_above(ladder, value);
  return rung(ladder, place) > value * (1 + kTolerance) ? place - 1 : place;
}

/// All round numbers in between, or whole powers, or every so many powers.
std::vector<double> logarithmic_ticks(Ladder ladder, int low, int high, double most) {
  const int power = ladder == Ladder::kBinary ? 2 : 3;
  std::vector<double> ticks;
  for (int stride = 1; ticks.empty() || static_cast<double>(ticks.size()) > most;
       stride = stride == 1 ? power : stride + power) {
    ticks.clear();
    for (int place = low; place <= high; ++place) {
      if (place % stride == 0) ticks.push_back(rung(ladder, place));
    }
    if (ticks.size() < 2) break;
  }
  return ticks;
}

}  // namespace

Scale Scale::for_bars(std::span<const double> values, double pixels, Ladder ladder) {
  const double most = std::max(*std::max_element(values.begin(), values.end()), 1e-300);
  double least = most;
  for (const double value : values) {
    if (value > 0) least = std::min(least, value);
  }
  if (most / least > kSpanLogarithmic) {
    // The shortest bar is to be seen.
    const std::array ends = {least / 2, most};
    return logarithmic(ends, pixels, ladder);
  }
  Scale scale;
  const double step =
      rung(ladder, place_above(ladder, most / std::max(2.0, std::floor(pixels / kPixelsTick))));
  scale.high_ = std::max(most, step);
  for (double tick = 0; tick <= scale.high_ * (1 + kTolerance); tick += step) {
    scale.ticks_.push_back(tick);
  }
  return scale;
}

Scale Scale::for_lines(std::span<const double> values, double pixels) {
  Scale scale = for_bars(values, pixels);
  return scale.is_logarithmic() ? logarithmic(values, pixels) : scale;
}

Scale Scale::logarithmic(std::span<const double> values, double pixels, Ladder ladder) {
  double least = 1e300;
  double most = 1e-300;
  for (const double value : values) {
    if (value <= 0) continue;
    least = std::min(least, value);
    most = std::max(most, value);
  }
  if (least > most) least = most = 1;
  const int low = place_below(ladder, least);
  const int high = std::max(place_above(ladder, most), low + 1);
  Scale scale;
  scale.logarithmic_ = true;
  scale.low_ = rung(ladder, low);
  scale.high_ = rung(ladder, high);
  scale.ticks_ = logarithmic_ticks(ladder, low, high, std::max(2.0, pixels / kPixelsTick));
  return scale;
}

double Scale::at(double value) const {
  if (!logarithmic_) return std::clamp(value / high_, 0.0, 1.0);
  if (value <= low_) return 0;
  return std::clamp(std::log(value / low_) / std::log(high_ / low_), 0.0, 1.0);
}

}  // namespace muster::bench::report
