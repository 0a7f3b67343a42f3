// Putting right what can be computed again.
#pragma once

#include <cstdint>
#include <vector>

#include "muster/options.h"
#include "muster/stats.h"
#include "muster/status.h"

namespace muster {

struct RepairReport {
  std::uint64_t keys_added = 0;    ///< of what is derived: hosts due, failed rows, command uuids
  std::uint64_t keys_removed = 0;  ///< the same
  bool totals_changed = false;     ///< the counts that summaries answer from
  bool sums_changed = false;       ///< the store digest of derived families
  StoreStats stats;                ///< of the store as it is now
};

/// Recomputes everything that records imply and writes what differs, in one batch. The store is
/// opened as `options` say (read_only is not looked at), so what an open mends is mended first:
/// events that a recorder has, a fan-out that was cut off, a MANIFEST's torn end.
///
/// kCorruption: a record that nothing implies is damaged or missing, and nothing was written; a
/// backup is the way back. All other codes as Store::open.
Result<RepairReport> repair_store(const StoreOptions& options);

}  // namespace muster
