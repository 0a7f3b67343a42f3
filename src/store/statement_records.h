// What was taken from recordings whose events have no numbers (docs/recordings.md).
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/taken_statements.h"
#include "muster/event.h"
#include "muster/status.h"
#include "store/database.h"
#include "store/store_digest.h"

namespace muster::store {

std::string encode_statements(std::string_view key, const core::TakenStatements& taken);
Result<core::TakenStatements> decode_statements(std::string_view key, std::string_view sealed);

/// The records of one commit group.
class StatementDraft {
 public:
  explicit StatementDraft(const Database& database) : database_(database) {}

  /// kApplied: the statement is new, and is remembered with the group. Else kRepeated or kTooOld.
  Result<Outcome> take(const Event& event, const Digest& key, Timestamp at);
  /// The same of a holder's statement, which is not taken.
  Result<Outcome> look_up(const std::string& holder, const Digest& key, Timestamp at);
  void finish(Batch& batch, StoreDigest& digest);

 private:
  struct Entry {
    core::TakenStatements taken;
    std::optional<std::uint64_t> stored_hash;
    bool changed = false;
  };
  Result<Entry*> entry(const std::string& key);

  const Database& database_;
  std::map<std::string, Entry> entries_;
};

}  // namespace muster::store
