#include "bench/report/drawing.h"

#include <fmt/format.h>

#include <array>

namespace muster::bench::report {
namespace {

/// Around (0, 0); the first is a circle and stands apart.
constexpr std::array<const char*, 6> kMarkers = {
    "",
    "M-3.6,-3.6H3.6V3.6H-3.6Z",
    "M0,-4.8L4.8,0L0,4.8L-4.8,0Z",
    "M0,-4.6L4.5,3.4H-4.5Z",
    "M0,4.6L4.5,-3.4H-4.5Z",
    "M-1.5,-4.4H1.5V-1.5H4.4V1.5H1.5V4.4H-1.5V1.5H-4.4V-1.5H-1.5Z",
};

bool continues(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

double letter_width(char letter) {
  if (continues(letter)) return 0;
  if (static_cast<unsigned char>(letter) >= 0x80) return 1;
  if (std::string_view("iljtfI.,:;|!'()[] ").find(letter) != std::string_view::npos) return 0.3;
  if (std::string_view("r-/").find(letter) != std::string_view::npos) return 0.36;
  if (std::string_view("mwMW@%").find(letter) != std::string_view::npos) return 0.9;
  if (letter >= 'A' && letter <= 'Z') return 0.74;
  return 0.57;
}

std::string close(std::string_view element, std::string_view title) {
  if (title.empty()) return "/>\n";
  return fmt::format("><title>{}</title></{}>\n", escape(title), element);
}

}  // namespace

std::string escape(std::string_view text) {
  std::string safe;
  for (const char letter : text) {
    switch (letter) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default: {
        const auto byte = static_cast<unsigned char>(letter);
        const bool control = (byte < 0x20 && letter != '\t' && letter != '\n') || byte == 0x7F;
        safe += control ? "\xEF\xBF\xBD" : std::string(1, letter);
      }
    }
  }
  return safe;
}

double text_width(std::string_view text, double size) {
  double width = 0;
  for (const char letter : text) width += letter_width(letter);
  return width * size;
}

std::string fit(std::string_view text, double size, double width) {
  if (text_width(text, size) <= width) return std::string(text);
  const double room = width - text_width("...", size);
  double used = 0;
  std::size_t end = 0;
  while (end < text.size()) {
    used += letter_width(text[end]) * size;
    if (used > room) break;
    ++end;
  }
  while (end > 0 && end < text.size() && continues(text[end])) --end;
  return std::string(text.substr(0, end)) + "...";
}

std::vector<std::string> wrap(std::string_view text, double size, double width) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    if (!lines.empty() && text_width(lines.back(), size) + text_width(word, size) < width) {
      lines.back() += ' ' + std::string(word);
    } else {
      lines.push_back(fit(word, size, width));
    }
  }
  return lines;
}

void Drawing::rect(double x, double y, double width, double height, std::string_view classes,
                   std::string_view title) {
  body_ += fmt::format(R"(<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}")",
                       classes, x, y, width, height);
  body_ += close("rect", title);
}

void Drawing::line(double x1, double y1, double x2, double y2, std::string_view classes) {
  body_ += fmt::format(R"(<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>)"
                       "\n",
                       classes, x1, y1, x2, y2);
}

void Drawing::path(const std::vector<std::pair<double, double>>& points, std::string_view classes) {
  std::string d;
  for (const auto& [x, y] : points) {
    d += fmt::format("{}{:.1f},{:.1f}", d.empty() ? "M" : "L", x, y);
  }
  body_ += fmt::format(R"(<path class="{}" d="{}"/>)"
                       "\n",
                       classes, d);
}

void Drawing::dot(double x, double y, double radius, std::string_view classes,
                  std::string_view title) {
  body_ +=
      fmt::format(R"(<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="{}")", classes, x, y, radius);
  body_ += close("circle", title);
}

void Drawing::marker(std::size_t shape, double x, double y, std::string_view classes,
                     std::string_view title) {
  shape %= kMarkers.size();
  if (shape == 0) {
    dot(x, y, 4, classes, title);
  } else {
    body_ += fmt::format("<path class=\"{}\" transform=\"translate({:.1f},{:.1f})\" d=\"{}\"",
                         classes, x, y, kMarkers.at(shape));
    body_ += close("path", title);
  }
}

void Drawing::text(double x, double y, Anchor anchor, std::string_view classes,
                   std::string_view text, std::string_view title) {
  static constexpr std::array<const char*, 3> kAnchors = {"start", "middle", "end"};
  body_ += fmt::format(R"(<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{})", classes, x,
                       y, kAnchors.at(static_cast<std::size_t>(anchor)), escape(text));
  if (!title.empty() && title != text) body_ += fmt::format("<title>{}</title>", escape(title));
  body_ += "</text>\n";
}

}  // namespace muster::bench::report
