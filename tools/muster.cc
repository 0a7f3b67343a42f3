// The program: descriptors, signals and terminals; everything else is in the subcommands.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <ostream>
#include <string>
#include <vector>

#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/fd_output.h"

namespace {

// A store's file must never get a standard descriptor's number. A closed stdout is replaced by one
// that cannot be written, so that the loss of output is noticed.
bool occupy_standard_descriptors() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) != -1 || errno != EBADF) continue;
    const int flags = fd == STDERR_FILENO ? O_WRONLY : O_RDONLY;
    if (::open("/dev/null", flags) != fd) return false;
  }
  return true;
}

bool wants_colour() {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  const bool refused = no_colour != nullptr && *no_colour != '\0';
  return !refused && (terminal == nullptr || std::strcmp(terminal, "dumb") != 0);
}

}  // namespace

int main(int argc, char** argv) {
  if (!occupy_standard_descriptors()) return muster::tool::kExitStorage;
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of write(), handled below

  muster::tool::FdOutput buffer(STDOUT_FILENO);
  std::ostream out(&buffer);
  const bool out_is_terminal = ::isatty(STDOUT_FILENO) == 1;
  const muster::tool::Streams streams{.out = out,
                                      .err = std::cerr,
                                      .out_is_terminal = out_is_terminal,
                                      .colour = out_is_terminal && wants_colour(),
                                      .progress = ::isatty(STDERR_FILENO) == 1};
  const int exit_code = muster::tool::run_tool(
      std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc), streams);
  out.flush();
  if (buffer.error() == 0 || buffer.error() == EPIPE) return exit_code;
  std::cerr << "muster: cannot write the output: " << std::strerror(buffer.error()) << '\n';
  return muster::tool::kExitStorage;
}
