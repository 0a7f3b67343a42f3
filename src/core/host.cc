#include "core/host.h"

#include <algorithm>

#include "base/contract.h"
#include "core/catalog.h"

namespace muster::core {
namespace {

constexpr int kSlotRetriesMax = 255;

template <typename Entry>
auto entry_at(std::vector<Entry>& entries, VersionNumber version) {
  return std::lower_bound(
      entries.begin(), entries.end(), version,
      [](const Entry& entry, VersionNumber key) { return entry.version < key; });
}

template <typename Entry>
const Entry* find_entry(const std::vector<Entry>& entries, VersionNumber version) {
  for (const Entry& entry : entries) {
    if (entry.version == version) return &entry;
  }
  return nullptr;
}

template <typename Entry>
void erase_entry(std::vector<Entry>& entries, VersionNumber version) {
  const auto at = entry_at(entries, version);
  if (at != entries.end() && at->version == version) entries.erase(at);
}

}  // namespace

Slot::Slot(VersionNumber version, Operation operation, DeliveryStatus status, Scope scope)
    : version_(to_integer(version)) {
  set_operation(operation);
  set_status(status);
  set_scope(scope);
}

void Slot::set_command(CommandNumber command) {
  const std::uint64_t number = to_integer(command);
  MUSTER_ASSERT(number <= kCommandNumberMax);
  command_low_ = static_cast<std::uint32_t>(number);
  command_high_ = static_cast<std::uint16_t>(number >> 32);
}

void Slot::set_status(DeliveryStatus status) {
  state_ = static_cast<std::uint8_t>((state_ & ~0x07) | static_cast<std::uint8_t>(status));
}

void Slot::set_retries(int retries) {
  MUSTER_ASSERT(retries >= 0);
  retries_ = static_cast<std::uint8_t>(std::min(retries, kSlotRetriesMax));
}

bool Host::member_of(LabelNumber label) const {
  return std::binary_search(labels.begin(), labels.end(), label);
}

std::string_view Host::detail_of(const Slot& slot) const {
  const SlotDetail* entry = find_entry(details, slot.version());
  return entry == nullptr ? std::string_view() : std::string_view(entry->text);
}

std::optional<Timestamp> Host::variables_of(const Slot& slot) const {
  const SlotVariables* entry = find_entry(variables, slot.version());
  return entry == nullptr ? std::nullopt : std::optional(entry->updated_at);
}

void Host::set_detail(const Slot& slot, std::string_view text) {
  MUSTER_ASSERT(text.size() <= kDetailBytesMax);
  if (text.empty()) {
    if (!details.empty()) erase_entry(details, slot.version());
    return;
  }
  const auto at = entry_at(details, slot.version());
  if (at != details.end() && at->version == slot.version()) {
    at->text = text;
  } else {
    details.insert(at, SlotDetail{slot.version(), std::string(text)});
  }
}

void Host::set_variables(const Slot& slot, std::optional<Timestamp> updated_at) {
  if (!updated_at) {
    if (!variables.empty()) erase_entry(variables, slot.version());
    return;
  }
  const auto at = entry_at(variables, slot.version());
  if (at != variables.end() && at->version == slot.version()) {
    at->updated_at = *updated_at;
  } else {
    variables.insert(at, SlotVariables{slot.version(), *updated_at});
  }
}

void Host::set_status(Slot& slot, DeliveryStatus status) {
  if (status == DeliveryStatus::kUnsent && slot.status() != DeliveryStatus::kUnsent) mark_due();
  slot.set_status(status);
}

void Host::set_operation(Slot& slot, Operation operation) {
  if (slot.operation() != operation) mark_due();
  slot.set_operation(operation);
}

void Host::erase_slot(std::size_t index) {
  MUSTER_ASSERT(index < slots.size());
  set_detail(slots[index], {});
  set_variables(slots[index], std::nullopt);
  slots.erase(slots.begin() + static_cast<std::ptrdiff_t>(index));
  mark_due();
}

void Host::erase_all_slots() {
  slots.clear();
  details.clear();
  variables.clear();
  mark_due();
}

const Slot* Host::find_slot(const Catalog& catalog, ProfileNumber profile) const {
  for (const Slot& slot : slots) {
    if (catalog.version(slot.version()).profile == profile) return &slot;
  }
  return nullptr;
}

Slot* Host::find_slot(const Catalog& catalog, ProfileNumber profile) {
  return const_cast<Slot*>(static_cast<const Host*>(this)->find_slot(catalog, profile));
}

const Slot* Host::find_slot(CommandNumber command) const {
  for (const Slot& slot : slots) {
    if (slot.command() == command) return &slot;
  }
  return nullptr;
}

bool Host::same_record(const Host& other) const {
  return ordinal == other.ordinal && platform == other.platform && team == other.team &&
         enrolled == other.enrolled && user_channel == other.user_channel &&
         enrolled_at == other.enrolled_at && due == other.due && reconciled == other.reconciled &&
         last_fan_out == other.last_fan_out && slots == other.slots && labels == other.labels &&
         details == other.details && variables == other.variables;
}

}  // namespace muster::core
