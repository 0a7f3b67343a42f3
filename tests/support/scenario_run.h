// Runs conformance scenarios through an engine.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/subject.h"
#include "tests/support/vectors.h"

namespace muster::test {

using MakeSubject = std::function<std::unique_ptr<Subject>(const Scenario&)>;

/// The first disagreement, with scenario, event and both sides; nothing where all agrees. Checks
/// outcome, divergences, the whole export and the queries after every event, buckets at the end.
std::optional<std::string> find_disagreement(const Scenario& scenario, const MakeSubject& make);

/// One failure a scenario that disagrees.
void expect_agreement(const std::vector<Scenario>& scenarios, const MakeSubject& make);

/// What differs between two exports, line by line; for messages.
std::string difference(const std::string& expected, const std::string& got);

/// A parameter's name: the file's own up to its first dot.
std::string file_stem(const ::testing::TestParamInfo<std::string>& file);

/// Buckets by Apple host from `export_hosts` lines, "" for none.
std::map<std::string, std::string> buckets_of(const std::string& host_lines);

}  // namespace muster::test

namespace muster {
void PrintTo(const StatusCounts& counts, std::ostream* out);
void PrintTo(Outcome outcome, std::ostream* out);
}  // namespace muster
