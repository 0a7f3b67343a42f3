// Counting what became of a replay's events.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "muster/recording.h"

namespace muster::recording {

/// An event's place, for people.
struct EventPlace {
  std::uint64_t number = 0;
  std::uint64_t line = 0;  ///< 0: it has none
};

class ReplayTally {
 public:
  explicit ReplayTally(ReplayReport& report) : report_(report) {}

  void count(const std::string& file, const EventPlace& place, const Event& event,
             const EventResult& result);
  /// Puts the counts into the report, under their names.
  void finish();

 private:
  static constexpr std::size_t kOutcomes = static_cast<std::size_t>(Outcome::kRateLimited) + 1;

  ReplayReport& report_;
  /// Events by type and outcome.
  std::array<std::array<std::uint64_t, kOutcomes>, kEventTypes> counts_ = {};
};

}  // namespace muster::recording
