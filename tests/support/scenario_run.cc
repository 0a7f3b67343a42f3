#include "tests/support/scenario_run.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>
#include <sstream>

namespace muster::test {
namespace {

constexpr std::size_t kDifferencesShown = 6;

std::string to_text(const StatusCounts& counts) {
  std::ostringstream out;
  PrintTo(counts, &out);
  return out.str();
}

std::set<std::string> lines_of(const std::string& text) {
  std::set<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.insert(line);
  return lines;
}

std::string joined(const RowsByHost& rows) {
  std::string text;
  for (const auto& [host, lines] : rows) text += lines;
  return text;
}

std::optional<std::string> check_event(const ExpectedOutcome& expected, const Judged& judged,
                                       const RowsByHost& rows, Subject& subject) {
  const std::string refusal(name_of(refusal_of(judged.outcome)));
  if (refusal != expected.refusal) {
    return "expected '" + expected.refusal + "', got '" + refusal + "' (" +
           std::string(name_of(judged.outcome)) + " " + judged.detail + ")";
  }
  if (judged.divergences != 0) return "divergences: " + std::to_string(judged.divergences);
  const std::string wanted = joined(rows);
  const std::string got = subject.export_rows();
  if (wanted != got) return "rows:\n" + difference(wanted, got);
  for (const ExpectedQuery& query : expected.queries) {
    const StatusCounts counts =
        query.team ? subject.summary(*query.team) : subject.profile_counts(query.profile_uuid);
    if (counts == query.counts) continue;
    const std::string what =
        query.team ? "summary of team " + std::to_string(*query.team) : query.profile_uuid;
    return what + ": expected " + to_text(query.counts) + ", got " + to_text(counts);
  }
  return std::nullopt;
}

}  // namespace

std::string difference(const std::string& expected, const std::string& got) {
  const auto wanted = lines_of(expected);
  const auto have = lines_of(got);
  std::string text;
  std::size_t shown = 0;
  for (const std::string& line : wanted) {
    if (!have.contains(line) && ++shown <= kDifferencesShown) text += "  - " + line + "\n";
  }
  for (const std::string& line : have) {
    if (!wanted.contains(line) && ++shown <= 2 * kDifferencesShown) text += "  + " + line + "\n";
  }
  if (text.empty() && expected != got) text = "  the same lines in another order\n";
  return text;
}

std::string file_stem(const ::testing::TestParamInfo<std::string>& file) {
  std::string stem = file.param.substr(file.param.rfind('/') + 1);
  stem.erase(std::min(stem.find('.'), stem.size()));
  for (char& letter : stem) {
    if (std::isalnum(static_cast<unsigned char>(letter)) == 0) letter = '_';
  }
  return stem;
}

std::map<std::string, std::string> buckets_of(const std::string& host_lines) {
  std::map<std::string, std::string> buckets;
  std::istringstream in(host_lines);
  for (std::string line; std::getline(in, line);) {
    const auto host = nlohmann::json::parse(line);
    if (host.at("platform") == "windows") continue;
    const auto& status = host.at("status");
    buckets[host.at("host_uuid").get<std::string>()] =
        status.is_null() ? "" : status.get<std::string>();
  }
  return buckets;
}

std::optional<std::string> find_disagreement(const Scenario& scenario, const MakeSubject& make) {
  const std::unique_ptr<Subject> subject = make(scenario);
  RowsByHost rows;
  for (std::size_t i = 0; i < scenario.events.size(); ++i) {
    const ExpectedOutcome& expected = scenario.outcomes[i];
    const Judged judged = subject->apply({scenario.events[i]}, i + 1).at(0);
    for (const auto& [host, lines] : expected.rows) rows[host] = lines;
    if (const auto problem = check_event(expected, judged, rows, *subject)) {
      return scenario.name + " [" + scenario.note + "] event " + std::to_string(i) + " " +
             scenario.lines[i] + "\n" + *problem;
    }
  }
  const std::string last = subject->export_rows();
  if (last != scenario.final_rows) {
    return scenario.name + ": final rows:\n" + difference(scenario.final_rows, last);
  }
  if (!scenario.host_status) return std::nullopt;
  const auto buckets = buckets_of(subject->export_hosts());
  if (buckets == *scenario.host_status) return std::nullopt;
  return scenario.name + ": buckets: expected " + ::testing::PrintToString(*scenario.host_status) +
         ", got " + ::testing::PrintToString(buckets);
}

void expect_agreement(const std::vector<Scenario>& scenarios, const MakeSubject& make) {
  for (const Scenario& scenario : scenarios) {
    const auto problem = find_disagreement(scenario, make);
    EXPECT_FALSE(problem.has_value()) << problem.value_or("");
  }
}

}  // namespace muster::test

namespace muster {

void PrintTo(const StatusCounts& counts, std::ostream* out) {
  *out << "failed " << counts.failed << " pending " << counts.pending << " verifying "
       << counts.verifying << " verified " << counts.verified;
}

void PrintTo(Outcome outcome, std::ostream* out) {
  *out << name_of(outcome);
}

}  // namespace muster
