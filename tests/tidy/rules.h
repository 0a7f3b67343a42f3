// The project's own rules on its sources. Each takes one file and names every breach in it.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/source.h"

namespace muster::test {

inline constexpr std::size_t kColumnsMax = 100;
inline constexpr std::size_t kHeaderLinesMax = 200;
inline constexpr std::size_t kSourceLinesMax = 600;
inline constexpr std::size_t kFunctionLinesMax = 70;

/// Which folder may include what (ARCHITECTURE.md).
Violations check_includes(const Source& source);
/// Names of the engine's library outside the one folder that may know it.
Violations check_engine_names(const Source& source);
/// Calls that a library must not make, clocks, chance, sleeps, tests that are switched off.
Violations check_calls(const Source& source);
Violations check_lines(const Source& source);
Violations check_functions(const Source& source);
Violations check_ascii(const Source& source);
Violations check_pragma_once(const Source& source);
/// Words that say that something is left over.
Violations check_markers(const Source& source);

/// Test sources in folders that tests/CMakeLists.txt does not build.
Violations check_built(const Source& source, const std::set<std::string>& folders);
std::set<std::string> built_folders(std::string_view cmake_lists);

}  // namespace muster::test
