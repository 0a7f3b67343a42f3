// Touches: the times of a commit group as bytes.
#include <gtest/gtest.h>

#include <cstdint>
#include <iostream>
#include <limits>
#include <string>
#include <vector>

#include "store/group_record.h"
#include "tests/support/fleet.h"
#include "tests/support/record_damage.h"

namespace muster::store {
namespace {

using test::RandomValues;

bool decode(const std::vector<std::uint8_t>& bytes, std::vector<Touch>& touches) {
  return decode_touches(bytes.data(), bytes.size(), touches);
}

std::vector<Touch> random_touches(RandomValues& random) {
  std::vector<Touch> touches;
  std::uint64_t ordinal = random.number32() >> random.below(32);
  for (std::uint64_t left = random.below(20); left > 0 && ordinal <= UINT32_MAX; --left) {
    touches.push_back({core::HostOrdinal{static_cast<std::uint32_t>(ordinal)},
                       {random.signed_number(), random.signed_number()}});
    ordinal += std::uint64_t{1} + (random.number32() >> random.below(32));
  }
  return touches;
}

class Touches : public testing::Test {
 protected:
  Touches() { std::cout << "MUSTER_SEED=" << seed_ << '\n'; }
  const std::uint64_t seed_ = test::seed_or(7);
  RandomValues random_{seed_};
};

TEST_F(Touches, RoundTrip) {
  for (int i = 0; i < 20'000; ++i) {
    const std::vector<Touch> touches = random_touches(random_);
    std::vector<Touch> decoded;
    ASSERT_TRUE(decode(encode_touches(touches), decoded)) << i;
    ASSERT_EQ(decoded, touches) << i;
  }
}

TEST_F(Touches, RoundTripAtTheEdges) {
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kGreatest = std::numeric_limits<std::int64_t>::max();
  const std::vector<Touch> touches = {
      {core::HostOrdinal{0}, {kLeast, kGreatest}},
      {core::HostOrdinal{1}, {kGreatest, kLeast}},
      {core::HostOrdinal{2}, {0, 0}},
      {core::HostOrdinal{UINT32_MAX}, {kLeast, -1}},
  };
  std::vector<Touch> decoded;
  ASSERT_TRUE(decode(encode_touches(touches), decoded));
  EXPECT_EQ(decoded, touches);
}

TEST_F(Touches, ACheckInTakesFewBytes) {
  std::vector<Touch> touches;
  constexpr std::int64_t kDay = 1'748'736'000;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    touches.push_back({core::HostOrdinal{i * 3}, {kDay + i % 7, kDay - 5000}});
  }
  EXPECT_LE(encode_touches(touches).size(), 5 * touches.size());
}

TEST_F(Touches, RefuseEveryPrefix) {
  for (int i = 0; i < 500; ++i) {
    std::vector<std::uint8_t> bytes = encode_touches(random_touches(random_));
    while (!bytes.empty()) {
      bytes.pop_back();
      std::vector<Touch> decoded;
      EXPECT_FALSE(decode(bytes, decoded)) << i << ", " << bytes.size() << " bytes";
    }
  }
}

TEST_F(Touches, RandomBytesAreRefusedOrInOrder) {
  for (int i = 0; i < 100'000; ++i) {
    std::vector<std::uint8_t> bytes(random_.below(40));
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random_.number());
    if (!bytes.empty()) bytes[0] = static_cast<std::uint8_t>(random_.below(6));
    std::vector<Touch> decoded;
    if (!decode(bytes, decoded)) continue;
    for (std::size_t at = 1; at < decoded.size(); ++at) {
      ASSERT_LT(decoded[at - 1].ordinal, decoded[at].ordinal) << "bytes " << i;
    }
  }
}

TEST_F(Touches, RefuseACountThatTheBytesCannotHold) {
  std::vector<Touch> decoded;
  EXPECT_FALSE(decode({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01}, decoded));
  EXPECT_FALSE(decode({}, decoded));
}

}  // namespace
}  // namespace muster::store
