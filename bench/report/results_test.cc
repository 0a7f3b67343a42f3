// Reading what a run printed.
#include "bench/report/results.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>
#include <stdexcept>

namespace muster::bench::report {
namespace {

Results read(const std::string& lines) {
  std::istringstream input(lines);
  return read_results(input);
}

std::string row(const std::string& cell, const std::string& engine, const std::string& more) {
  return R"({"kind":"result","cell":")" + cell + R"(","workload":"steady","engine":")" + engine +
         "\"," + more + "}\n";
}

std::string error_of(const std::string& lines) {
  try {
    read(lines);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "read";
}

TEST(Results, ofAnotherRocksDbStandBesideTheFirst) {
  const auto machine = [](const char* rocksdb) {
    return std::string(R"({"kind":"machine","rocksdb":")") + rocksdb + "\"}\n";
  };
  const auto promise = [](const char* measured) {
    return std::string(R"({"kind":"figure","figure":"f","preset":"both","cell":"a","measured":")") +
           measured + R"(","verdict":"pass"})" + "\n";
  };
  const std::string cpu = R"("cpu_micros":1)";
  const Results results = read(machine("7.8.3") + row("a", "muster", cpu) + row("a", "lmdb", cpu) +
                               promise("1") + machine("7.8.3") + row("b", "muster", cpu) +  //
                               machine("9.10.0") + row("a", "muster", cpu) + row("a", "lmdb", cpu) +
                               row("a", "rocksdb_put", cpu) + promise("2"));
  ASSERT_EQ(results.cells.size(), 2U);
  std::vector<std::string> engines;
  for (const Measured& one : results.cells[0].rows) engines.push_back(one.label);
  EXPECT_EQ(engines, (std::vector<std::string>{"muster", "lmdb", "muster, RocksDB 9.10.0",
                                               "rocksdb_put, RocksDB 9.10.0"}));
  ASSERT_EQ(results.promises.size(), 1U);
  EXPECT_EQ(results.promises[0].measured, "1");
  ASSERT_EQ(results.others.size(), 1U);
  ASSERT_NE(results.others[0].find(results.promises[0]), nullptr);
  EXPECT_EQ(results.others[0].find(results.promises[0])->measured, "2");
  Promise unknown = results.promises[0];
  unknown.cell = "b";
  EXPECT_EQ(results.others[0].find(unknown), nullptr);
}

TEST(Results, thatCannotBeReadNameTheirLine) {
  struct Case {
    const char* line;
    const char* expected;
  };
  const std::vector<Case> cases = {
      {R"({"kind":"result","cell":"a)", "results, line 3: is not JSON; was the run cut short?"},
      {R"([1])", "results, line 3: is not a JSON object"},
      {R"({"cell":"a"})", "results, line 3: has no 'kind'"},
      {R"({"kind":"table"})",
       "results, line 3: 'table' is no kind of line; known are machine, result and figure"},
      {R"({"kind":"result","cell":"a","workload":"w"})", "results, line 3: has no 'engine'"},
      {R"({"kind":"result","cell":"a","workload":"w","engine":"e","hosts":"10"})",
       "results, line 3: 'hosts' is not a number"},
      {R"({"kind":"result","cell":"a","workload":"w","engine":"e","ratio":-1})",
       "results, line 3: 'ratio' is below 0 or above 1e18"},
      {R"({"kind":"result","cell":"a","workload":"w","engine":"e","ratio":1e19})",
       "results, line 3: 'ratio' is below 0 or above 1e18"},
      {R"({"kind":"result","cell":"a","workload":"w","engine":"e","ratio":1e999})",
       "results, line 3: is not JSON; was the run cut short?"},
      {R"({"kind":"result","cell":"a","workload":"w","engine":"e","fast_path":1})",
       "results, line 3: 'fast_path' is not true or false"},
      {R"({"kind":"result","cell":"a","workload":"w","engine":"e","parts":[1]})",
       "results, line 3: 'parts' is not an object"},
      {R"({"kind":"result","cell":"a","workload":"w","engine":"e","parts":{"x":"y"}})",
       "results, line 3: 'x' is not a number"},
      {R"({"kind":"figure","figure":"f"})", "results, line 3: has no 'verdict'"},
      {R"({"kind":"machine","cpu":[]})", "results, line 3: 'cpu' is not a string or a number"},
  };
  for (const Case& wanted : cases) {
    const std::string lines = row("a", "muster", R"("hosts":1)") + "\n" + wanted.line + "\n";
    EXPECT_EQ(error_of(lines), wanted.expected) << wanted.line;
  }
}

TEST(Results, holdNothingWhereNothingWasMeasured) {
  const Results results = read(row("a", "muster", R"("ratio":null,"hosts":7,"who_knows":[{}])"));
  ASSERT_EQ(results.cells.size(), 1U);
  const Measured& measured = results.cells.front().rows.front();
  EXPECT_EQ(measured.ratio, std::nullopt);
  EXPECT_EQ(measured.cpu_micros, std::nullopt);
  EXPECT_EQ(measured.hosts, 7);
}

TEST(Results, giveEveryEngineOneStyle) {
  const Results results =
      read(row("a", "memory", R"("hosts":1)") + row("a", "muster", R"("hosts":1)") +
           row("b", "muster", R"("hosts":1)") + row("b", "lmdb", R"("hosts":1)") +
           row("b", "muster_text", R"("hosts":1)") + row("b", "memory", R"("hosts":1)"));
  std::map<std::string, std::set<std::size_t>> styles;
  for (const Cell& cell : results.cells) {
    for (const Measured& measured : cell.rows) styles[measured.engine].insert(measured.style);
  }
  const std::map<std::string, std::set<std::size_t>> expected = {
      {"muster", {0}}, {"muster_text", {1}}, {"memory", {2}}, {"lmdb", {3}}};
  EXPECT_EQ(styles, expected);
}

TEST(Results, tellRowsOfOneEngineApart) {
  const Results results =
      read(row("a", "muster", R"("preset":"appliance","batch":256)") +
           row("a", "muster", R"("preset":"bulk","batch":256)") +
           row("a", "memory", R"("batch":256)") + row("a", "memory", R"("batch":256)"));
  std::vector<std::string> labels;
  for (const Measured& measured : results.cells.front().rows) labels.push_back(measured.label);
  const std::vector<std::string> expected = {"muster, preset appliance", "muster, preset bulk",
                                             "memory", "memory (2)"};
  EXPECT_EQ(labels, expected);
}

TEST(Curves, areOfCellsThatDifferInHostsAlone) {
  const std::string buffered = R"("durability":"buffered","hosts":)";
  const Results results =
      read(row("big", "muster", buffered + "1000") + row("small", "muster", buffered + "10") +
           row("small", "memory", buffered + "10") +
           row("sync", "muster", R"("durability":"sync","hosts":100)"));
  std::vector<std::vector<std::string>> names;
  for (const Curve& curve : curves_of(results)) {
    names.emplace_back();
    for (const Cell* cell : curve) names.back().push_back(cell->name);
  }
  const std::vector<std::vector<std::string>> expected = {{"small", "big"}, {"sync"}};
  EXPECT_EQ(names, expected);
}

TEST(Comparison, isOfCellsWithSeveralEnginesWhereThereAreSome) {
  const auto has_cost = [](const Measured& measured) { return measured.cpu_micros.has_value(); };
  const std::string cost = R"("cpu_micros":1,"hosts":)";
  const std::string alone = row("a", "muster", cost + "10") + row("a", "memory", R"("hosts":10)") +
                            row("b", "muster", R"("batch":1,)" + cost + "20");
  const Compared few = compare(read(alone), has_cost);
  ASSERT_EQ(few.cells.size(), 2U);
  EXPECT_EQ(few.cells.front().rows.size(), 1U) << "a row without the value is shown";
  EXPECT_TRUE(few.alone.empty());

  // Of the curve of c and d the cell with more engines, although it has fewer hosts.
  const std::string engines = row("c", "muster", R"("batch":2,)" + cost + "10") +
                              row("c", "memory", R"("batch":2,)" + cost + "10") +
                              row("d", "muster", R"("batch":2,)" + cost + "99");
  const Compared compared = compare(read(alone + engines), has_cost);
  ASSERT_EQ(compared.cells.size(), 1U);
  EXPECT_EQ(compared.cells.front().name, "c");
  const Cell one = as_one_cell(compared.alone);
  ASSERT_EQ(one.rows.size(), 2U);
  EXPECT_EQ(one.rows[0].label, "a, 10 hosts");
  EXPECT_EQ(one.rows[1].label, "b, 20 hosts");
  EXPECT_TRUE(one.conditions.empty()) << "the batch is not that of both";
}

}  // namespace
}  // namespace muster::bench::report
