// Running a program and reading what it prints.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace muster::test {

struct ProcessResult {
  int exit_code = -1;  ///< 128 + the signal's number where one ended it
  std::string out;
  std::string err;
};

/// Waits for the end. Output goes through files in `scratch`.
ProcessResult run_process(const std::vector<std::string>& command,
                          const std::filesystem::path& scratch);

}  // namespace muster::test
