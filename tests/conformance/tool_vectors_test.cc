// Every scenario through the tool: replay, then both exports. MUSTER_VECTORS as in vectors_test.
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/files.h"
#include "tests/support/places.h"
#include "tests/support/process.h"
#include "tests/support/scenario_run.h"
#include "tests/support/vectors.h"

namespace muster::test {
namespace {

constexpr unsigned kProcesses = 2;
const char* const kTool = test::tool_file().c_str();

std::string failure(const ProcessResult& result) {
  return "exit code " + std::to_string(result.exit_code) + "\n" + result.out + result.err;
}

std::optional<std::string> find_tool_disagreement(const Scenario& scenario) {
  const TempDir folder;
  const std::string db = (folder.path() / "db").string();
  const std::string recording = (folder.path() / "recording.ndjson").string();
  std::string text;
  for (const std::string& line : scenario.lines) text += line + "\n";
  write_file(recording, text);

  const std::string retries = std::to_string(scenario.max_retries);
  const ProcessResult replayed = run_process(
      {kTool, "replay", "--db", db, "--max-retries-apple", retries, recording}, folder.path());
  if (replayed.exit_code != 0) return "replay: " + failure(replayed);
  const ProcessResult rows = run_process({kTool, "export", "--db", db}, folder.path());
  if (rows.exit_code != 0) return "export: " + failure(rows);
  if (rows.out != scenario.final_rows) {
    return "rows:\n" + difference(scenario.final_rows, rows.out);
  }
  if (!scenario.host_status) return std::nullopt;
  const ProcessResult hosts = run_process({kTool, "export", "--hosts", "--db", db}, folder.path());
  if (hosts.exit_code != 0) return "export --hosts: " + failure(hosts);
  const auto buckets = buckets_of(hosts.out);
  if (buckets == *scenario.host_status) return std::nullopt;
  return "buckets: expected " + ::testing::PrintToString(*scenario.host_status) + ", got " +
         ::testing::PrintToString(buckets);
}

class ToolVectors : public ::testing::TestWithParam<std::string> {};

TEST_P(ToolVectors, agree) {
  ASSERT_FALSE(std::string(kTool).empty()) << "configure with MUSTER_BUILD_TOOLS=ON";
  const std::vector<Scenario> scenarios = thinned(load_scenarios(GetParam()), 20);
  std::vector<std::string> problems(scenarios.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < scenarios.size(); i = next++) {
      problems[i] = find_tool_disagreement(scenarios[i]).value_or("");
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kProcesses; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    EXPECT_EQ(problems[i], "") << scenarios[i].name << " [" << scenarios[i].note << "]";
  }
}

INSTANTIATE_TEST_SUITE_P(files, ToolVectors, ::testing::ValuesIn(vector_files()), file_stem);

}  // namespace
}  // namespace muster::test
