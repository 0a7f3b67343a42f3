#include "tests/sim/replay.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "tests/support/fleet.h"

namespace muster::test {
namespace {

// For a process that aborts in RocksDB.
std::array<char, 512> running{};

extern "C" void print_running(int) {
  const char* const lead = "\naborted; again with: ";
  [[maybe_unused]] auto written = ::write(STDERR_FILENO, lead, std::strlen(lead));
  written = ::write(STDERR_FILENO, running.data(), std::strlen(running.data()));
  written = ::write(STDERR_FILENO, "\n", 1);
}

}  // namespace

std::vector<std::uint64_t> seeds_from(std::uint64_t usual, std::size_t count) {
  const char* const asked = std::getenv("MUSTER_SIM_SEEDS");
  // One that was given alone is to be seen again, alone.
  if (std::getenv("MUSTER_SEED") != nullptr) count = 1;
  std::vector<std::uint64_t> seeds(asked == nullptr ? count : std::strtoull(asked, nullptr, 10));
  for (std::size_t i = 0; i < seeds.size(); ++i) seeds[i] = seed_or(usual) + i;
  return seeds;
}

bool usual_seeds() {
  return std::getenv("MUSTER_SEED") == nullptr && std::getenv("MUSTER_SIM_SEEDS") == nullptr &&
         std::getenv("MUSTER_CRASH_AT") == nullptr;
}

std::optional<CrashPath> crash_path_to_replay() {
  const char* const given = std::getenv("MUSTER_CRASH_AT");
  if (given == nullptr) return std::nullopt;
  auto path = parse_crash_path(given);
  if (!path || path->empty()) {
    throw std::runtime_error("MUSTER_CRASH_AT=" + std::string(given) +
                             " is not like 132:torn or 132:torn/14:synced");
  }
  return path;
}

std::optional<std::size_t> number_to_replay(const char* variable) {
  const char* const given = std::getenv(variable);
  if (given == nullptr) return std::nullopt;
  return std::strtoull(given, nullptr, 10);
}

std::string replay_command(std::uint64_t seed, const std::string& variable,
                           const std::string& value) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const std::string command =
      "MUSTER_SEED=" + std::to_string(seed) + " " + variable + "=" + value +
      " build/release/tests/muster_sim_tests --gtest_filter=" + test->test_suite_name() + "." +
      test->name();
  const std::size_t bytes = std::min(command.size(), running.size() - 1);
  std::memcpy(running.data(), command.data(), bytes);
  running[bytes] = '\0';
  std::signal(SIGABRT, print_running);
  return command;
}

}  // namespace muster::test
