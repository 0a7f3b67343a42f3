// Who gets a profile: what reports are compared with, and what passes install (SEMANTICS 3.1, 5.1,
// 10.4, R36 to R42).
#include <gtest/gtest.h>

#include "core/targeting.h"
#include "tests/support/core_world.h"
#include "tests/support/table.h"

namespace muster::test {
namespace {

// Labels are made at 0s. `new` and `held` are the pass's answers without and with an install row.
TEST(CoreTargeting, answersBothQuestions) {
  const Table table(R"(
case     | catalog                              | host          | expected | new | held
L01      | p                                    |               | yes      | yes | yes
L02      | L1 label; p all=L1                   | labels=L1     | yes      | yes | yes
L03 L12  | L1 label; L2 label; p all=L1,L2      | labels=L1     | no       | no  | no
L04      | L1 label; p all=L1; L1 label deleted |               | no       | no  | no
L08      | L1 label; L2 label; p any=L1,L2      | labels=L1,L2  | yes      | yes | yes
L09      | L1 label; L2 label; p any=L1,L2      | labels=L2     | yes      | yes | yes
L10      | L1 label; L2 label; p any=L1,L2      |               | no       | no  | no
L11      | L1 label; L2 label; p all=L1,L2      | labels=L1,L2  | yes      | yes | yes
L13      | L1 label; L2 label; p all=L1,L2      |               | no       | no  | no
L14      | L1 label; L2 label; p not=L1,L2      | labels=L1,L2  | no       | no  | no
L15      | L1 label; L2 label; p not=L1,L2      | labels=L2     | no       | no  | no
L16      | L1 label; L2 label; p not=L1,L2      |               | yes      | yes | yes
L17      | L1 label; p not=L1; L1 label deleted |               | no       | no  | no
L18      | L1 label; L2 label; p any=L1,L2; L1 label deleted | labels=L2 | yes | yes | yes
L19      | L1 label; L2 label; p all=L1,L2; L1 label deleted | labels=L2 | no | no | no
L20      | p                                    | team=5        | no       | no  | no
R36 R37  | L1 label; p all=L1                   | labels_at=-1s | no       | no  | yes
R36 member | L1 label; p all=L1                 | labels=L1 labels_at=-1s | yes | yes | yes
any new  | L1 label; p any=L1                   | labels_at=-1s | no       | no  | no
R38 R39  | L1 label; p not=L1                   | labels_at=-1s | yes      | no  | yes
R40      | L1 label manual; p not=L1            | labels_at=-1s | yes      | yes | yes
manual all | L1 label manual; p all=L1          | labels_at=-1s | no       | no  | no
R41      | L1 label; p not=L1                   | labels_at=0s  | yes      | yes | yes
R41 all  | L1 label; p all=L1                   | labels_at=0s  | no       | no  | no
R42      | L1 label; L2 label; p any=L1 not=L2  | labels=L1,L2  | no       | no  | no
both pass | L1 label; L2 label; p any=L1 not=L2 | labels=L1     | yes      | yes | yes
include no | L1 label; L2 label; p all=L1 not=L2 |              | no       | no  | no
again    | L1 label; p all=L1; L1 label deleted; L1 label | labels=L1 | no | no  | no
again up | L1 label; p all=L1; L1 label deleted; L1 label; p all=L1 | labels=L1 | yes | yes | yes
)");
  const auto word = [](bool value) { return value ? "yes" : "no"; };
  for (const TableRow& row : table) {
    SCOPED_TRACE(row.text());
    CoreWorld world;
    world.change_catalog(row["catalog"]);
    world.set_host(row["host"]);
    const core::Profile& profile = *world.catalog.find_profile("p");
    EXPECT_EQ(word(core::expected_on(*world.host, profile)), row["expected"]);
    EXPECT_EQ(word(core::desired_on(world.catalog, *world.host, profile, false)), row["new"]);
    EXPECT_EQ(word(core::desired_on(world.catalog, *world.host, profile, true)), row["held"]);
  }
}

TEST(CoreTargeting, roundsLabelTimes) {
  const Table table(R"(
created   | labels_at | unknown
1499999us | 1s        | no
1500000us | 1s        | yes
1500000us | 2s        | no
499999us  | 0s        | no
)");
  for (const TableRow& row : table) {
    CoreWorld world;
    world.change_catalog("L1 label created=" + row["created"]);
    world.set_host("labels_at=" + row["labels_at"]);
    EXPECT_EQ(core::membership_unknown(*world.host, *world.catalog.find_label("L1")),
              row["unknown"] == "yes")
        << row.text();
  }
}

TEST(CoreTargeting, teamsKnowTheLabelsThatTheirProfilesNameInOrderAndOnce) {
  CoreWorld world;
  world.change_catalog(
      "L1 label; L2 label; L3 label; L4 label; p any=L3,L1; q id=com.y any=L2 not=L3; r team=5 "
      "any=L4");
  const auto labels_of = [&world](TeamId team) {
    std::string names;
    for (const core::LabelNumber number : world.catalog.find_team(team)->labels) {
      names += world.catalog.find_label(number)->name + ' ';
    }
    return names;
  };
  EXPECT_EQ(labels_of(0), "L1 L2 L3 ");
  EXPECT_EQ(labels_of(5), "L4 ");
}

}  // namespace
}  // namespace muster::test
