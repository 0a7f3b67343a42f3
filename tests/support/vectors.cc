#include "tests/support/vectors.h"

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "muster/recording.h"
#include "tests/support/files.h"
#include "tests/support/sanitized.h"

namespace muster::test {
namespace {

// Keys keep the order of the file, which is the export's: rows can be compared as text.
using Json = nlohmann::ordered_json;

std::string row_lines(const Json& rows) {
  std::string lines;
  for (const Json& row : rows) lines += row.dump() + "\n";
  return lines;
}

ExpectedQuery read_query(const Json& json) {
  ExpectedQuery query;
  if (json.at("query") == "summary") {
    query.team = json.at("team_id").get<TeamId>();
  } else if (json.at("query") == "profile_status") {
    query.profile_uuid = json.at("profile_uuid").get<std::string>();
  } else {
    throw std::runtime_error("unknown query " + json.dump());
  }
  const Json& counts = json.at("expected");
  query.counts.failed = counts.at("failed").get<std::uint64_t>();
  query.counts.pending = counts.at("pending").get<std::uint64_t>();
  query.counts.verifying = counts.at("verifying").get<std::uint64_t>();
  query.counts.verified = counts.at("verified").get<std::uint64_t>();
  return query;
}

ExpectedOutcome read_outcome(const Json& json) {
  ExpectedOutcome outcome;
  if (!json.at("ok").get<bool>()) {
    const auto error = json.at("error").get<std::string>();
    outcome.refusal = error.substr(0, error.find(':'));
  }
  for (const auto& [host, rows] : json.at("rows").items()) outcome.rows[host] = row_lines(rows);
  if (!json.contains("queries")) return outcome;
  for (const Json& query : json.at("queries")) outcome.queries.push_back(read_query(query));
  return outcome;
}

Scenario read_scenario(const Json& json) {
  Scenario scenario;
  scenario.name = json.at("name").get<std::string>();
  scenario.note = json.value("note", "");
  scenario.max_retries = json.at("max_retries").get<int>();
  for (const Json& event : json.at("recording")) {
    scenario.lines.push_back(event.dump());
    scenario.events.push_back(parse_canonical_line(scenario.lines.back()));
  }
  for (const Json& outcome : json.at("outcomes")) {
    scenario.outcomes.push_back(read_outcome(outcome));
  }
  if (scenario.outcomes.size() != scenario.events.size()) {
    throw std::runtime_error(scenario.name + ": not one outcome an event");
  }
  scenario.final_rows = row_lines(json.at("final"));
  const Json& statuses = json.at("host_status");
  if (statuses.is_null()) return scenario;
  scenario.host_status.emplace();
  for (const auto& [host, status] : statuses.items()) {
    (*scenario.host_status)[host] = status.is_null() ? "" : status.get<std::string>();
  }
  return scenario;
}

}  // namespace

std::vector<Scenario> load_scenarios(const std::filesystem::path& path) {
  std::istringstream text(read_file(path));
  std::vector<Scenario> scenarios;
  for (std::string line; std::getline(text, line);) {
    if (!line.empty()) scenarios.push_back(read_scenario(Json::parse(line)));
  }
  if (scenarios.empty()) throw std::runtime_error(path.string() + ": no scenario");
  return scenarios;
}

std::vector<Scenario> thinned(std::vector<Scenario> scenarios, std::size_t every) {
  if (!kSanitized || std::getenv("MUSTER_VECTORS") != nullptr) return scenarios;
  std::vector<Scenario> kept;
  for (std::size_t i = 0; i < scenarios.size(); i += every) kept.push_back(std::move(scenarios[i]));
  return kept;
}

std::vector<std::string> vector_files() {
  std::vector<std::string> files;
  if (const char* given = std::getenv("MUSTER_VECTORS")) {
    std::istringstream list(given);
    for (std::string file; std::getline(list, file, ':');) files.push_back(file);
    return files;
  }
  for (const auto& entry : std::filesystem::directory_iterator(data_file("vectors"))) {
    if (entry.path().extension() == ".zst") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace muster::test
