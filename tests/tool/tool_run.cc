#include "tests/tool/tool_run.h"
#include "tests/support/places.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <sstream>
#include <stdexcept>

#include "tools/commands.h"

extern char** environ;

namespace muster::tool_test {

Ran call(const Arguments& arguments) {
  std::ostringstream out;
  std::ostringstream err;
  const int exit_code = tool::run_tool(arguments, tool::Streams{.out = out, .err = err});
  return {exit_code, out.str(), err.str()};
}

Process::Process(const Arguments& arguments, const std::string& out_path,
                 const std::string& err_path) {
  Arguments copies = arguments;
  copies.insert(copies.begin(), test::tool_file());
  std::vector<char*> argv;
  for (std::string& argument : copies) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out_path.c_str(), kFlags, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err_path.c_str(), kFlags, 0600);
  const int error =
      ::posix_spawn(&pid_, test::tool_file().c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot start " + test::tool_file());
}

Process::~Process() {
  if (!exit_code_) kill();
}

std::optional<int> Process::reap(int flags) {
  int status = 0;
  if (!exit_code_ && ::waitpid(pid_, &status, flags) == pid_) {
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  return exit_code_;
}

std::optional<int> Process::poll() {
  return reap(WNOHANG);
}

int Process::wait() {
  return reap(0).value();
}

int Process::kill() {
  if (!exit_code_) ::kill(pid_, SIGKILL);
  return wait();
}

Ran spawn(const Arguments& arguments) {
  const ScratchDir scratch;
  Process process(arguments, scratch.file("out"), scratch.file("err"));
  const int exit_code = process.wait();
  return {exit_code, read_file(scratch.file("out")), read_file(scratch.file("err"))};
}

std::string small_recording() {
  return read_file(test::source_dir() + "/tests/data/small.ndjson");
}

}  // namespace muster::tool_test
