// A pass on one host (SEMANTICS 5, 10.6; 13 A9 to A11, C4 to C7).
#include <gtest/gtest.h>

#include <string>

#include "core/reconcile.h"
#include "tests/support/core_world.h"
#include "tests/support/table.h"

namespace muster::test {
namespace {

/// Columns: case, host, catalog, before, later (changes of the catalog once the rows stand), after.
/// A second pass at the same time must change nothing.
void expect_passes(std::string_view text) {
  const Table table(text);
  ASSERT_GT(table.size(), 0U);
  for (const TableRow& row : table) {
    SCOPED_TRACE(row.text());
    CoreWorld world;
    world.change_catalog(row["catalog"]);
    world.set_host(row["host"]);
    world.set_rows(row["before"]);
    world.change_catalog(row["later"]);
    const std::string before = world.rows();
    const core::HostPass pass = world.reconcile();
    EXPECT_EQ(world.rows(), row["after"]);
    EXPECT_EQ(pass.changed, world.rows() != before);
    const std::size_t issued = world.issued;
    EXPECT_FALSE(world.reconcile().changed);
    EXPECT_EQ(world.issued, issued);
    EXPECT_EQ(world.rows(), row["after"]);
  }
}

TEST(CoreReconcile, installs) {
  expect_passes(R"(
case    | host | catalog       | before              | later         | after
R01     |      | p             | -                   |               | p: I-pending cmd=new
R03     |      | p vars        | -                   |               | \
  p: I-pending cmd=new vars=-3m
R04     |      | p             | p: I-null r=1 cmd=i1 |              | p: I-pending r=1 cmd=new
R05     |      | p             | p: I-pending cmd=i1 |               | p: I-pending cmd=i1
R06     |      | p             | p: I-failed r=3 'x' |               | p: I-failed r=3 'x'
R07     |      | p             | p: I-verified r=2 'x' | p sum=2     | p: I-pending r=2 cmd=new
R08     |      | p             | p: I-failed r=3 V1  | p sum=2       | p: I-pending r=3 cmd=new
R09     |      | p secrets=-2s | p: I-verified       | p secrets=-1s | p: I-pending cmd=new
R09 same |     | p secrets=-2s | p: I-verified       | p secrets=-2s | p: I-verified
R09 old |      | p secrets=-2s | p: I-verified       | p secrets=-3s | p: I-verified
R10     |      | p             | p: I-verified       | p secrets=-1s | p: I-pending cmd=new
R11     |      | p secrets=-2s | p: I-verified       | p secrets=none | p: I-verified
R12     |      | p             | p: R-failed 'x'     |               | p: I-pending cmd=new
R13     |      | p             | p: R-pending r=1 cmd=r1 ignore |    | p: I-pending r=1 cmd=new
vars go |      | p vars        | p: I-null vars=-9m  | p             | \
  p: I-pending cmd=new vars=-3m
renamed |      | p             | p: I-verified       | p name=B      | p: I-verified
R47     | unenrolled | p       | -                   |               | -
windows | windows | p          | -                   |               | -
R51     | ios  | p name=Fleetd_configuration | -     |               | -
R51 mac |      | p name=Fleetd_configuration | -     |               | p: I-pending cmd=new
C7      | ipados | p name=Disk_encryption | p: I-verified |          | p: I-verified
)");
}

TEST(CoreReconcile, removes) {
  expect_passes(R"(
case      | host   | catalog | before                     | later | after
R14       | team=1 | p       | p: I-verified r=2 cmd=i1 'x' |     | p: R-pending r=2 cmd=new
verifying | team=1 | p       | p: I-verifying r=2 cmd=i1  |       | p: R-pending r=2 cmd=new
A9 ignore | team=1 | p       | p: I-verified ignore       |       | p: R-pending cmd=new ignore
R15       | team=1 | p       | p: I-pending r=2 cmd=i1    |       | p: R-pending cmd=new ignore
R16       | team=1 | p       | p: I-null r=2 cmd=i1       |       | p: R-pending r=2 cmd=new
R17       | team=1 | p       | p: I-failed 'device error' |       | -
R18 V1    | team=1 | p       | p: I-failed r=3 V1         |       | p: R-pending cmd=new ignore
R18 V2    | team=1 | p       | p: I-failed r=3 V2         |       | p: R-pending cmd=new ignore
text      | team=1 | p       | p: I-failed desktop        |       | -
R-null    | team=1 | p       | p: R-null r=1 cmd=r1 ignore |      | \
  p: R-pending r=1 cmd=new ignore
R-pending | team=1 | p       | p: R-pending cmd=r1        |       | p: R-pending cmd=r1
R-failed  | team=1 | p       | p: R-failed cmd=r1 'x'     |       | p: R-failed cmd=r1 'x'
variables | team=1 | p vars  | p: I-verified vars=-9m     |       | p: R-pending cmd=new
R31       | team=1 | p user  | p: I-verified              |       | -
R31 channel | team=1 channel | p user | p: I-verified     |       | p: R-pending cmd=new user
P10       |        | p       | p: I-null                  | p deleted | -
P11 |  | p | p: I-pending r=1 cmd=i1 'x' | p deleted | p: R-pending r=1 cmd=new ignore
P12       |        | p       | p: I-verified cmd=i1       | p deleted | p: R-pending cmd=new
P13 |  | p | p: I-failed r=3 cmd=i1 'x' | p deleted | p: R-pending r=3 cmd=new ignore
)");
}

// The wait is 2 h since the enrolment.
TEST(CoreReconcile, waitsForUserChannels) {
  expect_passes(R"(
case    | host               | catalog | before              | later | after
R27     | enrolled=-119m     | p user  | -                   |       | p: I-null user
just not | enrolled=-2h+1us  | p user  | -                   |       | p: I-null user
equal   | enrolled=-2h       | p user  | -                   |       | p: I-failed user desktop
R28     | enrolled=-121m     | p user  | -                   |       | p: I-failed user desktop
R29     | enrolled=-121m ipados | p user | -                 |       | p: I-failed user mobile
C1 wait | enrolled=-119m ios | p user  | -                   |       | p: I-null user
C1 sent | channel ios        | p user  | -                   |       | p: I-pending cmd=new user
channel | channel            | p user  | p: I-null cmd=i1    |       | p: I-pending cmd=new user
R30     | enrolled=-121m     | p user  | p: I-null r=1       |       | \
  p: I-failed r=1 user desktop
waiting | enrolled=-119m     | p user  | p: I-null r=1 cmd=i1 'x' |  | p: I-null r=1 user
failed  | enrolled=-1m       | p user  | p: I-failed desktop |       | p: I-failed user desktop
)");
}

TEST(CoreReconcile, setsTheDeadlineOfAWait) {
  CoreWorld world;
  world.change_catalog("p user; q id=com.y");
  world.set_host("enrolled=-1h");
  world.reconcile();
  EXPECT_EQ(world.host->due, time_of("1h"));
  world.reconcile(time_of("1h"));
  EXPECT_EQ(world.host->due, core::kNotDue);
  EXPECT_EQ(world.rows().substr(0, 13), "p: I-failed u");
}

TEST(CoreReconcile, leavesRowsOfBrokenLabels) {
  expect_passes(R"(
case    | host | catalog            | before        | later            | after
R23     |      | L1 label; p all=L1 | p: I-verified | L1 label deleted | p: I-verified
C4 remove |    | L1 label; p all=L1 | p: R-null     | L1 label deleted | p: R-null
exclude |      | L1 label; p not=L1 | p: I-verified | L1 label deleted | p: I-verified
R24     |      | L1 label; p all=L1 | -             | L1 label deleted | -
desired | labels=L2 | L1 label; L2 label; p any=L1,L2 | p: I-null | L1 label deleted | \
  p: I-pending cmd=new
not mine |     | L1 label; L2 label; p any=L1,L2 | p: I-null | L1 label deleted | p: I-null
again |  | L1 label; p all=L1 | p: I-verified | L1 label deleted; L1 label; p all=L1 | \
  p: R-pending cmd=new
)");
}

// q is the team's, p another team's; both have the identifier com.x.
TEST(CoreReconcile, takesOver) {
  expect_passes(R"(
case     | host   | catalog           | before                | later | after
R19      | team=1 | p; q team=1       | p: I-verified cmd=i1 r=2 'x' |  | q: I-verified cmd=i1 'x'
verifying | team=1 | p; q team=1      | p: I-verifying cmd=i1 |       | q: I-verifying cmd=i1
pending  | team=1 | p; q team=1       | p: I-pending cmd=i1 ignore |  | q: I-pending cmd=i1
R20      | team=1 | p; q team=1       | p: I-failed cmd=i1 V1 |       | q: I-pending cmd=new
R21      | team=1 | p; q team=1       | p: I-null cmd=i1      |       | q: I-pending cmd=new
R22      | team=1 | p; q team=1 sum=2 | p: I-verified cmd=i1  |       | q: I-pending cmd=new
removal  | team=1 | p; q team=1       | p: R-null cmd=r1      |       | q: I-pending cmd=new
sent away | team=1 | p; q team=1 | p: R-pending cmd=r1 |  | \
  p: R-pending cmd=r1; q: I-pending cmd=new
variables | team=1 | p vars; q team=1 vars | p: I-verified cmd=i1 vars=-9m |  | \
  q: I-verified cmd=i1
scope    | team=1 | p; q team=1 user  | p: I-verified cmd=i1  |       | q: I-verified cmd=i1
scope 2  | team=1 | p user; q team=1  | p: I-verified cmd=i1  |       | q: I-verified cmd=i1 user
secrets  | team=1 | p; q team=1 secrets=9s | p: I-verified cmd=i1 |   | q: I-verified cmd=i1
own row | team=1 | p; q team=1 | p: I-verified r=1 cmd=i1; q: R-failed r=2 'x' |  | \
  q: I-verified r=2 cmd=i1
held back | team=1 ios | p; q team=1 name=Disk_encryption | p: I-verified |  | \
  p: R-pending cmd=new
other id | team=1 | p; q team=1 id=com.X | p: I-verified |  | \
  p: R-pending cmd=new; q: I-pending cmd=new
)");
}

// A10: dropped for a profile of this pass's install set, whatever becomes of it.
TEST(CoreReconcile, dropsRowsForArrivals) {
  expect_passes(R"(
case    | host   | catalog               | before                       | later | after
waits   | team=1 enrolled=-1h | p sum=2; q team=1 user | p: I-verified  |       | q: I-null user
fails | team=1 | p sum=2; q team=1 user | p: I-verified |  | q: I-failed user desktop
settled | team=1 | p; q team=1 | p: I-verified; q: I-verified |  | \
  p: R-pending cmd=new; q: I-verified
several | team=1 | p; q team=1; o team=2 | o: I-verified cmd=i1; p: I-pending cmd=i2 |  | \
  q: I-pending cmd=i2
last no | team=1 | p; q team=1; o team=2 | o: I-verified cmd=i1; p: I-failed V1 |  | \
  q: I-pending cmd=new
)");
}

TEST(CoreReconcile, visitsWhatIsDue) {
  CoreWorld world;
  world.change_catalog("p");
  world.host->due = core::kNotDue;
  world.host->reconciled = 1;
  EXPECT_FALSE(core::wants_visit(world.catalog, *world.host, kNow, 1));
  EXPECT_TRUE(core::wants_visit(world.catalog, *world.host, kNow, 0) ||
              world.host->reconciled >= world.catalog.epoch_of(0));
  world.host->due = time_of("1s");
  EXPECT_FALSE(core::wants_visit(world.catalog, *world.host, kNow, 1));
  EXPECT_TRUE(core::wants_visit(world.catalog, *world.host, time_of("1s"), 1));
  world.host->mark_due();
  EXPECT_TRUE(core::wants_visit(world.catalog, *world.host, kNow, 1));
  world.host->due = core::kNotDue;
  world.change_catalog("p sum=2");
  EXPECT_TRUE(core::wants_visit(world.catalog, *world.host, kNow, 1));
}

}  // namespace
}  // namespace muster::test
