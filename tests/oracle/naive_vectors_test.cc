// The naive engine is compared with the store elsewhere; here it is held to the vectors itself.
#include <gtest/gtest.h>

#include "tests/support/naive_engine.h"
#include "tests/support/files.h"
#include "tests/support/scenario_run.h"

namespace muster::test {
namespace {

class NaiveVectors : public ::testing::TestWithParam<std::string> {};

TEST_P(NaiveVectors, agree) {
  expect_agreement(load_scenarios(GetParam()), [](const Scenario& scenario) {
    Policy policy;
    policy.max_retries_apple = scenario.max_retries;
    return std::make_unique<NaiveEngine>(policy, scenario.name);
  });
}

INSTANTIATE_TEST_SUITE_P(files, NaiveVectors, ::testing::ValuesIn(vector_files()), file_stem);

}  // namespace
}  // namespace muster::test
