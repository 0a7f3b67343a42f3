#include "tests/support/tally.h"

#include <gtest/gtest.h>

#include <map>
#include <utility>

namespace muster::test {

void tally(const std::string& what, std::uint64_t count) {
  static std::map<std::pair<const testing::TestInfo*, std::string>, std::uint64_t> sums;
  std::uint64_t& sum = sums[{testing::UnitTest::GetInstance()->current_test_info(), what}];
  sum += count;
  testing::Test::RecordProperty("done_" + what, std::to_string(sum));
}

}  // namespace muster::test
