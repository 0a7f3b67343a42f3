// What check and scrub found, as text while it is found or as JSON at the end.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>

#include "muster/stats.h"
#include "tools/commands.h"

namespace muster::tool {

class FindingList {
 public:
  /// `limit`: findings that are enough.
  FindingList(const Invocation& invocation, std::uint64_t limit);

  /// False: that was the last one.
  bool take(const Finding& finding);
  bool at_limit() const { return count_ >= limit_; }

  /// The lines that end the text: "no findings", or how many.
  void print_count() const;
  /// `count`, `complete` and `findings`.
  nlohmann::ordered_json json() const;
  int exit_code() const;

 private:
  const Invocation& invocation_;
  const std::uint64_t limit_;
  std::uint64_t count_ = 0;
  nlohmann::ordered_json findings_ = nlohmann::ordered_json::array();
};

}  // namespace muster::tool
