#include "core/summary.h"

namespace muster::core {

namespace {

/// A bit for each status that rows with an operation have.
constexpr std::uint32_t bit(Operation operation, DeliveryStatus status) {
  return 1u << Slot::standing_of(operation, status);
}
constexpr std::uint32_t bits(DeliveryStatus status) {
  return bit(Operation::kInstall, status) | bit(Operation::kRemove, status);
}

}  // namespace

std::optional<DeliveryStatus> bucket_of(const Host& host) {
  if (!host.apple()) return std::nullopt;
  std::uint32_t seen = 0;
  for (const Slot& slot : host.slots) seen |= 1u << slot.standing();
  const auto any = [seen](std::uint32_t wanted) { return (seen & wanted) != 0; };
  if (any(bits(DeliveryStatus::kFailed))) return DeliveryStatus::kFailed;
  if (any(bits(DeliveryStatus::kUnsent) | bits(DeliveryStatus::kPending))) {
    return DeliveryStatus::kPending;
  }
  for (const auto status : {DeliveryStatus::kVerifying, DeliveryStatus::kVerified}) {
    if (any(bit(Operation::kInstall, status))) return status;
  }
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
