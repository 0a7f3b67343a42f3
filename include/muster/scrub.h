// What Store::scrub is told and says.
#pragma once

#include <cstdint>

namespace muster {

struct ScrubOptions {
  /// Bytes read a second on average, at most; fewer than 64 KiB count as 64 KiB. 0: no limit. A
  /// table is read in one go, and waited for then.
  std::uint64_t bytes_per_second = 32ULL << 20;
};

struct ScrubReport {
  std::uint64_t files = 0;       ///< tables, MANIFEST, a writer's logs, recorder segments
  std::uint64_t file_bytes = 0;  ///< that they have
  std::uint64_t records = 0;     ///< of all families
  std::uint64_t findings = 0;
  bool complete = false;  ///< false: `visit` or `go_on` ended it
};

struct ScrubProgress {
  std::uint64_t bytes_read = 0;
  std::uint64_t bytes_total = 0;  ///< about: files come and go
};

}  // namespace muster
