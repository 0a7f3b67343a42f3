#include "tools/table.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "tools/progress.h"

namespace muster::tool {
namespace {

std::string printed(const Table& table, bool colour = false) {
  std::ostringstream out;
  table.print(out, colour);
  return out.str();
}

TEST(Table, AlignsColumnsAndLeavesNoBlanksAtTheEnd) {
  Table table({{"host"}, {"rows", Align::kRight}, {"detail"}});
  table.add({"H1", std::uint64_t{1234}, "fine"});
  table.add({"a longer one", std::uint64_t{5}, ""});
  EXPECT_EQ(printed(table),
            "host           rows  detail\n"
            "H1            1,234  fine\n"
            "a longer one      5\n");
}

TEST(Table, HasNoHeadLineWithoutTitles) {
  Table table({{}, {}});
  table.add({"host", "H1"});
  table.add({"team", "7"});
  EXPECT_EQ(printed(table), "host  H1\nteam  7\n");
}

TEST(Table, EscapesCellsAndColoursOnlyWhenAsked) {
  Table table({{"status"}, {"detail"}});
  table.add({status_cell(DeliveryStatus::kFailed), "\x1b[2J"});
  EXPECT_EQ(printed(table), "status  detail\nfailed  \\u001b[2J\n");
  EXPECT_NE(printed(table, true).find("\x1b[31mfailed\x1b[0m"), std::string::npos);
}

TEST(Table, CountsWideAndCombiningCharacters) {
  Table table({{}, {}});
  table.add({"\xe6\xbc\xa2", "x"});
  table.add({"a\xcc\x88-", "x"});
  EXPECT_EQ(printed(table), "\xe6\xbc\xa2  x\na\xcc\x88-  x\n");
}

TEST(Table, FillsMissingCells) {
  Table table({{"a"}, {"b"}});
  table.add({"x"});
  EXPECT_EQ(printed(table), "a  b\nx\n");
}

TEST(Grouped, SetsGroupsOfThree) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(grouped(UINT64_MAX), "18,446,744,073,709,551,615");
}

TEST(StatusCell, NamesUnsent) {
  EXPECT_EQ(status_cell(DeliveryStatus::kUnsent).text, "unsent");
  EXPECT_EQ(status_cell(DeliveryStatus::kVerifying).text, "verifying");
}

TEST(ReportTimeCell, NamesNever) {
  EXPECT_EQ(report_time_cell(Timestamp{946'684'800'000'000}).text, "never");
  EXPECT_EQ(report_time_cell(Timestamp{946'684'801'500'000}).text, "2000-01-01T00:00:01.5Z");
}

TEST(ProgressLine, ShowsShareRateAndTimeLeft) {
  EXPECT_EQ(progress_line({.done = 50, .total = 200, .events = 3000, .seconds = 2}),
            "[######..................]  25 %  3,000 events  1,500/s  0:06 left");
  EXPECT_EQ(progress_line({.done = 0, .total = 200, .events = 0, .seconds = 0}),
            "[........................]   0 %");
  EXPECT_EQ(progress_line({.done = 9, .total = 0, .events = 10, .seconds = 1}), "10 events  10/s");
  EXPECT_EQ(progress_line({.done = 300, .total = 200, .events = 1, .seconds = 1}),
            "[########################] 100 %  1 events  1/s  0:00 left");
}

TEST(Progress, WritesNothingWhereItIsOffOrShort) {
  std::ostringstream err;
  {
    Progress off(err, false);
    off.update(1, 2, 3);
    Progress short_work(err, true);
    short_work.update(1, 2, 3);
  }
  EXPECT_EQ(err.str(), "");
}

}  // namespace
}  // namespace muster::tool
