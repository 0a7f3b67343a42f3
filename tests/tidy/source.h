// Source files as text, and what a rule finds in them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace muster::test {

struct Source {
  std::string path;  ///< relative to the source tree
  std::string text;
  std::string code;  ///< the text with comments, literals and their quotes blanked; same length

  bool header() const { return path.ends_with(".h"); }
  bool cpp() const { return header() || path.ends_with(".cc"); }
  bool below(std::string_view folder) const { return path.starts_with(folder); }
};

Source make_source(std::string path, std::string text);

/// Every text file of the project's own, without tests/data and the build trees.
std::vector<Source> read_tree(const std::filesystem::path& root);

/// From 1.
std::size_t line_at(std::string_view text, std::size_t offset);
std::vector<std::string_view> lines_of(std::string_view text);

struct Violation {
  std::string path;
  std::size_t line = 0;
  std::string what;
};
using Violations = std::vector<Violation>;

/// "path:line: what", a line each.
std::string to_text(const Violations& violations);

}  // namespace muster::test
