#include "core/taken_statements.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include "tests/support/fleet.h"

namespace muster::core {
namespace {

Timestamp at(std::int64_t micros) {
  return Timestamp{micros};
}
Digest key(std::uint64_t low) {
  return {7, low};
}

TEST(TakenStatements, whatWasSaidIsKnown) {
  TakenStatements taken;
  EXPECT_EQ(taken.take(key(1), at(10)), Outcome::kApplied);
  EXPECT_EQ(taken.take(key(2), at(10)), Outcome::kApplied);
  EXPECT_EQ(taken.take(key(1), at(10)), Outcome::kRepeated);
  EXPECT_EQ(taken.take(key(1), at(99)), Outcome::kRepeated) << "whatever its time";
  EXPECT_EQ(taken.take(key(3), at(5)), Outcome::kApplied) << "late, and nothing is forgotten yet";
}

TEST(TakenStatements, whatIsOlderThanTheKeptOnesCountsAsSaid) {
  TakenStatements taken;
  for (std::uint64_t i = 0; i <= TakenStatements::kKept; ++i) {
    ASSERT_EQ(taken.take(key(i), at(static_cast<std::int64_t>(i))), Outcome::kApplied);
  }
  EXPECT_EQ(taken.newest().size(), TakenStatements::kKept);
  EXPECT_EQ(taken.take(key(0), at(0)), Outcome::kTooOld) << "it was forgotten";
  EXPECT_EQ(taken.take(key(1'000), at(0)), Outcome::kTooOld) << "nobody knows any more";
  EXPECT_EQ(taken.take(key(1), at(1)), Outcome::kRepeated);
  EXPECT_EQ(taken.take(key(1'000), at(1)), Outcome::kApplied);
}

TEST(TakenStatements, passesBelongToTheirTime) {
  TakenStatements taken;
  EXPECT_EQ(taken.take_pass(key(1), at(10)), Outcome::kApplied);
  EXPECT_EQ(taken.take_pass(key(1), at(10)), Outcome::kRepeated);
  EXPECT_EQ(taken.take_pass(key(2), at(10)), Outcome::kApplied) << "before another answer";
  EXPECT_EQ(taken.take_pass(key(3), at(9)), Outcome::kTooOld);
  EXPECT_EQ(taken.take_pass(key(1), at(11)), Outcome::kApplied);
  EXPECT_EQ(taken.take_pass(key(2), at(10)), Outcome::kTooOld);
}

TEST(TakenStatements, passesAtOneTimeAreBounded) {
  TakenStatements taken;
  for (std::uint64_t i = 0; i < TakenStatements::kKept; ++i) {
    ASSERT_EQ(taken.take_pass(key(i), at(10)), Outcome::kApplied);
  }
  EXPECT_EQ(taken.take_pass(key(1'000), at(10)), Outcome::kTooOld);
  EXPECT_EQ(taken.take_pass(key(1'000), at(11)), Outcome::kApplied);
  EXPECT_EQ(taken.passes(), std::vector<std::uint64_t>{1'000});
}

/// However often and however much of a stream comes again, in whatever pieces: nothing is new
/// twice.
TEST(TakenStatements, noPieceOfAStreamIsNewTwice) {
  const std::uint64_t seed = muster::test::seed_or(20'261);
  SCOPED_TRACE("MUSTER_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  struct Said {
    std::uint64_t key;
    std::int64_t at;
  };
  std::vector<Said> stream;
  std::int64_t time = 0;
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    time += static_cast<std::int64_t>(random() % 3);
    stream.push_back({i, time});
  }
  TakenStatements taken;
  std::set<std::uint64_t> new_ones;
  std::size_t reached = 0;
  while (reached < stream.size()) {
    const std::size_t begin = random() % (reached + 1);
    const std::size_t end = std::min(stream.size(), begin + random() % 200);
    for (std::size_t i = begin; i < end; ++i) {
      const Outcome outcome = taken.take(key(stream[i].key), at(stream[i].at));
      if (outcome == Outcome::kApplied) {
        EXPECT_TRUE(new_ones.insert(stream[i].key).second) << "said twice: " << i;
      }
      ASSERT_LE(taken.newest().size(), TakenStatements::kKept);
    }
    reached = std::max(reached, end);
  }
  EXPECT_EQ(new_ones.size(), stream.size()) << "in order, and no more than the kept ones at a time";
}

}  // namespace
}  // namespace muster::core
