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

/// `range` belongs to the snapshot.
Result<RowChanges> list_changes(const Database& database, const DatabaseSnapshot& snapshot,
                                const core::Catalog& catalog, const ChangeRange& range,
                                std::uint64_t after, std::size_t limit);

/// What a commit group adds to the log.
class ChangeDraft {
 public:
  explicit ChangeDraft(std::uint64_t kept) : kept_(kept) {}

  /// Is anything kept? Otherwise nothing needs to be noted.
  bool on() const { return kept_ > 0; }
  /// Compares a host's rows before and after one event.
  void note(const core::Catalog& catalog, Sequence sequence, const Event& event, Timestamp at,
            const std::optional<core::Host>& before, const std::optional<core::Host>& after);
  /// Puts what was noted, and drops what is too old.
  void finish(Batch& batch, ChangeRange& range);

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

  const std::uint64_t kept_;
  std::vector<Change> changes_;
};

}  // namespace muster::store
