#include "store/packed_host.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>

#include "base/contract.h"
#include "codec/envelope.h"
#include "schema/host_generated.h"

namespace muster::store {
namespace {

using core::Host;
using core::LabelNumber;
using core::Slot;
using core::VersionNumber;

static_assert(std::endian::native == std::endian::little);

struct Head {
  std::uint64_t envelope_hash;
  std::int64_t enrolled_at;
  std::uint64_t reconciled;
  std::uint64_t last_fan_out;
  std::int64_t due;
  std::uint32_t sealed_bytes;
  std::uint32_t ordinal;
  std::uint32_t team;
  std::uint32_t labels;
  std::uint16_t slots;
  std::uint16_t details;
  std::uint16_t variables;
  std::uint8_t platform : 6;
  bool enrolled : 1;
  bool user_channel : 1;
};
static_assert(sizeof(Head) == 64);
static_assert(kRowsPerHostMax <= UINT16_MAX);

/// Words are read and written whole: what is behind the one that is meant is masked, or written
/// again. Behind the last one stands as much.
constexpr std::size_t kWordBytes = 8;
constexpr std::size_t kColumnHeadBytes = kWordBytes + 1;
/// The packer keeps its memory.
constexpr std::size_t kPackedBytesMax = 1u << 20;

std::uint64_t command_of(const fb::Slot& slot) {
  return std::uint64_t{slot.command_high()} << 32 | slot.command_low();
}
std::uint64_t state_of(const fb::Slot& slot) {
  return std::uint64_t{slot.retries()} << 8 | slot.state();
}

/// A column: its least value, the bytes of each difference to it, the differences.
template <typename Value>
char* write_column(char* at, std::size_t count, Value value) {
  if (count == 0) return at;
  std::uint64_t least = value(0);
  std::uint64_t greatest = least;
  for (std::size_t i = 1; i < count; ++i) {
    least = std::min(least, value(i));
    greatest = std::max(greatest, value(i));
  }
  const auto width = static_cast<std::size_t>(std::bit_width(greatest - least) + 7) / 8;
  std::memcpy(at, &least, kWordBytes);
  at[kWordBytes] = static_cast<char>(width);
  at += kColumnHeadBytes;
  if (width == 0) return at;
  for (std::size_t i = 0; i < count; ++i, at += width) {
    const std::uint64_t beyond = value(i) - least;
    std::memcpy(at, &beyond, kWordBytes);
  }
  return at;
}

class Column {
 public:
  /// Moves `at` behind the column.
  Column(const char*& at, std::size_t count) {
    if (count == 0) return;
    std::memcpy(&least_, at, kWordBytes);
    width_ = static_cast<std::uint8_t>(at[kWordBytes]);
    mask_ = width_ == 0 ? 0 : ~std::uint64_t{0} >> (kWordBytes - width_) * 8;
    values_ = at + kColumnHeadBytes;
    at = values_ + width_ * count;
  }

  std::uint64_t operator[](std::size_t index) const {
    std::uint64_t word;
    std::memcpy(&word, values_ + index * width_, kWordBytes);
    return least_ + (word & mask_);
  }

 private:
  const char* values_ = nullptr;
  std::uint64_t least_ = 0;
  std::uint64_t mask_ = 0;
  std::size_t width_ = 0;
};

template <typename Number>
char* write_number(char* at, Number number) {
  std::memcpy(at, &number, sizeof number);
  return at + sizeof number;
}

template <typename Number>
Number read_number(const char*& at) {
  Number number;
  std::memcpy(&number, at, sizeof number);
  at += sizeof number;
  return number;
}

std::size_t bytes_at_most(const Host& host) {
  std::size_t bytes = sizeof(Head) + 4 * kColumnHeadBytes + kWordBytes;
  bytes += host.slots.size() * 3 * kWordBytes + host.labels.size() * kWordBytes;
  bytes += host.variables.size() * (sizeof(VersionNumber) + sizeof(Timestamp));
  for (const core::SlotDetail& detail : host.details) {
    bytes += sizeof(VersionNumber) + sizeof(std::uint32_t) + detail.text.size();
  }
  return bytes;
}

char* write_slots(char* at, const std::vector<Slot>& slots) {
  const auto slot = [&slots](std::size_t index) { return std::bit_cast<fb::Slot>(slots[index]); };
  at = write_column(at, slots.size(),
                    [&](std::size_t i) { return std::uint64_t{slot(i).version()}; });
  at = write_column(at, slots.size(), [&](std::size_t i) { return command_of(slot(i)); });
  return write_column(at, slots.size(), [&](std::size_t i) { return state_of(slot(i)); });
}

void read_slots(const char*& at, std::size_t count, std::vector<Slot>& slots) {
  const Column versions(at, count);
  const Column commands(at, count);
  const Column states(at, count);
  slots.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t command = commands[i];
    const std::uint64_t state = states[i];
    slots[i] = std::bit_cast<Slot>(
        fb::Slot(static_cast<std::uint32_t>(versions[i]), static_cast<std::uint32_t>(command),
                 static_cast<std::uint16_t>(command >> 32), static_cast<std::uint8_t>(state),
                 static_cast<std::uint8_t>(state >> 8)));
  }
}

}  // namespace

SealedRecord describe(std::string_view sealed) {
  return {codec::envelope_hash(sealed), static_cast<std::uint32_t>(sealed.size())};
}

std::string_view HostPacker::pack(const Host& host, const SealedRecord& record) {
  const std::size_t bytes_max = bytes_at_most(host);
  if (bytes_max > kPackedBytesMax) return {};
  if (memory_.size() < bytes_max) memory_.resize(bytes_max);
  Head head{};
  head.envelope_hash = record.envelope_hash;
  head.sealed_bytes = record.bytes;
  head.enrolled_at = host.enrolled_at.micros;
  head.reconciled = host.reconciled;
  head.last_fan_out = host.last_fan_out;
  head.due = host.due.micros;
  head.ordinal = core::to_integer(host.ordinal);
  head.team = host.team;
  head.labels = static_cast<std::uint32_t>(host.labels.size());
  head.slots = static_cast<std::uint16_t>(host.slots.size());
  head.details = static_cast<std::uint16_t>(host.details.size());
  head.variables = static_cast<std::uint16_t>(host.variables.size());
  head.platform = static_cast<std::uint8_t>(host.platform) & 0x3F;
  head.enrolled = host.enrolled;
  head.user_channel = host.user_channel;
  char* at = write_number(memory_.data(), head);
  at = write_slots(at, host.slots);
  at = write_column(at, host.labels.size(),
                    [&](std::size_t i) { return std::uint64_t{to_integer(host.labels[i])}; });
  for (const core::SlotVariables& entry : host.variables) {
    at = write_number(write_number(at, entry.version), entry.updated_at);
  }
  for (const core::SlotDetail& detail : host.details) {
    at = write_number(write_number(at, detail.version),
                      static_cast<std::uint32_t>(detail.text.size()));
    std::memcpy(at, detail.text.data(), detail.text.size());
    at += detail.text.size();
  }
  at += kWordBytes;
  MUSTER_ASSERT(at <= memory_.data() + memory_.size());
  return {memory_.data(), at};
}

void unpack_host(std::string_view packed, Host& host, SealedRecord& record) {
  const char* at = packed.data();
  const auto head = read_number<Head>(at);
  record = {head.envelope_hash, head.sealed_bytes};
  host.enrolled_at = Timestamp{head.enrolled_at};
  host.reconciled = head.reconciled;
  host.last_fan_out = head.last_fan_out;
  host.due = Timestamp{head.due};
  host.ordinal = core::HostOrdinal{head.ordinal};
  host.team = head.team;
  host.platform = static_cast<Platform>(head.platform);
  host.enrolled = head.enrolled;
  host.user_channel = head.user_channel;
  read_slots(at, head.slots, host.slots);
  const Column labels(at, head.labels);
  host.labels.resize(head.labels);
  for (std::size_t i = 0; i < head.labels; ++i) {
    host.labels[i] = LabelNumber{static_cast<std::uint32_t>(labels[i])};
  }
  host.variables.resize(head.variables);
  for (core::SlotVariables& entry : host.variables) {
    entry.version = read_number<VersionNumber>(at);
    entry.updated_at = read_number<Timestamp>(at);
  }
  host.details.resize(head.details);
  for (core::SlotDetail& detail : host.details) {
    detail.version = read_number<VersionNumber>(at);
    const auto bytes = read_number<std::uint32_t>(at);
    detail.text.assign(at, bytes);
    at += bytes;
  }
}

core::HostOrdinal packed_ordinal(std::string_view packed) {
  const char* at = packed.data();
  return core::HostOrdinal{read_number<Head>(at).ordinal};
}

}  // namespace muster::store
