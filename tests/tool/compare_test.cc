// muster compare: the store's rows beside what a Fleet server says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "muster/store.h"
#include "tests/tool/tool_run.h"

namespace muster::tool_test {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

/// The answer of GET /hosts/:id; `rows` are objects of its list.
std::string host_answer(std::string_view uuid, std::string_view rows) {
  return R"({"host":{"id":1,"uuid":")" + std::string(uuid) +
         R"(","platform":"darwin","team_id":1,"mdm":{"profiles":[)" + std::string(rows) + "]}}}\n";
}

std::string row(std::string_view profile, std::string_view operation, std::string_view status,
                std::string_view detail = "") {
  return R"({"profile_uuid":")" + std::string(profile) + R"(","name":"Wi-Fi","operation_type":")" +
         std::string(operation) + R"(","status":)" + std::string(status) + R"(,"detail":")" +
         std::string(detail) + R"("})";
}

const std::string kH1 = row("p-wifi", "install", R"("verifying")");
const std::string kH2 = row("p-wifi", "install", R"("failed")", R"(no \u001b[31mradio)");

class Compare : public ::testing::Test {
 protected:
  void SetUp() override {
    write_file(scratch_.file("small.ndjson"), small_recording());
    ASSERT_EQ(call({"replay", "--db", db_, scratch_.file("small.ndjson")}).exit_code, 0);
  }

  void apply(const std::vector<Event>& events) {
    StoreOptions options;
    options.path = db_;
    Result<Store> store = Store::open(options);
    ASSERT_TRUE(store.ok()) << store.status().to_string();
    ASSERT_TRUE(store->apply(events).ok());
    ASSERT_TRUE(store->close().ok());
  }

  static Timestamp hour(int number) {
    return {1'748'800'000'000'000 + number * std::int64_t{3'600'000'000}};
  }

  /// H1 lists another profile only.
  static Event missing_at(int number) {
    ProfilesReported report{"H1", hour(number), {}};
    report.profiles.add("com.acme.other", "Other", hour(0));
    return {hour(number), report};
  }

  Ran compare(std::string_view answers, const Arguments& more = {}) {
    const std::string file = scratch_.file("answers.json");
    write_file(file, answers);
    Arguments arguments = {"compare", "--db", db_, "--fleet-export", file};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return call(arguments);
  }

  /// "KIND: in_store | in_fleet", a line each.
  std::string differences(std::string_view answers) {
    const Ran ran = compare(answers, {"--output", "json"});
    std::string lines;
    const Json document = Json::parse(ran.out);
    for (const Json& each : document["first_differences"]) {
      lines += each["difference"].get<std::string>() + ": " + each["in_store"].get<std::string>() +
               " | " + each["in_fleet"].get<std::string>() + "\n";
    }
    EXPECT_EQ(ran.exit_code, lines.empty() ? 0 : 1) << ran.err;
    return lines;
  }

  ScratchDir scratch_;
  std::string db_ = scratch_.file("db");
};

TEST_F(Compare, equalHostsAreFine) {
  const Ran ran = compare(host_answer("H1", kH1) + host_answer("H2", kH2));
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, "2 hosts compared: 2 rows equal, 0 differences\n");
}

TEST_F(Compare, eachDifferenceHasItsKind) {
  const struct {
    std::string_view host;
    std::string rows;
    std::string_view told;
  } cases[] = {
      {"H1", kH1, ""},
      {"H1", row("p-wifi", "install", R"("verified")"),
       "status: install verifying | install verified\n"},
      {"H1", row("p-wifi", "install", "null"), "status: install verifying | install null\n"},
      {"H1", row("p-wifi", "remove", R"("verifying")"),
       "operation: install verifying | remove verifying\n"},
      {"H1", row("p-wifi", "install", R"("verifying")", "late"), "detail:  | late\n"},
      {"H1", "", "not_in_fleet: install verifying | \n"},
      {"H1", kH1 + ',' + row("p-a", "install", R"("pending")"),
       "not_in_store:  | install pending\n"},
      {"H1", row("q", "install", R"("failed")") + ',' + kH1, "not_in_store:  | install failed\n"},
      {"H9", kH1 + ',' + kH2, "unknown_host:  | 2 rows\n"},
      // Declarations and other systems' profiles are none of ours.
      {"H1",
       kH1 + ',' + row("d1", "install", R"("verified")") + ',' +
           row("w1", "install", R"("verified")"),
       ""},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(differences(host_answer(each.host, each.rows)), each.told) << each.rows;
  }
}

TEST_F(Compare, aPendingRowMayNotBeSentYet) {
  apply({missing_at(2), missing_at(3)});
  ASSERT_THAT(call({"export", "--db", db_}).out, HasSubstr(R"("status":null)"));
  EXPECT_EQ(differences(host_answer("H1", row("p-wifi", "install", R"("pending")"))), "");
  EXPECT_EQ(differences(host_answer("H1", row("p-wifi", "install", "null"))), "");
}

TEST_F(Compare, aRemovalIsARow) {
  apply({{hour(2), HostTransferred{"H1", 0}}, {hour(3), Reconciled{}}});
  ASSERT_THAT(call({"export", "--db", db_}).out, HasSubstr(R"("operation":"remove")"));
  EXPECT_EQ(differences(host_answer("H1", "")), "not_in_fleet: remove pending | \n");
  EXPECT_EQ(differences(host_answer("H1", row("p-wifi", "remove", R"("pending")"))), "");
}

TEST_F(Compare, verdictsOfTheVerifierAreShownAsSentences) {
  apply({missing_at(2), missing_at(3)});
  Reconciled pass;
  pass.commands = {{Operation::kInstall, "p-wifi", "c3", {"H1"}}};
  apply({{hour(4), pass},
         {hour(5), CommandResult{"H1", "c3", "Acknowledged", {}, {}}},
         missing_at(6)});
  ASSERT_THAT(call({"export", "--db", db_}).out, HasSubstr("Failed, was verifying"));
  const auto told = [](std::string_view detail) {
    return host_answer("H1", row("p-wifi", "install", R"("failed")", detail));
  };
  EXPECT_EQ(differences(told("The MDM protocol returned a success but")), "");
  EXPECT_EQ(differences(told("This setting had been verified by osquery")),
            "detail: Failed, was verifying | This setting had been verified by osquery\n");
}

TEST_F(Compare, aTableForPeople) {
  const Ran ran = compare(host_answer("H1", row("p-wifi", "install", R"("verified")")) +
                              host_answer("H2", kH2) + host_answer("H2", kH2) +
                              host_answer("H9", "") + "{\"host\":{}}\n",
                          {"--limit", "1"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.out, HasSubstr("H1    Wi-Fi    status      install verifying  install verified"));
  EXPECT_THAT(ran.out, HasSubstr("... and 1 more: --limit shows them"));
  EXPECT_THAT(ran.out, HasSubstr("2 hosts compared: 1 row equal, 2 differences"));
  EXPECT_THAT(ran.out, HasSubstr("1 host told of again"));
  EXPECT_THAT(ran.out, HasSubstr("1 unreadable"));
  EXPECT_THAT(ran.out, HasSubstr("a host without a uuid"));
}

TEST_F(Compare, sameFromAFolderAndCompressed) {
  std::filesystem::create_directory(scratch_.file("answers"));
  write_file(scratch_.file("answers/1.json"), host_answer("H1", kH1));
  write_file(scratch_.file("answers/2.json"), host_answer("H2", kH2));
  write_file(scratch_.file("answers/.DS_Store"), "not an answer");
  const Ran ran = call({"compare", "--db", db_, "--fleet-export", scratch_.file("answers")});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("2 hosts compared"));
}

TEST_F(Compare, sameFromAPipe) {
  const std::string pipe = scratch_.file("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&] { write_file(pipe, host_answer("H1", kH1)); });
  const Ran ran = call({"compare", "--db", db_, "--fleet-export", pipe});
  writer.join();
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("1 host compared: 1 row equal"));
}

TEST_F(Compare, whatIsNoExportIsRefused) {
  const Ran list = compare(R"({"hosts":[{"uuid":"H1","platform":"darwin"}]})");
  EXPECT_EQ(list.exit_code, 65);
  EXPECT_THAT(list.err, HasSubstr("GET /api/v1/fleet/hosts/:id gives it"));
  const Ran other = compare(small_recording());
  EXPECT_EQ(other.exit_code, 65);
  EXPECT_THAT(other.err, HasSubstr("is canonical, and not an answer of Fleet's API"));
  const Ran missing =
      call({"compare", "--db", db_, "--fleet-export", scratch_.file("no/such.json")});
  EXPECT_EQ(missing.exit_code, 2) << missing.err;
  const Ran cut = compare(host_answer("H1", kH1) + host_answer("H2", kH2).substr(0, 80));
  EXPECT_EQ(cut.exit_code, 1);
  EXPECT_THAT(cut.out, HasSubstr("1 host compared: 1 row equal"));
}

}  // namespace
}  // namespace muster::tool_test
