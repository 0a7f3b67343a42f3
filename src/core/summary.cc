#include "core/summary.h"

namespace muster::core {

std::optional<DeliveryStatus> bucket_of(const Host& host) {
  if (!host.apple()) return std::nullopt;
  bool pending = false;
  bool verifying = false;
  bool verified = false;
  for (const Slot& slot : host.slots) {
    const bool install = slot.operation() == Operation::kInstall;
    switch (slot.status()) {
      case DeliveryStatus::kFailed:
        return DeliveryStatus::kFailed;
      case DeliveryStatus::kUnsent:
      case DeliveryStatus::kPending:
        pending = true;
        break;
      case DeliveryStatus::kVerifying:
        verifying |= install;
        break;
      case DeliveryStatus::kVerified:
        verified |= install;
        break;
    }
  }
  if (pending) return DeliveryStatus::kPending;
  if (verifying) return DeliveryStatus::kVerifying;
  if (verified) return DeliveryStatus::kVerified;
  return std::nullopt;
}

std::optional<DeliveryStatus> counted_as(const Slot& slot) {
  if (slot.operation() == Operation::kInstall) {
    return slot.status() == DeliveryStatus::kUnsent ? DeliveryStatus::kPending : slot.status();
  }
  if (slot.status() == DeliveryStatus::kFailed || slot.status() == DeliveryStatus::kPending) {
    return slot.status();
  }
  return std::nullopt;
}

}  // namespace muster::core
