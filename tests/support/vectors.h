// Conformance scenarios: recordings with what must follow from every event. The expected rows come
// from another implementation (tests/data/vectors); nothing of Muster computed them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "muster/event.h"
#include "muster/snapshot.h"

namespace muster::test {

/// Export lines, each with its line feed, by host_uuid: only hosts with rows.
using RowsByHost = std::map<std::string, std::string, std::less<>>;

struct ExpectedQuery {
  std::optional<TeamId> team;  ///< a team's summary; else the profile's counts
  std::string profile_uuid;
  StatusCounts counts;
};

struct ExpectedOutcome {
  std::string refusal;  ///< "" where the event is taken, else its kind: "not_found"
  RowsByHost rows;      ///< of the hosts that changed; "" for a host that has none any more
  std::vector<ExpectedQuery> queries;
};

struct Scenario {
  std::string name;
  std::string note;
  int max_retries = 0;
  std::vector<std::string> lines;  ///< the recording as it stands in the file
  std::vector<Event> events;
  std::vector<ExpectedOutcome> outcomes;
  std::string final_rows;  ///< the export at the end
  /// Bucket names by Apple host, "" for none; absent where the file does not say.
  std::optional<std::map<std::string, std::string>> host_status;
};

/// Reads a .jsonl file, compressed or not. Throws where it is not one of scenarios.
std::vector<Scenario> load_scenarios(const std::filesystem::path& path);

/// Where sanitizers make everything slow: every so many of the scenarios, unless MUSTER_VECTORS is
/// set. Without sanitizers all of them.
std::vector<Scenario> thinned(std::vector<Scenario> scenarios, std::size_t every);

/// The scenario files to run: those of MUSTER_VECTORS (FILE:FILE...) where it is set, else all
/// below tests/data/vectors.
std::vector<std::string> vector_files();

}  // namespace muster::test
