// Every scenario through the library, looked at after every event. MUSTER_VECTORS=FILE[:FILE...]
// runs those files instead of the committed ones.
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include "tests/support/files.h"
#include "tests/support/sanitized.h"
#include "tests/support/scenario_run.h"
#include "tests/support/store_subject.h"
#include "tests/support/vectors.h"

namespace muster::test {
namespace {

constexpr std::size_t kReopenedRandom = 20;
/// Opening is most of the work, and sanitizers make it slow: a store is opened again after every so
/// many events, other ones in each scenario. MUSTER_REOPEN_EVERY=1: after every one.
constexpr std::uint64_t kReopenEvery = kSanitized ? 20 : 4;

std::uint64_t reopen_every() {
  const char* const every = std::getenv("MUSTER_REOPEN_EVERY");
  return every == nullptr ? kReopenEvery : std::strtoull(every, nullptr, 10);
}

MakeSubject stores(const StoreSetUp& set_up) {
  return [set_up](const Scenario& scenario) {
    Policy policy;
    policy.max_retries_apple = scenario.max_retries;
    return std::make_unique<StoreSubject>(policy, scenario.name, set_up);
  };
}

class Vectors : public ::testing::TestWithParam<std::string> {};

TEST_P(Vectors, agree) {
  expect_agreement(thinned(load_scenarios(GetParam()), 3), stores({}));
}

INSTANTIATE_TEST_SUITE_P(files, Vectors, ::testing::ValuesIn(vector_files()), file_stem);

/// All hand-made scenarios and the first random ones; whatever MUSTER_VECTORS says.
std::vector<Scenario> chosen_scenarios() {
  std::vector<Scenario> scenarios = load_scenarios(data_file("vectors/handmade.jsonl.zst"));
  std::vector<Scenario> random = load_scenarios(data_file("vectors/random.jsonl.zst"));
  random.resize(std::min(random.size(), kReopenedRandom));
  std::move(random.begin(), random.end(), std::back_inserter(scenarios));
  return thinned(std::move(scenarios), 8);
}

TEST(ChosenVectors, agreeReopened) {
  StoreSetUp set_up;
  set_up.reopen_every = reopen_every();
  expect_agreement(chosen_scenarios(), stores(set_up));
}

TEST(ChosenVectors, agreeInWindowsOfFourHosts) {
  StoreSetUp set_up;
  set_up.tuning.window_hosts = 4;
  expect_agreement(chosen_scenarios(), stores(set_up));
}

TEST(ChosenVectors, agreeInWindowsOfOneHostReopenedAndAlwaysFolded) {
  StoreSetUp set_up;
  set_up.tuning.window_hosts = 1;
  set_up.tuning.fold_bytes_min = 1;
  set_up.reopen_every = reopen_every();
  expect_agreement(thinned(load_scenarios(data_file("vectors/handmade.jsonl.zst")), 8),
                   stores(set_up));
}

TEST(CommittedVectors, areAllThere) {
  EXPECT_EQ(load_scenarios(data_file("vectors/handmade.jsonl.zst")).size(), 130U);
  EXPECT_EQ(load_scenarios(data_file("vectors/random.jsonl.zst")).size(), 100U);
  EXPECT_EQ(load_scenarios(data_file("vectors/generated.jsonl.zst")).size(), 60U);
  EXPECT_EQ(load_scenarios(data_file("vectors/generated_rare.jsonl.zst")).size(), 20U);
}

TEST(CommittedVectors, areReadWhole) {
  for (const Scenario& scenario : load_scenarios(data_file("vectors/handmade.jsonl.zst"))) {
    for (std::size_t i = 0; i < scenario.events.size(); ++i) {
      EXPECT_FALSE(std::holds_alternative<Unreadable>(scenario.events[i].body))
          << scenario.name << " " << scenario.lines[i];
    }
  }
}

}  // namespace
}  // namespace muster::test
