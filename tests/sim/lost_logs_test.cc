// A write-ahead log that is gone, or ends between two records, while newer ones are there: what
// they hold is never applied behind the gap.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "store/log_files.h"
#include "tests/sim/replay.h"
#include "tests/sim/scenario.h"
#include "tests/support/sanitized.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

/// Cuts of a log, beside its removal.
constexpr std::size_t kCutsMax = kSanitized ? 2 : 6;
constexpr std::size_t kMomentsMax = kSanitized ? 2 : 12;
constexpr std::size_t kLogsMin = 2;

std::vector<std::string> logs_of(const Disk& disk) {
  std::vector<std::string> logs;
  for (const auto& [path, number] : disk.names()) {
    if (is_log(path) && !disk.file(number)->bytes.empty()) logs.push_back(path);
  }
  return logs;
}

std::vector<std::size_t> records_of(const std::string& log) {
  std::vector<std::size_t> begins;
  store::LogScan scan([&](std::uint64_t at, std::string_view) { begins.push_back(at); });
  for (std::size_t at = 0; at < log.size(); at += store::LogScan::kBlockBytes) {
    scan.add_block(std::string_view(log).substr(at, store::LogScan::kBlockBytes));
  }
  return begins;
}

struct Outcomes {
  std::size_t whole = 0;
  std::size_t less = 0;  ///< an earlier state
  std::size_t refused = 0;
};

class LostLogs : public testing::Test {
 protected:
  void lose_logs(const ScenarioPlan& plan) {
    scenario_ = make_scenario(plan);
    const SimRun run = run_scenario(scenario_);
    require_ok(run.failure, "run");
    std::vector<std::size_t> moments;
    Disk disk = new_disk();
    for (std::size_t done = 0; done < run.trace.size(); ++done) {
      if (logs_of(disk).size() >= kLogsMin) moments.push_back(done);
      disk.perform(run.trace[done]);
    }
    ASSERT_FALSE(moments.empty()) << "never so many logs";
    const std::size_t stride = std::max<std::size_t>(1, moments.size() / kMomentsMax);
    for (std::size_t i = 0; i < moments.size() && !HasFailure(); i += stride) {
      SCOPED_TRACE("behind operation " + std::to_string(moments[i]));
      disk = new_disk();
      for (std::size_t done = 0; done < moments[i]; ++done) disk.perform(run.trace[done]);
      lose_each(disk, run.mark_at(moments[i]));
    }
    std::cout << outcomes_.whole << " whole, " << outcomes_.less << " less, " << outcomes_.refused
              << " refused" << std::endl;
  }

  void lose_each(const Disk& disk, const Mark& mark) {
    for (const std::string& log : logs_of(disk)) {
      const std::vector<std::size_t> begins = records_of(disk.file(*disk.find(log))->bytes);
      const std::size_t stride = std::max<std::size_t>(1, begins.size() / kCutsMax);
      for (std::size_t i = 0; i < begins.size(); i += stride) {
        SCOPED_TRACE(log + " cut to " + std::to_string(begins[i]));
        Disk cut = disk.copy();
        cut.content(log).resize(begins[i]);
        open(std::move(cut), mark);
      }
      SCOPED_TRACE(log + " gone");
      Disk without = disk.copy();
      without.perform({Op::kRemove, log, {}, 0, {}, 0});
      open(std::move(without), mark);
    }
  }

  void open(Disk disk, const Mark& mark) {
    Machine machine(std::move(disk), scenario_.recorder);
    Result<Store> store = machine.open(Durability::kSync);
    if (!store.ok()) {
      ++outcomes_.refused;
      const std::string why = store.status().to_string();
      const StatusCode code = store.status().code();
      // Where the store's own begin was in that log, its segments would make a new one of it.
      const bool is_new = scenario_.recorder == Machine::Recorder::kOn &&
                          why.find("under which policy it began") != std::string::npos;
      EXPECT_TRUE(is_new || code == StatusCode::kEventsLost || code == StatusCode::kCorruption)
          << why;
      return machine.leave_behind();
    }
    const StoreState state = state_of(*store);
    const auto changes = scenario_.find(state, mark.attempted);
    EXPECT_TRUE(changes.has_value()) << "a hole: " << to_text(state);
    EXPECT_GE(changes.value_or(0), mark.durable) << "lost, and not a word";
    EXPECT_EQ(to_text(findings_of(*store)), "");
    ++(changes.value_or(0) < mark.answered ? outcomes_.less : outcomes_.whole);
    machine.env().pump();
    require_ok(store->close(), "close");
    // What was left out does not come back.
    store = machine.open(Durability::kSync);
    ASSERT_TRUE(store.ok()) << store.status().to_string();
    EXPECT_EQ(to_text(state_of(*store)), to_text(state));
    machine.env().pump();
    require_ok(store->close(), "close");
  }

  Scenario scenario_;
  Outcomes outcomes_;
};

TEST_F(LostLogs, areToldOf) {
  lose_logs({seeds_from(41).front(), 24, 150, {Durability::kSync}});
  EXPECT_GT(outcomes_.refused, 0U);
  EXPECT_EQ(outcomes_.less, 0U);
}

TEST_F(LostLogs, leaveAnEarlierState) {
  lose_logs({seeds_from(42).front(), 24, 300, {Durability::kBuffered}});
  EXPECT_GT(outcomes_.less, 0U);
}

TEST_F(LostLogs, areMadeUpForByTheRecorder) {
  lose_logs({seeds_from(43).front(), 24, 150, {Durability::kSync}, Machine::Recorder::kOn});
  EXPECT_GT(outcomes_.whole, 0U);
  EXPECT_EQ(outcomes_.less, 0U);
}

}  // namespace
}  // namespace muster::test
