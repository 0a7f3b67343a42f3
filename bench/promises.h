// The figures that Muster promises, and what result lines say of them.
#pragma once

#include <string>
#include <vector>

#include "bench/result_lines.h"

namespace muster::bench {

/// A line of the kind `figure` for each promise, from lines of the kind `result`; others are passed
/// over.
std::vector<Line> judge(const std::vector<Line>& lines);
/// The same for people.
std::string to_table(const std::vector<Line>& figures);

}  // namespace muster::bench
