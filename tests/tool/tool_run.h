// Runs the tool: its functions in this process, or the real program in another one.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster::tool_test {

/// A new directory that goes with its object.
class ScratchDir {
 public:
  ScratchDir();
  ScratchDir(const ScratchDir&) = delete;
  ScratchDir& operator=(const ScratchDir&) = delete;
  ~ScratchDir();

  const std::filesystem::path& path() const { return path_; }
  std::string file(std::string_view name) const { return (path_ / name).native(); }

 private:
  std::filesystem::path path_;
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

std::string read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, std::string_view content);

/// Two hosts: H1 waits for verification, H2 failed. One event names an unknown command and one line
/// is not JSON: 11 events, 2 of them refused.
std::string small_recording();

}  // namespace muster::tool_test
