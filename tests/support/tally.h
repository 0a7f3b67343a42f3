// What a test has done, for those who add it up over many runs.
#pragma once

#include <cstdint>
#include <string>

namespace muster::test {

/// Adds to what the running test has done of a kind: its property `done_<what>` in the report that
/// --gtest_output writes, which tests/torture sums.
void tally(const std::string& what, std::uint64_t count);

}  // namespace muster::test
