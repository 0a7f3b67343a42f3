// Restarts.
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "bench/probe.h"

namespace muster::bench {
namespace {

constexpr std::string_view kWorkload = "full_change";

/// This program again, in a process that founds, applies a round and kills itself.
void run_and_kill(const Cell& cell, const std::filesystem::path& folder) {
  const int status = run_again({"muster_bench", "apply-and-die", folder.string(),
                                std::to_string(cell.size.hosts), std::to_string(cell.profiles)});
  require(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
          "the process that is to be killed ended otherwise");
}

/// What an open has to read again.
std::uint64_t log_bytes(const std::filesystem::path& folder) {
  std::uint64_t bytes = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
    if (file.is_regular_file() && file.path().extension() == ".log") bytes += file.file_size();
  }
  return bytes;
}

double open_seconds(std::unique_ptr<MusterEngine>& engine, const EngineSetting& setting) {
  engine.reset();
  const auto began = Clock::now();
  engine = std::make_unique<MusterEngine>(setting);
  return seconds_since(began);
}

}  // namespace

void apply_and_die(const Cell& cell, const std::filesystem::path& folder) {
  const Founded founded = found_store(cell, folder, kWorkload);
  apply_round(founded, 0, cell.batch);
  ::kill(::getpid(), SIGKILL);
  while (true) ::pause();
}

EngineResult probe_reopen(const Cell& cell, const std::filesystem::path& folder) {
  // What the store has to hold afterwards: nothing was told to be on the device, but the system
  // goes on and keeps what it was given.
  std::string expected;
  {
    const Founded founded = found_store(cell, folder / "expected", kWorkload);
    apply_round(founded, 0, cell.batch);
    expected = founded.engine->digest();
    compare_with_witness(founded, std::array{0u}, expected);
  }
  const std::filesystem::path killed = folder / "killed";
  std::filesystem::create_directories(killed);
  run_and_kill(cell, killed);

  const auto log = static_cast<double>(log_bytes(killed));

  const EngineSetting setting{killed, cell.durability, cell.preset, cell.profiles};
  Founded founded;
  Round round;
  const double cpu = process_cpu_seconds();
  const double after_kill = open_seconds(founded.engine, setting);
  round.cpu_seconds = process_cpu_seconds() - cpu;
  round.wall_seconds = after_kill;
  round.events = 1;
  require(founded.engine->digest() == expected, "the killed store holds other rows");
  const auto began = Clock::now();
  require_ok(founded.store().close());
  const double close = seconds_since(began);
  const double after_close = open_seconds(founded.engine, setting);
  EngineResult result = probe_result(founded, round);
  require(result.digest == expected, "the store holds other rows after a close");
  result.counts = {{"after_kill_seconds", after_kill},
                   {"log_bytes_at_kill", log},
                   {"close_seconds", close},
                   {"after_close_seconds", after_close}};
  return result;
}

}  // namespace muster::bench
