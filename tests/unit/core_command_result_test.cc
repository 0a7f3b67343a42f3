// Answers of devices (SEMANTICS 10.5, 13 A3 to A7, A13).
#include <gtest/gtest.h>

#include <string>

#include "tests/support/core_world.h"
#include "tests/support/table.h"

namespace muster::test {
namespace {

/// "i1 Error89 'text'": command, the device's word, and the text.
CommandResult answer_of(std::string_view words) {
  CommandResult answer;
  answer.host_uuid = "H1";
  const std::vector<std::string> parts = split(words, ' ');
  answer.command_uuid = parts.at(0);
  answer.status = parts.at(1);
  if (answer.status == "Error89") {
    answer.status = "Error";
    answer.error_chain = std::vector<ErrorChainEntry>{{12021, "Other", {}, {}},
                                                      {89, "MDMClientError", {}, "not found"}};
  } else if (answer.status == "Chain") {
    answer.status = "Error";
    answer.error_chain =
        std::vector<ErrorChainEntry>{{1, "A", "lokal", "first"}, {-2, "B", {}, {}}};
  }
  if (parts.size() > 2) answer.detail = parts[2].substr(1, parts[2].size() - 2);
  return answer;
}

TEST(CoreCommandResult, movesTheRowThatCarriesTheCommand) {
  const Table table(R"(
case | host | before                  | answer          | outcome   | after
A01  |      | p: I-pending cmd=i1 'old' | i1 Acknowledged | applied | p: I-verifying cmd=i1
A01 text |  | p: I-pending cmd=i1 'old' | i1 Acknowledged 'new' | applied | \
  p: I-verifying cmd=i1 'new'
A02  | ios  | p: I-pending cmd=i1     | i1 Acknowledged | applied   | p: I-verified cmd=i1
A03  | ipados | p: I-pending cmd=i1   | i1 Acknowledged | applied   | p: I-verified cmd=i1
A04  |      | p: I-verified cmd=i1    | i1 Acknowledged | applied   | p: I-verifying cmd=i1
A05  |      | p: I-null cmd=i1        | i1 Acknowledged | applied   | p: I-verifying cmd=i1
A06  |      | p: I-pending cmd=i2     | i1 Acknowledged | unchanged | p: I-pending cmd=i2
A07  |      | p: I-pending cmd=i1 'old' | i1 Error 'x'  | applied   | p: I-null r=1 cmd=i1
A08  |      | p: I-pending r=2 cmd=i1 | i1 CommandFormatError | applied | p: I-null r=3 cmd=i1
A09  |      | p: I-pending r=3 cmd=i1 | i1 Error 'x'    | applied   | p: I-failed r=3 cmd=i1 'x'
A10  |      | p: I-null r=1 cmd=i1    | i1 Error        | unchanged | p: I-null r=1 cmd=i1
A11  |      | p: I-pending cmd=i2     | i9 Error        | no_waiting_row | p: I-pending cmd=i2
A12  |      | p: I-pending cmd=i1 'old' | i1 NotNow     | applied   | p: I-pending cmd=i1
A13  |      | p: I-null cmd=i1        | i1 NotNow       | applied   | p: I-pending cmd=i1
A14  |      | p: I-pending r=2 cmd=i1 | i1 Weird        | applied   | p: I-null r=2 cmd=i1
A15  |      | p: I-pending cmd=i1     | i1 Idle         | unchanged | p: I-pending cmd=i1
idle |      | p: I-pending cmd=i1     | x1 Idle         | unchanged | p: I-pending cmd=i1
unknown |   | p: I-pending cmd=i1     | x1 Acknowledged | unknown_command | p: I-pending cmd=i1
A16  |      | p: R-pending cmd=r1     | r1 Acknowledged | applied   | -
A17 |  | p: R-pending cmd=r1 | r1 Error 'x' | applied | p: R-failed cmd=r1 'Failed to remove: x'
A18  |      | p: R-pending cmd=r1 ignore | r1 Error     | applied   | -
A19  |      | p: R-pending cmd=r1     | r1 Error89      | applied   | -
A6   |      | p: I-pending cmd=i1     | r9 Error89      | unchanged | p: I-pending cmd=i1
A20  |      | p: R-pending cmd=r1 'old' | r1 NotNow 'x' | applied   | p: R-pending cmd=r1 'x'
A20 weird |  | p: R-pending cmd=r1    | r1 Weird 'x'    | applied   | p: R-null cmd=r1 'x'
A21  |      | p: I-pending cmd=i1     | r9 Acknowledged | unchanged | p: I-pending cmd=i1
A22  |      | p: I-pending cmd=i1     | r9 Error        | no_removal_row | p: I-pending cmd=i1
A23  |      | p: R-null cmd=i1        | i1 Acknowledged | applied   | p: I-verifying cmd=i1
A25  |      | p: I-failed cmd=i1 V1   | i1 Acknowledged | applied   | p: I-verifying cmd=i1
A13 spent |  | p: R-pending r=3 cmd=i1 | i1 Error 'x'   | applied   | p: I-failed r=3 cmd=i1 'x'
A13 left |  | p: R-pending r=1 cmd=i1 | i1 Error 'x'    | unchanged | p: R-pending r=1 cmd=i1
chain |  | p: I-pending r=3 cmd=i1 | i1 Chain | applied | \
  p: I-failed r=3 cmd=i1 'A (1): first/B (-2): /'
)");
  for (const TableRow& row : table) {
    SCOPED_TRACE(row.text());
    CoreWorld world;
    world.change_catalog("p");
    world.set_host(row["host"]);
    for (const char* name : {"i1", "i2", "i9", "r1", "r9"}) world.command(name);
    world.set_rows(row["before"]);
    const core::Step step = world.apply(answer_of(row["answer"]));
    EXPECT_EQ(name_of(step.outcome), row["outcome"]);
    std::string after = world.rows();
    for (char& letter : after) {
      if (letter == '\n') letter = '/';
    }
    EXPECT_EQ(after, row["after"]);
  }
}

TEST(CoreCommandResult, judgesHostsThatAreGone) {
  const Table table(R"(
case         | answer                | outcome
A24          | i1 Acknowledged       | no_host_row
error        | i1 Error              | no_waiting_row
not now      | i1 NotNow             | unchanged
weird        | i1 Weird              | unchanged
idle         | i1 Idle               | unchanged
removal      | r1 Acknowledged       | unchanged
removal fail | r1 CommandFormatError | no_removal_row
removal 89   | r1 Error89            | unchanged
unknown      | x1 Error              | unknown_command
)");
  for (const TableRow& row : table) {
    CoreWorld world;
    world.command("i1");
    world.command("r1");
    world.host.reset();
    EXPECT_EQ(name_of(world.apply(answer_of(row["answer"])).outcome), row["outcome"]) << row.text();
    EXPECT_FALSE(world.host.has_value());
  }
}

TEST(CoreCommandResult, takesInstallResults) {
  const Table table(R"(
case     | host | before              | command | status   | outcome   | after
verifying |     | p: I-pending cmd=i1 | i1      | verifying | applied  | p: I-verifying cmd=i1 'd'
A3       | ios  | p: I-pending cmd=i1 | i1      | verifying | applied  | p: I-verified cmd=i1 'd'
A3 others | ios | p: I-pending cmd=i1 | i1      | pending  | applied   | p: I-pending cmd=i1 'd'
verified |      | p: R-null cmd=i1    | i1      | verified | applied   | p: I-verified cmd=i1 'd'
null     |      | p: I-pending cmd=i1 | i1      | null     | applied   | p: I-null cmd=i1 'd'
failed   |      | p: I-pending cmd=i1 | i1      | failed   | applied   | p: I-null r=1 cmd=i1
spent    |      | p: I-pending r=3 cmd=i1 | i1  | failed   | applied   | \
  p: I-failed r=3 cmd=i1 'd'
unissued |      | p: I-pending cmd=i1 | x1      | failed   | no_waiting_row | p: I-pending cmd=i1
unissued |      | p: I-pending cmd=i1 | x1      | verified | unchanged | p: I-pending cmd=i1
gone     | gone | -                   | x1      | verifying | no_host_row | -
gone     | gone | -                   | i1      | verified | unchanged | -
gone     | gone | -                   | i1      | failed   | no_waiting_row | -
)");
  for (const TableRow& row : table) {
    SCOPED_TRACE(row.text());
    CoreWorld world;
    world.change_catalog("p");
    world.command("i1");
    if (row["host"] == "gone") {
      world.host.reset();
    } else {
      world.set_host(row["host"]);
      world.set_rows(row["before"]);
    }
    InstallResult result{"H1", row["command"], DeliveryStatus::kUnsent, "d"};
    result.status = delivery_status_of(row["status"]).value_or(DeliveryStatus::kUnsent);
    EXPECT_EQ(name_of(world.apply(result).outcome), row["outcome"]);
    EXPECT_EQ(world.rows(), row["after"]);
  }
}

TEST(CoreCommandResult, refusesStaleAnswersWhereThePolicySaysSo) {
  const Table table(R"(
before               | answer          | outcome
p: I-pending cmd=i1  | i1 Acknowledged | applied
p: I-verified cmd=i1 | i1 Acknowledged | stale_result
p: I-null r=1 cmd=i1 | i1 Acknowledged | stale_result
p: R-pending cmd=i1  | i1 Error        | stale_result
p: R-pending cmd=r1  | r1 Error        | applied
p: R-failed cmd=r1   | r1 Acknowledged | stale_result
p: I-pending cmd=r1  | r1 Acknowledged | stale_result
p: I-pending cmd=i2  | i1 Acknowledged | unchanged
)");
  for (const TableRow& row : table) {
    CoreWorld world;
    world.policy.late_results = LateResults::kIgnoreStale;
    world.change_catalog("p");
    for (const char* name : {"i1", "i2", "r1"}) world.command(name);
    world.set_rows(row["before"]);
    EXPECT_EQ(name_of(world.apply(answer_of(row["answer"])).outcome), row["outcome"]) << row.text();
  }
}

}  // namespace
}  // namespace muster::test
