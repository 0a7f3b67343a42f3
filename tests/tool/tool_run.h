// Runs the tool: its functions in this process, or the real program in another one.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/files.h"

namespace muster::tool_test {

using test::read_file;
using test::write_file;

/// A new folder that goes with its object.
class ScratchDir : public test::TempDir {
 public:
  std::string file(std::string_view name) const { return (path() / name).native(); }
};

using Arguments = std::vector<std::string>;

struct Ran {
  int exit_code = -1;  ///< 128 + n where signal n ended it
  std::string out;
  std::string err;
};

/// The tool's functions, with string streams.
Ran call(const Arguments& arguments);

/// The program, running. Its output goes to files; `out_path` may name another place.
class Process {
 public:
  Process(const Arguments& arguments, const std::string& out_path, const std::string& err_path);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  /// The exit code, if it has ended.
  std::optional<int> poll();
  int wait();
  /// kill -9, and waits.
  int kill();

 private:
  std::optional<int> reap(int flags);

  pid_t pid_ = -1;
  std::optional<int> exit_code_;
};

/// The program, to its end.
Ran spawn(const Arguments& arguments);

/// Two hosts: H1 waits for verification, H2 failed. One event names an unknown command and one line
/// is not JSON: 11 events, 2 of them refused.
std::string small_recording();

}  // namespace muster::tool_test
