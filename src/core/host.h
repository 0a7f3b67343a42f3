// A host with its profile rows: what the rules read and change.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/numbers.h"
#include "muster/types.h"

namespace muster::core {

class Catalog;

/// One profile row, in memory as on disk: 12 bytes. Rare parts (detail, variables_updated_at) stand
/// in the host's side vectors.
class Slot {
 public:
  Slot() = default;
  Slot(VersionNumber version, Operation operation, DeliveryStatus status, Scope scope);

  VersionNumber version() const { return VersionNumber{version_}; }
  CommandNumber command() const {
    return CommandNumber{(std::uint64_t{command_high_} << 32) | command_low_};
  }
  DeliveryStatus status() const { return static_cast<DeliveryStatus>(state_ & 0x07); }
  Operation operation() const {
    return (state_ & kRemoveBit) != 0 ? Operation::kRemove : Operation::kInstall;
  }
  bool ignore_error() const { return (state_ & kIgnoreErrorBit) != 0; }
  Scope scope() const { return (state_ & kUserBit) != 0 ? Scope::kUser : Scope::kSystem; }
  int retries() const { return retries_; }
  /// Status and operation as one number, below kStandings.
  static constexpr std::size_t kStandings = 16;
  std::size_t standing() const { return state_ & 0x0F; }
  static constexpr std::size_t standing_of(Operation operation, DeliveryStatus status) {
    return static_cast<std::size_t>(status) | (operation == Operation::kRemove ? kRemoveBit : 0);
  }

  void set_version(VersionNumber version) { version_ = to_integer(version); }
  void set_command(CommandNumber command);
  void set_status(DeliveryStatus status);
  void set_operation(Operation operation) { set_bit(kRemoveBit, operation == Operation::kRemove); }
  void set_ignore_error(bool value) { set_bit(kIgnoreErrorBit, value); }
  void set_scope(Scope scope) { set_bit(kUserBit, scope == Scope::kUser); }
  void set_retries(int retries);

  /// Bits that no writer sets are zero and the status is one of the five.
  bool well_formed() const { return (state_ & 0xC0) == 0 && (state_ & 0x07) <= 4; }

  friend bool operator==(const Slot&, const Slot&) = default;

 private:
  static constexpr std::uint8_t kRemoveBit = 0x08;
  static constexpr std::uint8_t kIgnoreErrorBit = 0x10;
  static constexpr std::uint8_t kUserBit = 0x20;

  void set_bit(std::uint8_t bit, bool on) {
    state_ = static_cast<std::uint8_t>(on ? state_ | bit : state_ & ~bit);
  }

  std::uint32_t version_ = 0;
  std::uint32_t command_low_ = 0;
  std::uint16_t command_high_ = 0;
  std::uint8_t state_ = 0;
  std::uint8_t retries_ = 0;
};
static_assert(sizeof(Slot) == 12);

/// Side data of a slot, found by its version (a host has at most one slot a version).
struct SlotDetail {
  VersionNumber version{};
  std::string text;
  friend bool operator==(const SlotDetail&, const SlotDetail&) = default;
};
struct SlotVariables {
  VersionNumber version{};
  Timestamp updated_at;
  friend bool operator==(const SlotVariables&, const SlotVariables&) = default;
};

/// When the reconciler has to visit a host: never, at once, or at a time.
inline constexpr Timestamp kNotDue{std::numeric_limits<std::int64_t>::max()};
inline constexpr Timestamp kDueNow{std::numeric_limits<std::int64_t>::min()};

/// 2000-01-01T00:00:00Z: a host that never reported.
inline constexpr Timestamp kNeverReported{946'684'800'000'000};

struct Host {
  std::string uuid;
  HostOrdinal ordinal{};
  Platform platform = Platform::kDarwin;
  TeamId team = 0;
  bool enrolled = false;
  bool user_channel = false;
  Timestamp enrolled_at;
  std::vector<LabelNumber>
      labels;               ///< ascending; numbers of deleted labels may stay and count for nothing
  std::vector<Slot> slots;  ///< in profile_uuid order
  std::vector<SlotDetail> details;       ///< by version; only non-empty texts
  std::vector<SlotVariables> variables;  ///< by version
  Sequence reconciled = 0;               ///< the last pass that changed this record
  Sequence last_fan_out = 0;             ///< the last fan-out marked here (ARCHITECTURE.md)
  Timestamp due = kDueNow;

  // Not part of the record: these move at every check-in.
  Timestamp detail_updated_at = kNeverReported;  ///< whole seconds
  Timestamp label_updated_at = kNeverReported;   ///< whole seconds

  bool apple() const { return platform != Platform::kWindows; }
  bool mobile() const { return platform == Platform::kIos || platform == Platform::kIpados; }
  bool member_of(LabelNumber label) const;

  std::string_view detail_of(const Slot& slot) const;
  std::optional<Timestamp> variables_of(const Slot& slot) const;
  void set_detail(const Slot& slot, std::string_view text);  ///< kDetailBytesMax at most
  void set_variables(const Slot& slot, std::optional<Timestamp> updated_at);

  // Changes to rows. They mark the host due where the reconciler has something new to look at.
  void set_status(Slot& slot, DeliveryStatus status);
  void set_operation(Slot& slot, Operation operation);
  void erase_slot(std::size_t index);
  void erase_all_slots();
  void mark_due() { due = kDueNow; }

  Slot* find_slot(const Catalog& catalog, ProfileNumber profile);
  const Slot* find_slot(const Catalog& catalog, ProfileNumber profile) const;
  /// The first slot in profile_uuid order that carries the command, or null.
  const Slot* find_slot(CommandNumber command) const;

  /// The record's content is equal; the two report times do not count.
  bool same_record(const Host& other) const;
};

}  // namespace muster::core
