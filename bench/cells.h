// The named cells: what is measured, at which size.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/fleet.h"
#include "muster/options.h"

namespace muster::bench {

enum class Form { kFull, kShort, kTiny };
std::optional<Form> form_of(std::string_view name);
std::string_view name_of(Form form);

enum class Input {
  kDecoded,  ///< made in memory in pieces, between commits; their making is not measured
  kJson,     ///< a recording in text, replayed from its file
  kBinary,   ///< the same, binary
};
std::optional<Input> input_of(std::string_view name);
std::string_view name_of(Input input);

struct Size {
  std::uint32_t hosts = 10'000;
  std::uint32_t rounds = 5;  ///< measured ones, behind the warm-up; for a probe: repetitions
  /// Events of a round for engines that take long, the first ones of those that the others take.
  std::uint64_t slow_events = UINT64_MAX;
  std::uint64_t events = UINT64_MAX;  ///< of a round for every engine, at most
};

struct Cell {
  std::string name;
  std::string workload;  ///< a workload's name, or a probe's
  std::string why;       ///< one sentence, as in README.md
  std::uint32_t profiles = 30;
  MemoryPreset preset = MemoryPreset::kAppliance;
  Durability durability = Durability::kBuffered;
  Input input = Input::kDecoded;
  std::uint32_t batch = 256;  ///< events a commit
  unsigned threads = 1;       ///< that decode a recording
  std::vector<std::string> engines = {"muster"};
  Size full;
  Size brief;
  Size tiny = {200, 1, 20};
  Size size = {};  ///< the one to run

  FleetShape shape() const { return {size.hosts, profiles, 4}; }
};

/// Each with the size of the form.
std::vector<Cell> cells(Form form);

}  // namespace muster::bench
