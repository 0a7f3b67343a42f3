#include "base/time.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <utility>

namespace muster::base {
namespace {

std::string canonical(std::string_view text) {
  const std::optional<Timestamp> time = parse_rfc3339(text);
  return time ? to_string(*time) : "refused";
}

std::string canonical_install(std::string_view text) {
  const std::optional<Timestamp> time = parse_install_date(text);
  return time ? to_string(*time) : "refused";
}

TEST(Time, ReadsRfc3339) {
  const std::pair<std::string_view, std::string_view> table[] = {
      {"1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"},
      {"2025-06-01T07:41:37Z", "2025-06-01T07:41:37Z"},
      {"2025-06-01t07:41:37z", "2025-06-01T07:41:37Z"},
      {"2025-06-01 07:41:37Z", "2025-06-01T07:41:37Z"},
      {"2025-06-01T07:41:37.727Z", "2025-06-01T07:41:37.727Z"},
      {"2025-06-01T07:41:37.083710Z", "2025-06-01T07:41:37.08371Z"},
      {"2025-06-01T07:41:37.000001Z", "2025-06-01T07:41:37.000001Z"},
      {"2025-06-01T07:41:37.123456999Z", "2025-06-01T07:41:37.123456Z"},
      {"2025-06-01T07:41:37.0Z", "2025-06-01T07:41:37Z"},
      {"2025-06-01T07:41:37+02:00", "2025-06-01T05:41:37Z"},
      {"2025-06-01T07:41:37-0530", "2025-06-01T13:11:37Z"},
      {"2025-06-01T07:41:37-00:00", "2025-06-01T07:41:37Z"},
      {"2025-01-01T00:00:00+23:59", "2024-12-31T00:01:00Z"},
      {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"},
      {"2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z"},
      {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
      {"9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"},
      {"1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.5Z"},
  };
  for (const auto& [text, expected] : table) EXPECT_EQ(canonical(text), expected) << text;
}

// Times that end with Z are read without a scanner.
TEST(Time, UsualFormsReadAsAllOthers) {
  std::mt19937_64 random(4711);
  int read = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text = "2026-02-28T08:59:07";
    for (std::uint64_t left = random() % 5; left > 0; --left) {
      constexpr std::string_view kBytes = "0123456789012345678901234567890-:T /\xFF";
      text[random() % text.size()] = kBytes[random() % kBytes.size()];
    }
    if (random() % 2 == 0) {
      text += '.';
      for (std::uint64_t left = random() % 11; left > 0; --left) {
        text += static_cast<char>(random() % 64 == 0 ? ' ' : '0' + random() % 10);
      }
    }
    const auto usual = parse_rfc3339(text + "Z");
    ASSERT_EQ(usual, parse_rfc3339(text + "+00:00")) << text;
    ASSERT_EQ(usual, parse_install_date(text + "Z")) << text;
    read += usual ? 1 : 0;
  }
  EXPECT_GT(read, 50'000);
  EXPECT_LT(read, 150'000);
}

TEST(Time, RefusesWhatIsNoTime) {
  for (std::string_view text : {
           "",
           "garbage",
           "2025-06-01",
           "2025-06-01T07:41:37",
           "2025-06-01T07:41Z",
           "2025-06-01T07:41:60Z",
           "2025-06-01T24:00:00Z",
           "2025-06-01T07:60:00Z",
           "2025-02-29T00:00:00Z",
           "2100-02-29T00:00:00Z",
           "2025-04-31T00:00:00Z",
           "2025-13-01T00:00:00Z",
           "2025-00-01T00:00:00Z",
           "2025-01-00T00:00:00Z",
           "0000-01-01T00:00:00Z",
           "2025-06-01T07:41:37.Z",
           "2025-06-01T07:41:37.1234567890Z",
           "2025-06-01T07:41:37+24:00",
           "2025-06-01T07:41:37+02:60",
           "2025-06-01T07:41:37+2:00",
           "2025-06-01T07:41:37 +0200",
           "2025-06-01T07:41:37ZZ",
           " 2025-06-01T07:41:37Z",
           "2025-06-01T07:41:37Z ",
           "2025-6-1T07:41:37Z",
           "-025-06-01T07:41:37Z",
           "20250-06-01T07:41:37Z",
           "2025-06-01X07:41:37Z",
           "2025-06-01T07:41:37,5Z",
           "0001-01-01T00:00:00+00:01",
           "9999-12-31T23:59:59-00:01",
           "2025-06-01T07:41:37+02:",
       }) {
    EXPECT_EQ(canonical(text), "refused") << text;
  }
  EXPECT_EQ(canonical(std::string_view("2025-06-01T07:41:37\0", 20)), "refused");
}

TEST(Time, ReadsInstallDates) {
  const std::pair<std::string_view, std::string_view> table[] = {
      {"2025-06-01 07:41:37 +0000", "2025-06-01T07:41:37Z"},
      {"2025-06-01 07:41:37 +0200", "2025-06-01T05:41:37Z"},
      {"2025-06-01 07:41:37 -0230", "2025-06-01T10:11:37Z"},
      {"2025-06-01T07:41:37.5Z", "2025-06-01T07:41:37.5Z"},
      {"2025-06-01 07:41:37", "refused"},
      {"2025-06-01 07:41:37 Z", "refused"},
      {"2025-06-01 07:41:37  +0000", "refused"},
      {"2025-06-01", "refused"},
      {"", "refused"},
  };
  for (const auto& [text, expected] : table) EXPECT_EQ(canonical_install(text), expected) << text;
}

TEST(Time, RoundsHalfUp) {
  const std::pair<std::int64_t, std::int64_t> table[] = {
      {0, 0},  {499'999, 0},  {500'000, 1'000'000},   {1'499'999, 1'000'000},
      {-1, 0}, {-500'000, 0}, {-500'001, -1'000'000}, {-1'500'000, -1'000'000},
  };
  for (const auto& [micros, expected] : table) {
    EXPECT_EQ(round_to_seconds({micros}).micros, expected) << micros;
  }
}

TEST(Time, EveryValueCanBePrintedAndRounded) {
  using Limits = std::numeric_limits<std::int64_t>;
  for (std::int64_t micros : {Limits::min(), Limits::max(), Limits::min() + 1}) {
    EXPECT_FALSE(to_string(Timestamp{micros}).empty());
    EXPECT_EQ(round_to_seconds({micros}).micros % kMicrosPerSecond, 0);
  }
}

TEST(Time, PrintedTimesReadBack) {
  constexpr unsigned kSeed = 20250601;
  std::mt19937_64 random(kSeed);
  const Timestamp first = *parse_rfc3339("0001-01-01T00:00:00Z");
  const Timestamp last = *parse_rfc3339("9999-12-31T23:59:59.999999Z");
  std::uniform_int_distribution<std::int64_t> micros(first.micros, last.micros);
  for (int round = 0; round < 20'000; ++round) {
    const Timestamp time{micros(random)};
    ASSERT_EQ(parse_rfc3339(to_string(time)), time) << "seed " << kSeed << ", " << time.micros;
  }
}

TEST(Time, DaysFollowEachOther) {
  // Every day of 800 years has a date of its own that reads back.
  constexpr std::int64_t kDay = 86'400 * kMicrosPerSecond;
  std::string previous;
  for (std::int64_t day = -146'097; day < 146'097; ++day) {
    const std::string text = to_string(Timestamp{day * kDay});
    ASSERT_EQ(parse_rfc3339(text), Timestamp{day * kDay});
    ASSERT_GT(text, previous);
    previous = text;
  }
}

}  // namespace
}  // namespace muster::base
