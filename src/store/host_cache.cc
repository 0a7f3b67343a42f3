#include "store/host_cache.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace muster::store {
namespace {

/// A usual record, to choose how many sets there are: 30 rows.
constexpr std::size_t kUsualRecordBytes = 512;
constexpr std::size_t kUsualRecordsPerSet = 3;
/// What the allocator adds to a block.
constexpr std::size_t kBlockOverhead = 16;

std::uint16_t tag_of(std::uint64_t host) {
  return static_cast<std::uint16_t>(host);
}

}  // namespace

struct alignas(16) HostCache::Record {
  std::uint32_t sealed_bytes;
  std::uint32_t uuid_bytes;

  static std::size_t bytes_for(std::size_t sealed_bytes, std::size_t uuid_bytes) {
    return sizeof(Record) + sealed_bytes + uuid_bytes;
  }
  std::size_t bytes() const { return bytes_for(sealed_bytes, uuid_bytes) + kBlockOverhead; }
  char* data() { return reinterpret_cast<char*>(this + 1); }
  std::string_view sealed() { return {data(), sealed_bytes}; }
  std::string_view uuid() { return {data() + sealed_bytes, uuid_bytes}; }
};

HostCache::HostCache(std::size_t bytes_max)
    : bytes_max_(bytes_max),
      sets_(bytes_max / kUsualRecordBytes / kUsualRecordsPerSet),
      memory_(nullptr, std::free) {
  if (sets_ == 0) return;
  // Zero pages take no memory until they are written.
  void* memory = std::calloc(sets_ + 1, sizeof(Set));
  memory_.reset(memory);
  if (memory == nullptr) sets_ = 0;
}

HostCache::~HostCache() {
  for (std::size_t i = 0; i < sets_; ++i) {
    for (Record* record : first_set()[i].records) std::free(record);
  }
}

void HostCache::bound(std::size_t bytes_max) {
  bytes_max_ = bytes_max;
  while (bytes_ > bytes_max_) make_room();
}

/// At a line of the processor's cache.
HostCache::Set* HostCache::first_set() const {
  const auto at = reinterpret_cast<std::uintptr_t>(memory_.get());
  return reinterpret_cast<Set*>((at + alignof(Set) - 1) / alignof(Set) * alignof(Set));
}

HostCache::Set* HostCache::set_of(std::uint64_t host) const {
  if (sets_ == 0) return nullptr;
  __extension__ using Wide = unsigned __int128;
  return first_set() + static_cast<std::size_t>(Wide{host} * sets_ >> 64);
}

void HostCache::prefetch(std::uint64_t host) const {
  if (const Set* set = set_of(host)) __builtin_prefetch(set);
}

void HostCache::prefetch_record(std::uint64_t host) const {
  const Set* set = set_of(host);
  if (set == nullptr) return;
  for (std::size_t i = 0; i < kRecordsPerSet; ++i) {
    if (set->tags[i] != tag_of(host) || set->records[i] == nullptr) continue;
    const char* bytes = reinterpret_cast<const char*>(set->records[i]);
    for (std::size_t line = 0; line < kUsualRecordBytes; line += alignof(Set)) {
      __builtin_prefetch(bytes + line);
    }
  }
}

HostCache::Record** HostCache::find_record(std::uint64_t host, std::string_view uuid) const {
  Set* set = set_of(host);
  if (set == nullptr) return nullptr;
  for (std::size_t i = 0; i < kRecordsPerSet; ++i) {
    Record*& record = set->records[i];
    if (set->tags[i] == tag_of(host) && record != nullptr && record->uuid() == uuid) return &record;
  }
  return nullptr;
}

std::string_view HostCache::find(std::uint64_t host, std::string_view uuid) const {
  Record** record = find_record(host, uuid);
  return record == nullptr ? std::string_view() : (*record)->sealed();
}

void HostCache::put(std::uint64_t host, std::string_view uuid, std::string_view sealed) {
  Set* set = set_of(host);
  const std::size_t bytes = Record::bytes_for(sealed.size(), uuid.size()) + kBlockOverhead;
  if (Record** old = find_record(host, uuid)) {
    if ((*old)->sealed_bytes == sealed.size()) {
      std::memcpy((*old)->data(), sealed.data(), sealed.size());
      return;
    }
    drop(*old);
  }
  if (set == nullptr || bytes > bytes_max_) return;
  while (bytes_ + bytes > bytes_max_) make_room();
  Record* record = make_record(uuid, sealed);
  if (record == nullptr) return;
  auto at = std::find(set->records.begin(), set->records.end(), nullptr);
  if (at == set->records.end()) {
    at = set->records.begin() + static_cast<std::ptrdiff_t>(random() % kRecordsPerSet);
    drop(*at);
  }
  set->tags[static_cast<std::size_t>(at - set->records.begin())] = tag_of(host);
  *at = record;
  bytes_ += record->bytes();
  ++kept_;
}

void HostCache::refresh(std::uint64_t host, std::string_view uuid, std::string_view sealed) {
  if (find_record(host, uuid) != nullptr) put(host, uuid, sealed);
}

void HostCache::erase(std::uint64_t host, std::string_view uuid) {
  if (Record** record = find_record(host, uuid)) drop(*record);
}

HostCache::Record* HostCache::make_record(std::string_view uuid, std::string_view sealed) {
  void* block = std::malloc(Record::bytes_for(sealed.size(), uuid.size()));
  if (block == nullptr) return nullptr;
  auto* record = new (block)
      Record{static_cast<std::uint32_t>(sealed.size()), static_cast<std::uint32_t>(uuid.size())};
  std::memcpy(record->data(), sealed.data(), sealed.size());
  std::memcpy(record->data() + sealed.size(), uuid.data(), uuid.size());
  return record;
}

void HostCache::drop(Record*& record) {
  bytes_ -= record->bytes();
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
