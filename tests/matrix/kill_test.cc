// A process that is killed anywhere, in a fan-out and in a fold too, goes on to the same state.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <random>

#include "tests/matrix/fleet_files.h"
#include "tests/matrix/killed.h"
#include "tests/support/files.h"
#include "tests/support/store_tools.h"
#include "tests/support/tally.h"

namespace muster::test {
namespace {

struct Left {
  std::uint64_t cursor = 0;
  bool fan_out_running = false;
};

Left look(const std::filesystem::path& path, const std::string& recording) {
  const Store store = open_store(read_only(path));
  const auto cursor = require(store.last_position(recording), "last_position");
  return {cursor ? cursor->event : 0, require(store.stats(), "stats").fan_out_running};
}

constexpr int kKilled = 128 + 9;
constexpr int kKilledInRocksDb = 128 + 15;
constexpr int kKills = 20;
constexpr std::array kPlaces = {KillPlace::kFanOut, KillPlace::kAnywhere, KillPlace::kFold,
                                KillPlace::kFanOut, KillPlace::kAnywhere};

class Killed : public testing::Test {
 protected:
  Killed() {
    order_.store = folder_ / "store";
    order_.recording = files_.binary;
    order_.answers = folder_ / "answers";
    // A small fleet, too, makes enough groups for some folds.
    order_.batch = std::clamp<std::size_t>(files_.events / 2'000, 1, 64);
  }

  /// False: the recording ended before the place came.
  bool kill(int number) {
    order_.place = kPlaces[static_cast<std::size_t>(number) % kPlaces.size()];
    order_.skipped = order_.place == KillPlace::kFold ? 0 : random_() % 6;
    order_.before_write = random_() % 2 == 0;
    const ProcessResult ran = run_killed(order_, folder_.path());
    if (ran.exit_code != kKilled) {
      EXPECT_EQ(ran.exit_code, 0) << ran.err;
      return false;
    }
    const Left left = look(order_.store, files_.id);
    EXPECT_GE(left.cursor, answered()) << "what was answered is gone";
    tally("kills", 1);
    static const std::map<KillPlace, const char*> names = {{KillPlace::kAnywhere, "anywhere"},
                                                           {KillPlace::kFanOut, "in a fan-out"},
                                                           {KillPlace::kFold, "in a fold"}};
    std::cout << "killed " << names.at(order_.place)
              << (order_.before_write ? ", before" : ", after") << " the write: event "
              << left.cursor << " of " << files_.events
              << (left.fan_out_running ? ", a fan-out had begun" : "") << '\n';
    left_in_fan_out_ += left.fan_out_running ? 1 : 0;
    order_.after_event = left.cursor + files_.events / (kKills * 2);
    return true;
  }

  /// False: the recording ended before one of the points was deadly.
  bool kill_in_rocksdb() {
    order_.place = KillPlace::kInRocksDb;
    order_.odds = 400 << random_() % 4;
    const ProcessResult ran = run_killed(order_, folder_.path());
    if (ran.exit_code != kKilledInRocksDb) {
      EXPECT_EQ(ran.exit_code, 0) << ran.err;
      return false;
    }
    // Before it was there, nothing was answered.
    const std::uint64_t told = answered();
    const std::uint64_t cursor = told == 0 ? 0 : look(order_.store, files_.id).cursor;
    EXPECT_GE(cursor, told) << "what was answered is gone";
    tally("kills_in_rocksdb", 1);
    std::cout << "event " << cursor << " of " << files_.events << ": " << ran.out;
    return true;
  }

  void finish() {
    order_.place = KillPlace::kNowhere;
    order_.odds = 0;
    const ProcessResult ran = run_killed(order_, folder_.path());
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_EQ(answered(), files_.events);
    tally("acknowledged_events", files_.events);
    std::filesystem::remove(order_.answers);
    EXPECT_EQ(look(order_.store, files_.id).cursor, files_.events);
    {
      const Store store = open_store(read_only(order_.store));
      EXPECT_EQ(digest_of(store), files_.digest);
      EXPECT_EQ(findings_of(store).size(), 0U) << to_text(findings_of(store));
    }
    std::filesystem::remove_all(order_.store);
    order_.after_event = 0;
  }

  /// The last event that was, whichever process answered.
  std::uint64_t answered() const {
    std::ifstream lines(order_.answers);
    std::uint64_t last = 0;
    while (lines >> last) {
    }
    return last;
  }

  const FleetFiles& files_ = fleet_files();
  std::mt19937_64 random_{matrix_fleet_options().seed};
  TempDir folder_;
  KillOrder order_;
  int left_in_fan_out_ = 0;
};

TEST_F(Killed, goesOnToTheSameState) {
  int kills = 0;
  for (int stores = 0; kills < kKills && stores < 10; ++stores) {
    while (kills < kKills && kill(kills)) ++kills;
    finish();
    ASSERT_FALSE(HasFailure()) << matrix_hint() << ", after kill " << kills;
  }
  EXPECT_EQ(kills, kKills);
  EXPECT_GE(left_in_fan_out_, 5);
}

/// Between the steps of its writes: to buffers, to files, before and behind syncs. At which of them
/// is chance, whatever the seed.
TEST_F(Killed, withinRocksDbGoesOnToTheSameState) {
  if (!has_kill_points()) {
    std::cout << "not tested: this librocksdb has no kill points\n";
    return;
  }
  int kills = 0;
  for (int stores = 0; kills < kKills && stores < 10; ++stores) {
    while (kills < kKills && kill_in_rocksdb()) ++kills;
    finish();
    ASSERT_FALSE(HasFailure()) << matrix_hint() << ", after kill " << kills;
  }
  EXPECT_EQ(kills, kKills);
}

}  // namespace
}  // namespace muster::test
