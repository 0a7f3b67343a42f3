// The outbox: commands that Store::reconcile() issued and that nobody has confirmed yet, and
// cancellations of such commands. Entries commit with the rows that they are about.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/catalog.h"
#include "core/host.h"
#include "muster/live.h"
#include "muster/status.h"
#include "store/catalog_records.h"
#include "store/database.h"
#include "store/group_record.h"

namespace muster::store {

struct OutboxEntry {
  PendingCommand::Kind kind = PendingCommand::Kind::kSend;
  std::string command_uuid;
  core::VersionNumber version{};
  Operation operation = Operation::kInstall;
  Scope scope = Scope::kSystem;
  Timestamp issued_at;
};
struct StoredOutboxEntry : OutboxEntry {
  std::vector<std::string> hosts;  ///< ascending
};
std::string encode_outbox_entry(OutboxId id, const OutboxEntry& entry,
                                std::span<const std::string_view> hosts);
Result<StoredOutboxEntry> decode_outbox_entry(OutboxId id, std::string_view sealed);

Result<std::vector<PendingCommand>> list_outbox(const Database& database,
                                                const DatabaseSnapshot& snapshot,
                                                const core::Catalog& catalog, OutboxId after,
                                                std::size_t limit);

/// What a commit group does to the outbox.
class OutboxDraft {
 public:
  using FindCommand = std::function<Result<StoredCommand>(core::CommandNumber)>;

  /// Rows that get this command are to be told to devices.
  void hand_out(core::CommandNumber command) { handed_out_.insert(core::to_integer(command)); }
  /// Removes an entry. False: there is none.
  Result<bool> confirm(const Database& database, OutboxId id, GroupRecord& record);
  /// Compares a host before and after the group. Both live until finish().
  void note_host(const core::Catalog& catalog, const std::optional<core::Host>& stored,
                 const std::optional<core::Host>& current);
  bool empty() const { return confirmed_.empty(); }
  Status finish(const FindCommand& find_command, Batch& batch, GroupRecord& record);

 private:
  using Kind = PendingCommand::Kind;
  struct Recipients {
    Scope scope = Scope::kSystem;
    std::vector<std::string_view> hosts;
  };

  void add(Kind kind, const core::Slot& slot, const std::string& host_uuid);

  boost::unordered_flat_set<std::uint64_t> handed_out_;
  std::set<OutboxId> confirmed_;
  std::map<std::pair<Kind, core::CommandNumber>, Recipients> recipients_;
};

}  // namespace muster::store
