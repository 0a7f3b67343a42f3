// Where the sources and the built tool are. One file alone knows, so that everything else compiles
// to the same object in every clone.
#pragma once

#include <string>

namespace muster::test {

/// Of the repository, without a slash at its end.
const std::string& source_dir();
/// The program; empty where the tool was not built.
const std::string& tool_file();

}  // namespace muster::test
