// What is wrong with a line, in words for people.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace muster::codec {

/// Text of unknown origin between quotes, escaped, and cut to about 60 bytes.
std::string quote_text(std::string_view text);

/// Where and what. The place is put together on the way out, innermost part first.
class Problem {
 public:
  /// Always false, for `return problem.set(...)`.
  bool set(std::string what);
  /// The same for text that is not JSON at all.
  bool set_broken(std::string what);
  bool within(std::string_view key);
  bool within(std::size_t index);

  /// Whether the line is not JSON, as opposed to JSON that is no event.
  bool broken() const { return broken_; }
  std::string text() const;

 private:
  std::string where_;
  std::string what_;
  bool broken_ = false;
};

}  // namespace muster::codec
