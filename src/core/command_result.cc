#include "core/command_result.h"

#include "base/utf8.h"
#include "core/verify.h"

namespace muster::core {
namespace {

/// "The device does not have the profile": a removal that is done (SEMANTICS 13, A6).
constexpr std::string_view kProfileNotFoundDomain = "MDMClientError";
constexpr std::int64_t kProfileNotFoundCode = 89;

bool is_error(std::string_view status) {
  return status == "Error" || status == "CommandFormatError";
}

DeliveryStatus install_status(std::string_view status) {
  if (is_error(status)) return DeliveryStatus::kFailed;
  if (status == "Acknowledged") return DeliveryStatus::kVerifying;
  if (status == "NotNow") return DeliveryStatus::kPending;
  return DeliveryStatus::kUnsent;
}

bool says_profile_not_found(const CommandResult& event) {
  if (!event.error_chain) return false;
  for (const ErrorChainEntry& entry : *event.error_chain) {
    if (entry.error_domain == kProfileNotFoundDomain && entry.error_code == kProfileNotFoundCode) {
      return true;
    }
  }
  return false;
}

/// LateResults::kIgnoreStale: the row must still wait for this very command.
bool is_stale(const Policy& policy, const Host* host, std::optional<CommandNumber> command,
              Operation operation) {
  if (policy.late_results != LateResults::kIgnoreStale || host == nullptr || !command) return false;
  const Slot* slot = host->find_slot(*command);
  return slot != nullptr &&
         (slot->status() != DeliveryStatus::kPending || slot->operation() != operation);
}

Outcome remove_result(const StoreLimits& limits, Host* host, CommandNumber command,
                      const CommandResult& event) {
  const bool failed = is_error(event.status) && !says_profile_not_found(event);
  const Slot* slot = host == nullptr ? nullptr : host->find_slot(command);
  if (slot == nullptr) return failed ? Outcome::kNoRemovalRow : Outcome::kUnchanged;
  RowUpdate update;
  update.operation = Operation::kRemove;
  update.erase =
      failed ? slot->ignore_error() : event.status == "Acknowledged" || is_error(event.status);
  update.detail = detail_text(event);
  if (failed) {
    update.status = DeliveryStatus::kFailed;
    update.detail.insert(0, kRemovalFailedPrefix);
  } else if (event.status == "NotNow") {
    update.status = DeliveryStatus::kPending;
  }
  update.detail = base::cut_utf8(update.detail, limits.detail_bytes);
  const bool changed = update_or_delete_host_mdm_apple_profile(*host, command, update);
  return changed ? Outcome::kApplied : Outcome::kUnchanged;
}

}  // namespace

std::string detail_text(const CommandResult& event) {
  if (event.detail) return *event.detail;
  std::string text;
  if (!event.error_chain) return text;
  for (const ErrorChainEntry& entry : *event.error_chain) {
    text += entry.error_domain + " (" + std::to_string(entry.error_code) +
            "): " + entry.us_english_description.value_or("") + "\n";
  }
  return text;
}

std::optional<RetryCount> get_host_mdm_profile_retry_count_by_command_uuid(const Catalog& catalog,
                                                                           const Host& host,
                                                                           CommandNumber command) {
  const Slot* slot = host.find_slot(command);
  if (slot == nullptr) return std::nullopt;
  return RetryCount{catalog.version(slot->version()).identifier_number, slot->retries()};
}

bool update_or_delete_host_mdm_apple_profile(Host& host, CommandNumber command,
                                             const RowUpdate& update) {
  bool changed = false;
  for (std::size_t i = 0; i < host.slots.size();) {
    Slot& slot = host.slots[i];
    if (slot.command() != command) {
      ++i;
      continue;
    }
    if (update.erase) {
      host.erase_slot(i);
      changed = true;
      continue;
    }
    changed |= slot.operation() != update.operation || slot.status() != update.status ||
               host.detail_of(slot) != update.detail;
    host.set_operation(slot, update.operation);
    host.set_status(slot, update.status);
    host.set_detail(slot, update.detail);
    ++i;
  }
  return changed;
}

Outcome handle_host_mdm_profile_install_result(const Policy& policy, const StoreLimits& limits,
                                               const Catalog& catalog, Host* host,
                                               std::optional<CommandNumber> command,
                                               DeliveryStatus status, std::string_view detail) {
  if (is_stale(policy, host, command, Operation::kInstall)) return Outcome::kStaleResult;
  if (status == DeliveryStatus::kVerifying) {
    if (host == nullptr) return Outcome::kNoHostRow;
    // No report of ios and ipados could verify: the acknowledgement is the last word.
    if (host->mobile()) status = DeliveryStatus::kVerified;
  }
  if (status == DeliveryStatus::kFailed) {
    const auto count =
        host == nullptr || !command
            ? std::nullopt
            : get_host_mdm_profile_retry_count_by_command_uuid(catalog, *host, *command);
    if (!count) return Outcome::kNoWaitingRow;
    if (count->retries < policy.max_retries_apple) {
      return retry_install_rows(catalog, *host, count->identifier_number) ? Outcome::kApplied
                                                                          : Outcome::kUnchanged;
    }
  }
  if (host == nullptr || !command) return Outcome::kUnchanged;
  RowUpdate update;
  update.status = status;
  update.detail = base::cut_utf8(detail, limits.detail_bytes);
  return update_or_delete_host_mdm_apple_profile(*host, *command, update) ? Outcome::kApplied
                                                                          : Outcome::kUnchanged;
}

Outcome command_result(const Policy& policy, const StoreLimits& limits, const Catalog& catalog,
                       Host* host, const std::optional<KnownCommand>& command,
                       const CommandResult& event) {
  if (event.status == "Idle") return Outcome::kUnchanged;
  if (!command) return Outcome::kUnknownCommand;
  if (command->operation == Operation::kInstall) {
    return handle_host_mdm_profile_install_result(policy, limits, catalog, host, command->number,
                                                  install_status(event.status), detail_text(event));
  }
  if (is_stale(policy, host, command->number, Operation::kRemove)) return Outcome::kStaleResult;
  return remove_result(limits, host, command->number, event);
}

}  // namespace muster::core
