// Answers of devices to commands (SEMANTICS 2.3; 13 A3, A4, A6, A7, A13). Rows are found by the
// command they carry, whatever their status: that is the original's behaviour and its races
// (SEMANTICS 2.6) are reproduced unless the policy says otherwise.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/catalog.h"
#include "core/host.h"
#include "muster/event.h"
#include "muster/limits.h"
#include "muster/policy.h"

namespace muster::core {

inline constexpr std::string_view kRemovalFailedPrefix = "Failed to remove: ";

/// A command as the store knows it.
struct KnownCommand {
  CommandNumber number{};
  Operation operation = Operation::kInstall;
};

/// Judges an answer. `host` is null for a host that is not in the inventory; `command` is absent
/// where no pass ever issued it.
Outcome command_result(const Policy& policy, const StoreLimits& limits, const Catalog& catalog,
                       Host* host, const std::optional<KnownCommand>& command,
                       const CommandResult& event);

/// Ingests an install result given as a delivery status. A command that is not known is carried by
/// no row, except kNoCommand, which rows without a command carry.
Outcome handle_host_mdm_profile_install_result(const Policy& policy, const StoreLimits& limits,
                                               const Catalog& catalog, Host* host,
                                               std::optional<CommandNumber> command,
                                               DeliveryStatus status, std::string_view detail);

/// The identifier and retry counter of the row that carries the command.
struct RetryCount {
  std::uint32_t identifier_number = 0;
  int retries = 0;
};
std::optional<RetryCount> get_host_mdm_profile_retry_count_by_command_uuid(const Catalog& catalog,
                                                                           const Host& host,
                                                                           CommandNumber command);

/// What update_or_delete_host_mdm_apple_profile does to the rows that carry the command.
struct RowUpdate {
  Operation operation = Operation::kInstall;
  DeliveryStatus status = DeliveryStatus::kUnsent;
  bool erase = false;  ///< a removal that succeeded, or whose error is ignored
  std::string detail;
};
/// Returns whether a row carried the command and changed.
bool update_or_delete_host_mdm_apple_profile(Host& host, CommandNumber command,
                                             const RowUpdate& update);

/// The text that a result stores: its detail, or one line an entry of its error chain.
std::string detail_text(const CommandResult& event);

}  // namespace muster::core
