// Buckets and counts (SEMANTICS 6, 10.8; 13 B4).
#include <gtest/gtest.h>

#include "core/summary.h"
#include "tests/support/core_world.h"
#include "tests/support/table.h"

namespace muster::test {
namespace {

std::string text_of(std::optional<DeliveryStatus> status) {
  return status ? std::string(name_of(*status)) : "none";
}

TEST(CoreSummary, takesTheWorstRow) {
  const Table table(R"(
case  | rows                                         | bucket
S01   | a: I-null; b: I-null                         | pending
S02   | a: I-pending; b: I-pending                   | pending
S03   | a: I-failed; b: I-failed; c: I-pending       | failed
S04   | a: I-failed; b: I-verifying; c: I-pending    | failed
S05   | -                                            | none
S06   | a: I-verifying; b: I-null                    | pending
S07   | a: I-verifying; b: I-verifying               | verifying
S08   | a: I-verifying; b: R-pending                 | pending
S09   | a: R-pending; b: I-verifying; c: I-verifying | pending
S10   | a: R-verifying; b: I-verifying               | verifying
S11   | a: I-verified; b: I-verifying                | verifying
S12   | a: I-verified; b: I-verified                 | verified
S13   | a: R-failed; b: I-verified                   | failed
S14   | a: R-null; b: I-verified                     | pending
S20   | a: R-verifying; b: R-verified                | none
mixed | a: R-verified; b: I-verified                 | verified
)");
  for (const TableRow& row : table) {
    CoreWorld world;
    world.change_catalog("a; b id=com.b; c id=com.c");
    world.set_rows(row["rows"]);
    EXPECT_EQ(text_of(core::bucket_of(*world.host)), row["bucket"]) << row.text();
  }
}

TEST(CoreSummary, windowsHostsHaveNoBucket) {
  CoreWorld world;
  world.change_catalog("a");
  world.set_rows("a: I-failed");
  world.host->platform = Platform::kWindows;
  EXPECT_EQ(core::bucket_of(*world.host), std::nullopt);
}

TEST(CoreSummary, countsRowsByStatus) {
  const Table table(R"(
row         | counted
I-null      | pending
I-pending   | pending
I-verifying | verifying
I-verified  | verified
I-failed    | failed
R-null      | none
R-pending   | pending
R-verifying | none
R-verified  | none
R-failed    | failed
)");
  for (const TableRow& row : table) {
    CoreWorld world;
    world.change_catalog("a");
    world.set_rows("a: " + row["row"]);
    EXPECT_EQ(text_of(core::counted_as(world.host->slots.at(0))), row["counted"]) << row.text();
  }
}

}  // namespace
}  // namespace muster::test
