// Numbers, scales and texts of the report.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "bench/report/drawing.h"
#include "bench/report/quantity.h"
#include "bench/report/scale.h"

namespace muster::bench::report {
namespace {

TEST(Quantities, areShownInUnitsOfPeople) {
  struct Case {
    std::string shown;
    const char* expected;
  };
  const std::vector<Case> cases = {
      {in_count(0), "0"},
      {in_count(0.00391), "0.004"},
      {in_count(7), "7"},
      {in_count(999.4), "999"},
      {in_count(999.7), "1k"},
      {in_count(12'345), "12.3k"},
      {in_count(1'250'000), "1.25M"},
      {in_count(3e9), "3G"},
      {in_count(1e18), "1.0e+09G"},
      {in_count({}), ""},
      {in_time(0), "0"},
      {in_time(0.35), "350 ns"},
      {in_time(2.146), "2.15 \xC2\xB5s"},
      {in_time(99.96), "100 \xC2\xB5s"},
      {in_time(4'100), "4.1 ms"},
      {in_time(2.5e6), "2.5 s"},
      {in_bytes(96), "96 B"},
      {in_bytes(1'536), "1.5 KiB"},
      {in_bytes(536'870'912), "512 MiB"},
      {in_ratio(1.9), "1.9x"},
      {in_ratio(28.44), "28.4x"},
      {in_ratio({}), ""},
  };
  for (const Case& wanted : cases) EXPECT_EQ(wanted.shown, wanted.expected);
}

void expect_sound(const Scale& scale, const std::vector<double>& values) {
  const std::vector<double>& ticks = scale.ticks();
  EXPECT_GE(ticks.size(), 2U);
  EXPECT_LE(ticks.size(), 9U);
  EXPECT_TRUE(std::is_sorted(ticks.begin(), ticks.end()));
  for (std::size_t i = 1; i < ticks.size(); ++i) {
    EXPECT_GE(scale.at(ticks[i]) - scale.at(ticks[i - 1]), 0.09) << ticks[i];
  }
  for (const double value : values) {
    EXPECT_GE(scale.at(value), 0) << value;
    EXPECT_LE(scale.at(value), 1) << value;
  }
}

TEST(Scales, haveTicksThatStandApart) {
  const std::vector<std::vector<double>> all = {
      {1},        {0, 0.3}, {5, 99},           {1, 20.5},   {999, 1001},          {0.001, 1e18},
      {3e5, 7e6}, {64, 70}, {1e-9, 2e-9, 1e9}, {250, 5200}, {1, 2, 4, 8, 16, 32}, {1024, 1048576}};
  for (const std::vector<double>& values : all) {
    SCOPED_TRACE(testing::PrintToString(values));
    for (const Ladder ladder : {Ladder::kDecimal, Ladder::kBinary}) {
      expect_sound(Scale::for_bars(values, 240, ladder), values);
      expect_sound(Scale::logarithmic(values, 240, ladder), values);
    }
  }
}

TEST(Scales, areLogarithmicWhereTheSpanAsksForIt) {
  const std::array narrow = {5.0, 99.0};
  const std::array wide = {4.0, 99.0};
  const Scale linear = Scale::for_bars(narrow, 240);
  EXPECT_FALSE(linear.is_logarithmic());
  EXPECT_DOUBLE_EQ(linear.at(49.5), linear.at(99) / 2);
  const Scale logarithmic = Scale::for_bars(wide, 240);
  EXPECT_TRUE(logarithmic.is_logarithmic());
  EXPECT_GT(logarithmic.at(4), 0) << "the shortest bar cannot be seen";
  EXPECT_DOUBLE_EQ(logarithmic.at(40) - logarithmic.at(4), logarithmic.at(50) - logarithmic.at(5));
  EXPECT_DOUBLE_EQ(Scale::for_lines(wide, 240).at(2), 0);
}

TEST(Texts, areShortenedBetweenLetters) {
  EXPECT_EQ(fit("short", 12, 100), "short");
  const std::string shortened = fit(std::string(200, 'a'), 12, 100);
  EXPECT_TRUE(shortened.ends_with("a..."));
  EXPECT_LE(text_width(shortened, 12), 100);
  std::string umlauts;
  for (int i = 0; i < 50; ++i) umlauts += "\xC3\xBC";
  EXPECT_EQ(fit(umlauts, 10, 45).size() % 2, 1U) << "a letter is cut: " << fit(umlauts, 10, 45);
}

TEST(Texts, areWrapped) {
  EXPECT_TRUE(wrap("", 10, 100).empty());
  const std::vector<std::string> lines = wrap("one two  three " + std::string(90, 'w'), 10, 50);
  ASSERT_GE(lines.size(), 2U);
  for (const std::string& line : lines) EXPECT_LE(text_width(line, 10), 50) << line;
  EXPECT_TRUE(lines.front().starts_with("one two"));
}

TEST(Texts, areEscaped) {
  EXPECT_EQ(escape("<a href='x'>&\"</a>"), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;&lt;/a&gt;");
  EXPECT_EQ(escape(std::string("a\0\x1B\n", 4)), "a\xEF\xBF\xBD\xEF\xBF\xBD\n");
}

}  // namespace
}  // namespace muster::bench::report
