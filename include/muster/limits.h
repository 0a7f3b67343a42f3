// Bounds of what a store takes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "muster/types.h"

namespace muster {

/// Of an event whatever the limits: what is longer stands in no recording.
inline constexpr std::size_t kTextBytesMax = 4u << 20;  ///< of one text
inline constexpr std::size_t kElementsMax = 1u << 20;   ///< in all lists of one event together

/// What passes a bound is refused with a typed outcome, or the call with kLimit. Each can be
/// lowered; raising is bounded by the format (docs/limits.md). The store does not remember them: a
/// recording gives the same state again only under the same limits.
struct StoreLimits {
  std::size_t id_bytes = kIdBytesMax;           ///< uuids, identifiers, names, labels
  std::size_t detail_bytes = kDetailBytesMax;   ///< longer details are cut, not refused
  std::size_t rows_per_host = kRowsPerHostMax;  ///< installs beyond are held back
  std::size_t profiles_per_team = kRowsPerHostMax;
  std::size_t labels_per_report = kLabelsPerHostMax;
  std::size_t profiles_per_report = 100'000;
  std::size_t events_per_span = 65'536;   ///< in one apply() or submit()
  std::size_t submitted_events = 65'536;  ///< waiting in submit()'s queue
  /// Events of one host without a position, by their times: a bucket of `burst` that refills at
  /// this rate. Beyond it they answer kRateLimited and are not taken. 0: no bound.
  std::uint32_t host_events_per_minute = 0;
  std::uint32_t host_events_burst = 60;
};

}  // namespace muster
