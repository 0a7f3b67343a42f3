// What is there and how long it is, the disk does not say: that is no word of a missing file.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/sim/replay.h"
#include "tests/sim/scenario.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

constexpr const char* kNoAnswer = "the simulated disk does not say";

class FailingLooks : public testing::Test {
 protected:
  /// As the process left it behind its last answer.
  FailingLooks() : scenario_(make_scenario({seeds_from(31).front(), 24, 150})) {
    const SimRun run = run_scenario(scenario_);
    require_ok(run.failure, "run");
    const std::size_t all = scenario_.events.size();
    const auto killed = std::find_if(run.marks.begin(), run.marks.end(),
                                     [all](const Mark& mark) { return mark.durable == all; });
    for (std::size_t i = 0; i < killed->operations; ++i) disk_.perform(run.trace[i]);
  }

  /// Look `failing` of the open fails. False: it made fewer.
  bool open(Machine& machine, std::size_t failing, Result<Store>& store) {
    machine.files().set_meddle_looks([failing](std::size_t number, const std::string&) {
      return number == failing ? rocksdb::IOStatus::IOError(kNoAnswer) : rocksdb::IOStatus::OK();
    });
    store = machine.open(Durability::kSync);
    machine.files().set_meddle_looks({});
    return machine.files().looks() > failing;
  }

  const Scenario scenario_;
  Disk disk_ = new_disk();
};

TEST_F(FailingLooks, loseNothing) {
  std::size_t refused = 0;
  std::size_t looks = 0;
  for (bool failed = true; failed; ++looks) {
    SCOPED_TRACE(looks);
    Machine machine(disk_.copy());
    Result<Store> store = Status(StatusCode::kBusy, "");
    failed = open(machine, looks, store);
    if (!store.ok()) {
      ++refused;
      // RocksDB takes a table whose length it cannot learn for a damaged one.
      const bool table = store.status().message().find(".sst") != std::string::npos;
      EXPECT_EQ(store.status().code(), table ? StatusCode::kCorruption : StatusCode::kIoError)
          << store.status().to_string();
      EXPECT_NE(store.status().message().find(kNoAnswer), std::string::npos);
      store = machine.open(Durability::kSync);
    }
    ASSERT_TRUE(store.ok()) << store.status().to_string();
    EXPECT_EQ(compared(scenario_.after.back(), state_of(*store)),
              compared(scenario_.after.back(), scenario_.after.back()));
    machine.env().pump();
    require_ok(store->close(), "close");
  }
  EXPECT_GT(refused, 5U);
  EXPECT_LT(refused, looks);
}

/// Nothing on the disk is changed before all of it was looked at.
TEST_F(FailingLooks, doNotMakeATornLogAWholeOne) {
  for (const auto& [path, number] : disk_.names()) {
    std::string& bytes = disk_.content(path);
    if (is_log(path)) bytes.resize(bytes.size() / 2);
  }
  std::size_t looks = 0;
  for (bool failed = true; failed; ++looks) {
    SCOPED_TRACE(looks);
    Machine machine(disk_.copy());
    Result<Store> store = Status(StatusCode::kBusy, "");
    failed = open(machine, looks, store);
    ASSERT_FALSE(store.ok());
    EXPECT_EQ(machine.files().disk().fingerprint(), disk_.fingerprint());
  }
  EXPECT_GT(looks, 5U);
}

}  // namespace
}  // namespace muster::test
