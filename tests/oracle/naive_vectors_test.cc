// The naive engine is compared with the store elsewhere; here it is held to the vectors itself.
#include <gtest/gtest.h>

#include "tests/oracle/naive_engine.h"
#include "tests/support/files.h"
#include "tests/support/scenario_run.h"

namespace muster::test {
namespace {

class NaiveVectors : public ::testing::TestWithParam<const char*> {};

TEST_P(NaiveVectors, agree) {
  expect_agreement(load_scenarios(data_file(GetParam())), [](const Scenario& scenario) {
    Policy policy;
    policy.max_retries_apple = scenario.max_retries;
    return std::make_unique<NaiveEngine>(policy, scenario.name);
  });
}

INSTANTIATE_TEST_SUITE_P(files, NaiveVectors,
                         ::testing::Values("vectors/handmade.jsonl.zst", "vectors/random.jsonl.zst",
                                           "vectors/generated.jsonl.zst",
                                           "vectors/generated_rare.jsonl.zst"));

}  // namespace
}  // namespace muster::test
