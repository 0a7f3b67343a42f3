// From values to places on an axis.
#pragma once

#include <span>
#include <vector>

namespace muster::bench::report {

/// Round numbers: 1, 2 and 5 of each power of ten, or powers of two for bytes.
enum class Ladder { kDecimal, kBinary };

class Scale {
 public:
  /// From zero, or logarithmic where the values span more than a factor of 20.
  static Scale for_bars(std::span<const double> values, double pixels,
                        Ladder ladder = Ladder::kDecimal);
  /// The same without room below the least value.
  static Scale for_lines(std::span<const double> values, double pixels);
  /// Logarithmic. Values of zero have no place.
  static Scale logarithmic(std::span<const double> values, double pixels,
                           Ladder ladder = Ladder::kDecimal);

  bool is_logarithmic() const { return logarithmic_; }
  /// 0 to 1.
  double at(double value) const;
  /// As many as have room, ascending, within the scale.
  const std::vector<double>& ticks() const { return ticks_; }

 private:
  double low_ = 0;
  double high_ = 1;
  bool logarithmic_ = false;
  std::vector<double> ticks_;
};

}  // namespace muster::bench::report
