// The change log: transitions of rows in the order of their commits, for Store::changes(). It is
// bounded, and kept only where StoreOptions::change_log asks for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/catalog.h"
#include "core/host.h"
#include "muster/event.h"
#include "muster/live.h"
#include "muster/status.h"
#include "store/database.h"
#include "store/group_record.h"

namespace muster::store {

/// `range` belongs to the snapshot; `after` is before its end.
Result<RowChanges> list_changes(const Database& database, const DatabaseSnapshot& snapshot,
                                const core::Catalog& catalog, const ChangeRange& range,
                                std::uint64_t after, std::size_t limit);

/// kCorruption: it is not a change of a known profile's row.
Status check_change(const core::Catalog& catalog, std::string_view key, std::string_view sealed);

/// What of the log stays, at least.
struct ChangeRetention {
  std::uint64_t count = 0;   ///< 0: nothing is noted
  std::int64_t seconds = 0;  ///< 0: whatever the time
};

/// What a commit group adds to the log.
class ChangeDraft {
 public:
  ChangeDraft(const Database& database, ChangeRetention kept) : database_(database), kept_(kept) {}

  /// Is anything kept? Otherwise nothing needs to be noted.
  bool on() const { return kept_.count > 0; }
  /// Compares a host's rows before and after one event.
  void note(const core::Catalog& catalog, Sequence sequence, const Event& event, Timestamp at,
            const std::optional<core::Host>& before, const std::optional<core::Host>& after);
  /// Puts what was noted, and drops what is too much or too old.
  Status finish(Batch& batch, ChangeRange& range);

 private:
  struct Change {
    Sequence sequence = 0;
    Timestamp at;
    std::uint8_t cause = 0;
    std::string host_uuid;
    core::VersionNumber version{};
    std::optional<core::Slot> before;
    std::optional<core::Slot> after;
    std::string detail;
  };

  static std::string encode(std::uint64_t number, const Change& change);
  Result<std::uint64_t> first_young(const ChangeRange& range) const;

  const Database& database_;
  const ChangeRetention kept_;
  std::vector<Change> changes_;
};

}  // namespace muster::store
