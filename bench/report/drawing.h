// Parts of SVG and HTML texts.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace muster::bench::report {

/// For content and attributes in double or single quotes. What XML cannot hold becomes U+FFFD.
std::string escape(std::string_view text);

/// About how wide the text is, in the fonts of the page, where letters are `size` high. Generous.
double text_width(std::string_view text, double size);
/// The text, or its beginning with three dots.
std::string fit(std::string_view text, double size, double width);
std::vector<std::string> wrap(std::string_view text, double size, double width);

inline constexpr double kLabelSize = 12;
inline constexpr double kNoteSize = 11;

enum class Anchor { kStart, kMiddle, kEnd };

/// Elements of one SVG in the order of drawing. Classes are those of style.h.
class Drawing {
 public:
  void rect(double x, double y, double width, double height, std::string_view classes,
            std::string_view title = {});
  void line(double x1, double y1, double x2, double y2, std::string_view classes);
  void path(const std::vector<std::pair<double, double>>& points, std::string_view classes);
  void dot(double x, double y, double radius, std::string_view classes,
           std::string_view title = {});
  /// A dot or another shape, so that colour is not all that tells engines apart.
  void marker(std::size_t shape, double x, double y, std::string_view classes,
              std::string_view title = {});
  /// Text that was shortened keeps its whole in a title.
  void text(double x, double y, Anchor anchor, std::string_view classes, std::string_view text,
            std::string_view title = {});

  const std::string& body() const { return body_; }

 private:
  std::string body_;
};

}  // namespace muster::bench::report
