// Verification: which verdict, and what it does to a row (SEMANTICS 3, 10.1 to 10.4).
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/verify.h"
#include "tests/support/core_world.h"
#include "tests/support/table.h"

namespace muster::test {
namespace {

/// A report: "com.x -1s; com.x 0s" with install dates; "-" lists one foreign profile only.
ProfilesReported report_of(std::string_view words) {
  ProfilesReported report;
  report.host_uuid = "H1";
  report.detail_updated_at = time_of("3h");
  if (words == "-") report.profiles.add("com.other", "Other", kNow);
  for (const std::string& part : split(words, ';')) {
    const std::vector<std::string> words_of_part = split(part, ' ');
    if (words_of_part.size() != 2) continue;
    report.profiles.add(words_of_part[0], "", time_of(words_of_part[1]));
  }
  return report;
}

// Uploaded at 0s. `previous` is the host's detail_updated_at of before, grace is 3600 s.
TEST(CoreVerify, judgesByDates) {
  const Table table(R"(
case  | catalog  | previous | reported           | before             | after
row 1 | p        | 2h       | com.x 0s           | p: I-verifying     | p: I-verified
row 2 | p        | 2h       | com.x 1us          | p: I-verifying     | p: I-verified
row 3 | p        | 3600s+-1us | com.x -1s        | p: I-verifying     | p: I-verifying
row 4 | p        | 3600s    | com.x -1s          | p: I-verifying     | p: I-null r=1
row 5 | p        | 3600s    | -                  | p: I-verifying     | p: I-null r=1
row 6 | p        | -10d     | -                  | p: I-verifying     | p: I-verifying
row 7 | p        | -20000d  | -                  | p: I-verifying     | p: I-verifying
row 8 | p uploaded=-9000d | 0s | -               | p: I-verifying     | p: I-null r=1
V03 | p; q id=com.y | 24h | com.x 1s | p: I-verifying; q: I-verifying | \
  p: I-verified; q: I-null r=1
V04 | p; q id=com.y | 24h | - | p: I-verifying; q: I-verifying r=3 | \
  p: I-null r=1; q: I-failed r=3 V1
V05   | p        | 2h       | com.x -22h         | p: I-verifying     | p: I-null r=1
V06   | p        | 2h       | com.x -22h         | p: I-verifying r=3 | p: I-failed r=3 V1
V07   | p        | 59m+59s  | com.x -22h         | p: I-verifying     | p: I-verifying
V08   | p        | 0s       | com.x 0s           | p: I-verifying     | p: I-verified
V08 -1us | p     | 2h       | com.x -1us         | p: I-verifying     | p: I-null r=1
V09   | p        | 3600s    | com.x -1s          | p: I-pending       | p: I-null r=1
V10   | p        | 3599s    | com.x -1s          | p: I-pending       | p: I-pending
V11   | p        | 3600s    | -                  | p: I-pending       | p: I-null r=1
V12   | p        | -7d      | -                  | p: I-pending       | p: I-pending
V13   | p        | 2h       | com.x 0s; com.z 0s | p: I-verifying     | p: I-verified
V14   | p team=1 | 2h       | com.x 0s; com.z 0s | -                  | -
V15 once | p     | 2h       | -                  | p: I-verifying r=1 | p: I-null r=2
V15 twice | p    | 2h       | -                  | p: I-verifying r=2 | p: I-null r=3
V16   | p        | 2h       | -                  | p: I-verified r=3  | p: I-failed r=3 V2
V17   | p        | 2h       | -                  | -                  | -
N01   | p        | 2h       |                    | p: I-verifying     | p: I-verifying
N04   | p        | 2h       | com.x -1s; com.x 0s | p: I-verifying    | p: I-verified
N05   | p        | 2h       | com.x 0s; com.x -1s | p: I-verifying    | p: I-null r=1
N07   | p user   | 2h       | com.x 0s           | p: I-verifying     | p: I-verified user
N08   | p user   | 2h       | -                  | p: I-verifying     | p: I-null r=1 user
N09   | p user   | 2h       | -                  | p: I-null          | p: I-null user
)");
  for (const TableRow& row : table) {
    SCOPED_TRACE(row.text());
    CoreWorld world;
    world.change_catalog(row["catalog"]);
    world.host->detail_updated_at = time_of(row["previous"]);
    world.set_rows(row["before"]);
    world.apply(report_of(row["reported"]));
    EXPECT_EQ(world.rows(), row["after"]);
    EXPECT_EQ(world.host->detail_updated_at, time_of("3h"));
  }
}

// The earliest date that counts: the least of its checksum group, or the host's own variables.
TEST(CoreVerify, findsTheEarliestDate) {
  const Table table(R"(
case      | catalog                                      | rows                    | earliest
own       | p uploaded=-24h                              | -                       | -24h
L05 variables | p uploaded=-24h vars                     | p: I-verifying vars=-6h | -6h
L06 older | p uploaded=-24h vars                         | p: I-verifying vars=-30h | -24h
L07 equal | p uploaded=-24h vars                         | p: I-verifying vars=-24h | -24h
L21 group | q team=1 uploaded=-10d; p uploaded=-1d       | -                       | -10d
L22 gone  | q team=1 uploaded=-10d; p uploaded=-1d; q deleted | -                  | -1d
other sum | q team=1 uploaded=-10d sum=2; p uploaded=-1d | -                       | -1d
edited back | q team=1 uploaded=-10d; p uploaded=-1d sum=2; p sum=1 uploaded=0s | - | -10d
)");
  for (const TableRow& row : table) {
    SCOPED_TRACE(row.text());
    for (const bool fresh : {true, false}) {
      CoreWorld world;
      world.change_catalog(row["catalog"]);
      world.set_rows(row["rows"] == "-" ? "p: I-verifying" : row["rows"]);
      const std::string before = world.rows();
      // Missing enough to be tried again, and installed just in time or just too late.
      world.host->detail_updated_at = time_of("30d");
      const std::string date = row["earliest"] + (fresh ? "" : "+-1us");
      world.apply(report_of("com.x " + date));
      const std::string wanted = fresh ? "p: I-verified" : "p: I-null r=1";
      EXPECT_EQ(world.rows().substr(0, wanted.size()), wanted);
    }
  }
}

/// The profile may have another identifier since the row was made, and another team's row, of a
/// profile that misses a label, have that one.
TEST(CoreVerify, takesTheDateOfTheProfilesOwnRow) {
  CoreWorld world;
  world.change_catalog("L1 label; p uploaded=-24h vars; q team=1 id=com.y uploaded=-24h any=L1");
  world.set_rows("p: I-verified vars=-6h; q: I-verifying");
  world.change_catalog("L1 label deleted; p deleted");
  world.change_catalog("p id=com.y uploaded=-24h vars");
  world.host->detail_updated_at = time_of("30d");
  world.apply(report_of("com.y -12h"));
  EXPECT_EQ(world.rows().substr(world.rows().find("q:")), "q: I-null r=1");
}

TEST(CoreVerify, givesVerdictsUnderTheirStatusFilters) {
  const Table table(R"(
case | before                           | verdict | after
U01  | p: I-null                        | verify  | p: I-null
U02  | p: I-pending 'x'                 | verify  | p: I-verified
U03  | p: I-verifying                   | verify  | p: I-verified
U04  | p: I-verified 'kept'             | verify  | p: I-verified 'kept'
U05  | p: I-failed r=3 V1               | verify  | p: I-verified r=3
U06  | p: R-pending                     | verify  | p: R-pending
U07  | p: R-failed                      | verify  | p: R-failed
U08  | p: I-null r=1                    | retry   | p: I-null r=1
U09  | p: I-pending cmd=i1 'x'          | retry   | p: I-null r=1 cmd=i1
U10  | p: I-verifying r=2               | retry   | p: I-null r=3
U11  | p: I-verified                    | retry   | p: I-null r=1
U12  | p: I-failed 'e'                  | retry   | p: I-null r=1
U12b | p: R-pending                     | retry   | p: R-pending
U13  | p: I-pending                     | fail    | p: I-pending
U14  | p: I-verifying                   | fail    | p: I-failed V1
U15  | p: I-verified                    | fail    | p: I-failed V2
U16  | p: I-failed 'e'                  | fail    | p: I-failed 'e'
U17  | p: I-null                        | fail    | p: I-null
U18  | p: R-verifying                   | fail    | p: R-verifying
none | p: I-verifying                   | none    | p: I-verifying
A12  | p: I-verifying; q: I-pending r=2 | retry   | p: I-null r=1; q: I-null r=3
)");
  const std::map<std::string, core::Verdict> verdicts = {{"verify", core::Verdict::kVerified},
                                                         {"retry", core::Verdict::kRetry},
                                                         {"fail", core::Verdict::kFail},
                                                         {"none", core::Verdict::kTolerated}};
  for (const TableRow& row : table) {
    SCOPED_TRACE(row.text());
    CoreWorld world;
    world.change_catalog("p; q team=1");
    world.set_rows(row["before"]);
    const core::ExpectedSet expected(world.catalog, *world.host);
    ASSERT_EQ(expected.size(), 1U);
    const std::vector<core::Verdict> given = {verdicts.at(row["verdict"])};
    const std::string before = world.rows();
    const bool changed =
        core::update_host_mdm_profiles_verification(world.catalog, *world.host, expected, given);
    EXPECT_EQ(world.rows(), row["after"]);
    EXPECT_EQ(changed, world.rows() != before);
  }
}

// The counter of the last row in profile_uuid order decides, removals and other teams' rows too.
TEST(CoreVerify, takesTheLastRowsCounter) {
  const Table table(R"(
case         | before                           | after
last spent   | p: I-verifying; q: R-pending r=3 | p: I-failed V1; q: R-pending r=3
last fresh   | p: I-verifying r=3; q: R-pending | p: I-null r=4; q: R-pending
first counts | a: R-failed r=3; p: I-verifying  | a: R-failed r=3; p: I-null r=1
only one     | p: I-verifying r=3               | p: I-failed r=3 V1
)");
  for (const TableRow& row : table) {
    SCOPED_TRACE(row.text());
    CoreWorld world;
    world.change_catalog("p; q team=1; a team=2");
    world.set_rows(row["before"]);
    world.apply(report_of("-"));
    EXPECT_EQ(world.rows(), row["after"]);
  }
}

TEST(CoreVerify, leavesWindowsAlone) {
  CoreWorld world;
  world.change_catalog("p");
  world.set_host("windows");
  EXPECT_EQ(world.apply(report_of("com.x 0s")).outcome, Outcome::kUnchanged);
  EXPECT_EQ(world.host->detail_updated_at, time_of("3h"));
}

// Set where another time could give another verdict.
TEST(CoreVerify, saysWhetherTimeCounts) {
  const Table table(R"(
reported            | depends
com.x 0s; com.y 0s  | no
com.x 0s            | yes
com.x -1s; com.y 0s | yes
)");
  for (const TableRow& row : table) {
    CoreWorld world;
    world.change_catalog("p; q id=com.y");
    world.set_rows("p: I-verified; q: I-verified");
    world.host->detail_updated_at = kNow;
    const bool depends = world.apply(report_of(row["reported"])).depends_on_time;
    EXPECT_EQ(depends, row["depends"] == "yes") << row.text();
  }
}

}  // namespace
}  // namespace muster::test
