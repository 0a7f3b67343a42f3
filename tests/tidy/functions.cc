// Function lengths, by braces: enough for code that clang-format has seen.
#include <regex>
#include <string>

#include "tests/tidy/rules.h"

namespace muster::test {
namespace {

/// Preprocessor lines, continued ones too, have braces of their own.
std::string without_directives(std::string code) {
  bool directive = false;
  for (std::size_t begin = 0; begin < code.size();) {
    const std::size_t end = std::min(code.find('\n', begin), code.size());
    const std::size_t first = code.find_first_not_of(' ', begin);
    directive = directive || (first < end && code[first] == '#');
    const bool goes_on = end > begin && code[end - 1] == '\\';
    if (directive) std::fill_n(code.begin() + static_cast<std::ptrdiff_t>(begin), end - begin, ' ');
    directive = directive && goes_on;
    begin = end + 1;
  }
  return code;
}

bool opens_scope(const std::string& head) {
  static const std::regex kScope(
      R"(^\s*((template\s*<.*>|inline|typedef|static|constexpr|const)\s*)*)"
      R"((namespace|class|struct|union|extern)\b)");
  static const std::regex kScopeWithParenthesis(R"(\)\s*(const|noexcept|override|->.*)?\s*$)");
  return std::regex_search(head, kScope) && !std::regex_search(head, kScopeWithParenthesis);
}

class Walker {
 public:
  explicit Walker(const Source& source) : source_(source), code_(without_directives(source.code)) {}

  Violations run() {
    for (std::size_t at = 0; at < code_.size(); ++at) {
      const char letter = code_[at];
      if (letter == '(') ++parentheses_;
      if (letter == ')') --parentheses_;
      if (letter == '{' && parentheses_ > 0) {
        at = matching(at);
      } else if (letter == '{') {
        at = opened(at);
      } else if (parentheses_ == 0 && (letter == ';' || letter == '}')) {
        head_begin_ = at + 1;
      }
    }
    return found_;
  }

 private:
  std::size_t matching(std::size_t open) const {
    int depth = 0;
    for (std::size_t at = open; at < code_.size(); ++at) {
      if (code_[at] == '{') ++depth;
      if (code_[at] == '}' && --depth == 0) return at;
    }
    return code_.size();
  }

  /// Returns where to go on.
  std::size_t opened(std::size_t open) {
    const std::string head = code_.substr(head_begin_, open - head_begin_);
    if (opens_scope(head)) {
      head_begin_ = open + 1;
      return open;
    }
    const std::size_t close = matching(open);
    if (head.find('(') != std::string::npos) {
      const std::size_t first = code_.find_first_not_of(" \n", head_begin_);
      const std::size_t lines = line_at(code_, close) - line_at(code_, first) + 1;
      if (lines > kFunctionLinesMax) {
        found_.push_back({source_.path, line_at(code_, first),
                          "a function of " + std::to_string(lines) + " lines"});
      }
    }
    head_begin_ = close + 1;
    return close;
  }

  const Source& source_;
  std::string code_;
  Violations found_;
  std::size_t head_begin_ = 0;
  int parentheses_ = 0;
};

}  // namespace

Violations check_functions(const Source& source) {
  if (!source.cpp()) return {};
  return Walker(source).run();
}

}  // namespace muster::test
