// What is wrong with an event, in words for people, and how much one may hold.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "muster/recording.h"

namespace muster::codec {

/// Text of unknown origin between quotes, escaped, and cut to about 60 bytes.
std::string quote_text(std::string_view text);

/// Where and what. The place is put together on the way out, innermost part first.
class Problem {
 public:
  explicit Problem(const RecordingLimits& limits = {}) : limits_(limits) {}

  /// Always false, for `return problem.set(...)`.
  bool set(std::string what);
  /// The same for text that is not JSON at all.
  bool set_broken(std::string what);
  bool within(std::string_view key);
  bool within(std::size_t index);

  /// Whether a text is within the limit; the problem is set if not.
  bool admits(std::string_view text);
  /// The same for one more element of any list.
  bool admits_element();
  /// The same for a value at this depth.
  bool admits_depth(std::size_t depth);

  /// Whether the line is not JSON, as opposed to JSON that is no event.
  bool broken() const { return broken_; }
  std::string text() const;

 private:
  RecordingLimits limits_;
  std::size_t elements_ = 0;
  std::string where_;
  std::string what_;
  bool broken_ = false;
};

/// A profile has one list of labels to include.
bool check_lists(const ProfileUploaded& uploaded, Problem& problem);

}  // namespace muster::codec
