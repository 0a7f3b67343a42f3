#include "store/host_cache.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace muster::store {
namespace {

/// A usual host, to choose how many sets there are: 30 rows.
constexpr std::size_t kUsualRecordBytes = 256;
constexpr std::size_t kUsualRecordsPerSet = 3;
/// Blocks are multiples of this, and the allocator adds as much.
constexpr std::size_t kBlockUnit = 16;

std::uint16_t tag_of(std::uint64_t hash) {
  return static_cast<std::uint16_t>(hash);
}

}  // namespace

struct alignas(kBlockUnit / 2) HostCache::Record {
  std::uint32_t packed_bytes;
  std::uint32_t uuid_bytes;

  static std::size_t block_bytes(std::size_t packed_bytes, std::size_t uuid_bytes) {
    const std::size_t bytes = sizeof(Record) + packed_bytes + uuid_bytes;
    return (bytes + kBlockUnit - 1) / kBlockUnit * kBlockUnit;
  }
  std::size_t block_bytes() const { return block_bytes(packed_bytes, uuid_bytes); }
  char* data() { return reinterpret_cast<char*>(this + 1); }
  std::string_view uuid() { return {data(), uuid_bytes}; }
  std::string_view packed() { return {data() + uuid_bytes, packed_bytes}; }
};

HostCache::HostCache(std::size_t bytes_max)
    : bytes_max_(bytes_max),
      sets_(bytes_max / kUsualRecordBytes / kUsualRecordsPerSet),
      memory_(nullptr, std::free) {
  if (sets_ == 0) return;
  // Pages that were not written yet take no memory.
  void* memory = std::calloc(sets_ + 1, sizeof(Set));
  memory_.reset(memory);
  if (memory == nullptr) {
    sets_ = 0;
    return;
  }
  bytes_ = sets_ * sizeof(Set);
}

HostCache::~HostCache() {
  for (std::size_t i = 0; i < sets_ && kept_ > 0; ++i) {
    for (Record*& record : first_set()[i].records) {
      if (record != nullptr) drop(record);
    }
  }
}

void HostCache::bound(std::size_t bytes_max) {
  bytes_max_ = bytes_max;
  while (bytes_ > bytes_max_ && kept_ > 0) make_room();
}

/// At a line of the processor's cache.
HostCache::Set* HostCache::first_set() const {
  const auto at = reinterpret_cast<std::uintptr_t>(memory_.get());
  return reinterpret_cast<Set*>((at + alignof(Set) - 1) / alignof(Set) * alignof(Set));
}

HostCache::Set* HostCache::set_of(std::uint64_t hash) const {
  if (sets_ == 0) return nullptr;
  __extension__ using Wide = unsigned __int128;
  return first_set() + static_cast<std::size_t>(Wide{hash} * sets_ >> 64);
}

void HostCache::prefetch(std::uint64_t hash) const {
  if (const Set* set = set_of(hash)) __builtin_prefetch(set);
}

void HostCache::prefetch_record(std::uint64_t hash) const {
  const Set* set = set_of(hash);
  if (set == nullptr) return;
  for (std::size_t i = 0; i < kRecordsPerSet; ++i) {
    if (set->tags[i] != tag_of(hash) || set->records[i] == nullptr) continue;
    const char* bytes = reinterpret_cast<const char*>(set->records[i]);
    for (std::size_t line = 0; line < kUsualRecordBytes; line += alignof(Set)) {
      __builtin_prefetch(bytes + line);
    }
  }
}

std::optional<core::HostOrdinal> HostCache::guess_ordinal(std::uint64_t hash) const {
  const Set* set = set_of(hash);
  if (set == nullptr) return std::nullopt;
  for (std::size_t i = 0; i < kRecordsPerSet; ++i) {
    if (set->tags[i] != tag_of(hash) || set->records[i] == nullptr) continue;
    return packed_ordinal(set->records[i]->packed());
  }
  return std::nullopt;
}

HostCache::Record** HostCache::find_record(std::uint64_t hash, std::string_view uuid) const {
  Set* set = set_of(hash);
  if (set == nullptr) return nullptr;
  for (std::size_t i = 0; i < kRecordsPerSet; ++i) {
    Record*& record = set->records[i];
    if (set->tags[i] == tag_of(hash) && record != nullptr && record->uuid() == uuid) return &record;
  }
  return nullptr;
}

bool HostCache::find(std::uint64_t hash, std::string_view uuid, core::Host& host,
                     SealedRecord& record) const {
  Record** found = find_record(hash, uuid);
  if (found == nullptr) return false;
  host.uuid = uuid;
  unpack_host((*found)->packed(), host, record);
  return true;
}

void HostCache::put(std::uint64_t hash, const core::Host& host, const SealedRecord& record) {
  if (sets_ == 0) return;
  put_packed(hash, find_record(hash, host.uuid), host.uuid, packer_.pack(host, record));
}

void HostCache::refresh(std::uint64_t hash, const core::Host& host, const SealedRecord& record) {
  Record** old = find_record(hash, host.uuid);
  if (old != nullptr) put_packed(hash, old, host.uuid, packer_.pack(host, record));
}

void HostCache::put_packed(std::uint64_t hash, Record** old, std::string_view uuid,
                           std::string_view packed) {
  const std::size_t block = Record::block_bytes(packed.size(), uuid.size());
  if (old != nullptr) {
    Record& record = **old;
    if (record.block_bytes() == block && !packed.empty()) {
      record.packed_bytes = static_cast<std::uint32_t>(packed.size());
      std::memcpy(record.data() + uuid.size(), packed.data(), packed.size());
      return;
    }
    drop(*old);
  }
  if (packed.empty() || sets_ * sizeof(Set) + block + kBlockUnit > bytes_max_) return;
  while (bytes_ + block + kBlockUnit > bytes_max_) make_room();
  void* memory = std::malloc(block);
  if (memory == nullptr) return;
  auto* record = new (memory)
      Record{static_cast<std::uint32_t>(packed.size()), static_cast<std::uint32_t>(uuid.size())};
  std::memcpy(record->data(), uuid.data(), uuid.size());
  std::memcpy(record->data() + uuid.size(), packed.data(), packed.size());
  Set& set = *set_of(hash);
  auto at = std::find(set.records.begin(), set.records.end(), nullptr);
  if (at == set.records.end()) {
    at = set.records.begin() + static_cast<std::ptrdiff_t>(random() % kRecordsPerSet);
    drop(*at);
  }
  set.tags[static_cast<std::size_t>(at - set.records.begin())] = tag_of(hash);
  *at = record;
  bytes_ += block + kBlockUnit;
  ++kept_;
}

void HostCache::erase(std::uint64_t hash, std::string_view uuid) {
  if (Record** record = find_record(hash, uuid)) drop(*record);
}

void HostCache::drop(Record*& record) {
  bytes_ -= record->block_bytes() + kBlockUnit;
  --kept_;
  std::free(record);
  record = nullptr;
}

/// Empties a set. There is one that is not empty.
void HostCache::make_room() {
  std::size_t index = random() % sets_;
  for (;; index = index + 1 == sets_ ? 0 : index + 1) {
    bool dropped = false;
    for (Record*& record : first_set()[index].records) {
      if (record == nullptr) continue;
      drop(record);
      dropped = true;
    }
    if (dropped) return;
  }
}

std::uint64_t HostCache::random() {
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  return random_;
}

}  // namespace muster::store
