#include "core/fan_out.h"

namespace muster::core {

bool delete_profile_on_host(const Catalog& catalog, ProfileNumber profile, Host& host) {
  Slot* slot = host.find_slot(catalog, profile);
  if (slot == nullptr) return false;
  if (slot->operation() == Operation::kRemove) {
    // A broken label may have kept the pass from this row; now nothing does.
    if (slot->status() == DeliveryStatus::kUnsent) host.mark_due();
    return false;
  }
  if (slot->status() == DeliveryStatus::kUnsent) {
    host.erase_slot(static_cast<std::size_t>(slot - host.slots.data()));
    return true;
  }
  slot->set_ignore_error(slot->status() == DeliveryStatus::kPending ||
                         slot->status() == DeliveryStatus::kFailed);
  host.set_operation(*slot, Operation::kRemove);
  host.set_status(*slot, DeliveryStatus::kUnsent);
  return true;
}

bool resend_failed_on_host(const Catalog& catalog, ProfileNumber profile, Host& host) {
  Slot* slot = host.find_slot(catalog, profile);
  if (slot == nullptr || slot->status() != DeliveryStatus::kFailed) return false;
  host.set_status(*slot, DeliveryStatus::kUnsent);
  return true;
}

bool take_back_command_on_host(CommandNumber command, Host& host) {
  bool changed = false;
  for (Slot& slot : host.slots) {
    if (slot.command() != command || slot.status() != DeliveryStatus::kPending) continue;
    host.set_status(slot, DeliveryStatus::kUnsent);
    slot.set_command(kNoCommand);
    changed = true;
  }
  return changed;
}

}  // namespace muster::core
