#include "store/rate_limiter.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace muster::test {
namespace {

using store::RateLimiter;

RateLimiter limiter(std::uint32_t per_minute, std::uint32_t burst) {
  StoreLimits limits;
  limits.host_events_per_minute = per_minute;
  limits.host_events_burst = burst;
  return RateLimiter(limits);
}

Timestamp at(double seconds) {
  return {static_cast<std::int64_t>(seconds * 1e6)};
}

TEST(RateLimiter, FillsByTime) {
  RateLimiter two_a_minute = limiter(2, 3);
  const struct {
    double seconds;
    std::vector<bool> taken;
  } steps[] = {
      {0, {true, true, true, false}},   // a full bucket
      {29.999999, {false}},             //
      {30, {true, false}},              //
      {75, {true, false}},              // one and a half came
      {90, {true, false}},              //
      {60, {false}},                    // time that goes back fills nothing
      {119, {true, false}},             // and counts from there
      {1e6, {true, true, true, false}}  // never more than the burst
  };
  for (const auto& step : steps) {
    for (const bool taken : step.taken) {
      EXPECT_EQ(two_a_minute.take("H", at(step.seconds)), taken) << step.seconds;
    }
  }
}

TEST(RateLimiter, ZeroIsNoBound) {
  RateLimiter none = limiter(0, 1);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(none.take("H", at(0)));
}

TEST(RateLimiter, HostsHaveBucketsOfTheirOwn) {
  RateLimiter one = limiter(1, 1);
  EXPECT_TRUE(one.take("A", at(0)));
  EXPECT_TRUE(one.take("B", at(0)));
  EXPECT_FALSE(one.take("A", at(0)));
  EXPECT_FALSE(one.take("B", at(0)));
}

/// A refused event of the far future must not keep a host out until then.
TEST(RateLimiter, AnyTimeIsTaken) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  for (const std::uint32_t rate : {1u, std::numeric_limits<std::uint32_t>::max()}) {
    RateLimiter one = limiter(rate, std::numeric_limits<std::uint32_t>::max());
    for (const std::int64_t micros : {std::int64_t{0}, kMost, -kMost, kMost, std::int64_t{0}}) {
      EXPECT_TRUE(one.take("H", {micros}));
    }
  }
  RateLimiter one = limiter(1, 1);
  EXPECT_TRUE(one.take("H", {kMost}));
  EXPECT_FALSE(one.take("H", at(0)));
  EXPECT_TRUE(one.take("H", at(60)));
}

/// Among far more hosts than are remembered, most of a flood is held back, the same ones each time.
TEST(RateLimiter, ForgetsHostsAndRepeatsItself) {
  std::vector<std::uint64_t> refused;
  for (int run = 0; run < 2; ++run) {
    RateLimiter one = limiter(1, 1);
    refused.push_back(0);
    for (int host = 0; host < 200'000; ++host) {
      EXPECT_TRUE(one.take("host " + std::to_string(host), at(0)));
      if (host >= 100)
        refused.back() += one.take("host " + std::to_string(host - 100), at(0)) ? 0 : 1;
    }
  }
  EXPECT_EQ(refused[0], refused[1]);
  EXPECT_GT(refused[0], 190'000u);
}

}  // namespace
}  // namespace muster::test
