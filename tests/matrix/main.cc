#include <gtest/gtest.h>

#include "tests/matrix/killed.h"

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (muster::test::is_kill_order(arguments)) return muster::test::obey_kill_order(arguments);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
