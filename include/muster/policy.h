// The settings that change results. They are stored with the state and part of its history.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "muster/event.h"

namespace muster {

struct Policy {
  /// Retries after the first attempt, 0 to kRetriesMax (SEMANTICS 4).
  int max_retries_apple = 1;
  /// A profile that is missing earlier than this after its earliest install date is not judged
  /// (SEMANTICS 3.3).
  std::int64_t grace_seconds = 3600;
  /// How long a user-scoped profile waits for a user channel after enrolment (SEMANTICS 13, B2).
  std::int64_t user_channel_wait_seconds = 7200;
  LateResults late_results = LateResults::kUpstream;
  /// Profiles of these names are never installed on ios and ipados (SEMANTICS 13, C7). For a new
  /// store: no event changes them.
  std::vector<std::string> macos_only_profile_names = {"Fleetd configuration", "Disk encryption"};

  /// The original's present values: 3 retries, the rest as above.
  static Policy fleet_current();

  friend bool operator==(const Policy&, const Policy&) = default;
};

/// "max_retries_apple=1 grace_seconds=3600 ...": for messages.
std::string to_string(const Policy& policy);

/// Seconds that a policy may name: a hundred years.
inline constexpr std::int64_t kPolicySecondsMax = 3'155'760'000;

}  // namespace muster
