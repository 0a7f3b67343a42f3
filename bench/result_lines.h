// What a run prints: one JSON object a line (README.md says which keys).
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/run.h"

namespace muster::bench {

using Line = nlohmann::ordered_json;

/// Where the run happens, with what, and how it was asked for.
Line machine_line(const std::string& command, const std::filesystem::path& folder);
/// `first` is the engine that ratios are taken against.
Line result_line(const Cell& cell, const EngineResult& result, const EngineResult& first);

}  // namespace muster::bench
