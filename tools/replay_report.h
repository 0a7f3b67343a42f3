// What a replay did, for people and as JSON.
#pragma once

#include <iosfwd>

#include "muster/recording.h"
#include "tools/json_output.h"

namespace muster::tool {

struct ReplayRun {
  ReplayReport report;
  std::size_t files = 0;
  double seconds = 0;
};

void print_report(std::ostream& out, const ReplayRun& run, bool colour);
Json report_json(const ReplayRun& run);

}  // namespace muster::tool
