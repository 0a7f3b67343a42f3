// One generated fleet that every way to apply it must take to the same state.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "muster/event.h"
#include "muster/fleet_generator.h"

namespace muster::test {

/// MUSTER_FLEET=HOSTSxPROFILESxHOURS takes the place of the usual size, MUSTER_SEED of the seed.
muster::FleetOptions matrix_fleet_options();
/// How to get the same fleet again.
std::string matrix_hint();

/// The fleet's recordings in a folder that goes with the program, and what they must come to.
struct FleetFiles {
  std::filesystem::path text;
  std::filesystem::path binary;
  std::string id;
  std::uint64_t events = 0;
  std::string digest;  ///< of a store that took the binary one in spans of 256, with one thread
};

/// Made at the first call.
const FleetFiles& fleet_files();

/// Reads the recording behind its first `skipped` events in spans of `size` events; `take` gets the
/// number of each span's first event.
void read_spans(const std::filesystem::path& recording, std::uint64_t skipped, std::size_t size,
                const std::function<void(std::vector<Event> events, std::uint64_t first)>& take);

}  // namespace muster::test
