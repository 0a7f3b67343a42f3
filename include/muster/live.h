// What an appliance needs beside events: passes that issue commands, the outbox that hands them
// out, and the feed of changes.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "muster/status.h"
#include "muster/types.h"

namespace muster {

/// Gives the uuid of a new command: 1 to 1,024 bytes of UTF-8, never given before; at random, not
/// from what a store counts, since that goes back with a restore. Called on the thread that
/// commits, which may be another caller's; must not call the store.
using UuidSource = std::function<std::string()>;

/// How far a pass has come.
struct PassReport {
  std::uint64_t windows = 0;             ///< commits, one event of the recording each
  std::uint64_t hosts_changed = 0;       ///< hosts with a row that moved
  std::uint64_t commands_issued = 0;     ///< new commands
  std::uint64_t rows_held_back = 0;      ///< installs beyond the limit of rows a host
  std::uint64_t commands_forgotten = 0;  ///< StoreOptions::command_retention_seconds
  bool complete = false;                 ///< every enrolled host is as desired
};

/// Number of an entry in the outbox. Grows; never used again, but by a store that was restored.
using OutboxId = std::uint64_t;

/// A command to hand over to devices, or to take back from them. An entry names at most as many
/// hosts as one window of a pass.
struct PendingCommand {
  enum class Kind : std::uint8_t {
    kSend,    ///< queue the command for the hosts
    kCancel,  ///< it is superseded or no longer wanted: take it from the hosts' queues if it is
              ///< still there. Nothing to do where it is not.
  };
  OutboxId id = 0;
  Kind kind = Kind::kSend;
  std::string command_uuid;
  Operation operation = Operation::kInstall;
  std::string profile_uuid;
  std::string identifier;
  Checksum checksum{};
  Scope scope = Scope::kSystem;
  Timestamp issued_at;
  std::vector<std::string> hosts;  ///< by uuid
};

std::string_view name_of(PendingCommand::Kind kind);  ///< "send", "cancel"

/// One row of a host that moved. Absent: there was, or is, no such row.
struct RowState {
  Operation operation = Operation::kInstall;
  DeliveryStatus status = DeliveryStatus::kUnsent;
  int retries = 0;
  std::string command_uuid;
  friend bool operator==(const RowState&, const RowState&) = default;
};
struct RowChange {
  std::uint64_t number = 0;  ///< place in the feed: counts from 1, without gaps
  Sequence sequence = 0;     ///< of the event
  Timestamp at;              ///< the event's time
  std::string cause;         ///< the event's type
  std::string host_uuid;
  std::string profile_uuid;
  std::string identifier;
  std::optional<RowState> before;
  std::optional<RowState> after;
  std::string detail;  ///< of the row after the event
};

struct RowChanges {
  std::vector<RowChange> changes;
  /// Changes behind the asked number that are no longer kept: the reader came too late.
  std::uint64_t lost = 0;
};

}  // namespace muster
