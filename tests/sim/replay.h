// What the environment asks the sweeps to do: MUSTER_SEED, MUSTER_SIM_SEEDS, MUSTER_CRASH_AT,
// MUSTER_FAIL_AT, MUSTER_FAIL_READ, MUSTER_FAIL_OPEN (docs/testing.md); and how to ask for the same
// again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/sweep.h"

namespace muster::test {

/// MUSTER_SIM_SEEDS seeds from MUSTER_SEED on; usually `count`.
std::vector<std::uint64_t> seeds_from(std::uint64_t usual, std::size_t count = 1);

/// False where the environment asks for other ones, or for a replay: then a run is what it is.
bool usual_seeds();

/// MUSTER_CRASH_AT. A text that is no path ends the test run.
std::optional<CrashPath> crash_path_to_replay();

/// The number of an operation or a read: MUSTER_FAIL_AT, MUSTER_FAIL_READ, MUSTER_FAIL_OPEN.
std::optional<std::size_t> number_to_replay(const char* variable);

/// "MUSTER_SEED=1 MUSTER_CRASH_AT=132:torn <program> --gtest_filter=<the running test>". Is printed
/// too should the process abort.
std::string replay_command(std::uint64_t seed, const std::string& variable,
                           const std::string& value);

}  // namespace muster::test
