#include "tests/tidy/source.h"

#include <algorithm>
#include <array>

#include "tests/support/files.h"

namespace muster::test {
namespace {

constexpr std::array kFolders = {"bench",  "docs", "examples", "include",
                                 "schema", "src",  "tests",    "tools"};
constexpr std::array kEndings = {".cc", ".h", ".fbs", ".txt", ".md", ".cmake", ".json", ".py", ""};

/// Blanks comments and literals. Line feeds stay, so that offsets and lines are the same.
class Blanker {
 public:
  explicit Blanker(const std::string& text) : text_(text), code_(text) {}

  std::string run() {
    while (at_ < text_.size()) {
      if (starts("//")) {
        blank_to(std::min(text_.find('\n', at_), text_.size()));
      } else if (starts("/*")) {
        blank_to(end_of("*/", at_ + 2));
      } else if (raw_string()) {
        const std::size_t open = text_.find('(', at_);
        const std::string name = text_.substr(at_ + 2, open - at_ - 2);
        blank_to(end_of(")" + name + "\"", open));
      } else if (text_[at_] == '"' || character()) {
        blank_to(end_of_literal());
      } else {
        ++at_;
      }
    }
    return code_;
  }

 private:
  bool starts(std::string_view what) const { return text_.compare(at_, what.size(), what) == 0; }
  bool raw_string() const { return starts("R\"") && (at_ == 0 || !word(text_[at_ - 1])); }
  /// Not the quote between digits.
  bool character() const { return text_[at_] == '\'' && (at_ == 0 || !word(text_[at_ - 1])); }
  static bool word(char letter) {
    return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_';
  }
  std::size_t end_of(const std::string& what, std::size_t from) const {
    const std::size_t found = text_.find(what, from);
    return found == std::string::npos ? text_.size() : found + what.size();
  }
  std::size_t end_of_literal() const {
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != text_[at_] && text_[end] != '\n') {
      end += text_[end] == '\\' ? 2 : 1;
    }
    return std::min(end + 1, text_.size());
  }
  void blank_to(std::size_t end) {
    for (; at_ < end; ++at_) {
      if (code_[at_] != '\n') code_[at_] = ' ';
    }
  }

  const std::string& text_;
  std::string code_;
  std::size_t at_ = 0;
};

bool ours(const std::filesystem::path& path) {
  return std::any_of(kEndings.begin(), kEndings.end(),
                     [&](const char* ending) { return path.extension() == ending; });
}

}  // namespace

Source make_source(std::string path, std::string text) {
  Source source;
  source.path = std::move(path);
  source.text = std::move(text);
  if (source.cpp()) source.code = Blanker(source.text).run();
  return source;
}

std::vector<Source> read_tree(const std::filesystem::path& root) {
  namespace fs = std::filesystem;
  std::vector<Source> sources;
  const auto add = [&](const fs::path& path) {
    const std::string relative = path.lexically_relative(root).generic_string();
    sources.push_back(make_source(relative, read_file(path)));
  };
  for (const auto& entry : fs::directory_iterator(root)) {
    if (entry.is_regular_file() && entry.path().filename().string().front() != '.' &&
        ours(entry.path())) {
      add(entry.path());
    }
  }
  for (const char* folder : kFolders) {
    if (!fs::exists(root / folder)) continue;
    for (auto at = fs::recursive_directory_iterator(root / folder); at != end(at); ++at) {
      if (at->path() == root / "tests" / "data") at.disable_recursion_pending();
      if (at->is_regular_file() && ours(at->path())) add(at->path());
    }
  }
  std::sort(sources.begin(), sources.end(),
            [](const Source& left, const Source& right) { return left.path < right.path; });
  return sources;
}

std::size_t line_at(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  return 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string to_text(const Violations& violations) {
  std::string text;
  for (const Violation& violation : violations) {
    text += violation.path + ":" + std::to_string(violation.line) + ": " + violation.what + "\n";
  }
  return text;
}

}  // namespace muster::test
