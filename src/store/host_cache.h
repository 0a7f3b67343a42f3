// Host records in memory in front of RocksDB: a look-up there costs more than everything else that
// a report needs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "core/host.h"
#include "store/packed_host.h"

namespace muster::store {

/// Hosts whose records were checked when they were read, or written, packed. Bounded in bytes; what
/// makes room is chosen at random (KnownReports says why). `hash` is host_hash(uuid). One thread at
/// a time.
class HostCache {
 public:
  /// 0: nothing is kept, ever.
  explicit HostCache(std::size_t bytes_max);
  HostCache(const HostCache&) = delete;
  HostCache& operator=(const HostCache&) = delete;
  ~HostCache();

  /// Another bound, up to the first one; what passes it goes.
  void bound(std::size_t bytes_max);
  /// False: not here. All but the two report times, into a host whose memory serves again.
  bool find(std::uint64_t hash, std::string_view uuid, core::Host& host,
            SealedRecord& record) const;
  /// A host that has no room even alone is not kept, nor what was kept of it.
  void put(std::uint64_t hash, const core::Host& host, const SealedRecord& record);
  /// Puts it only where the host is here already.
  void refresh(std::uint64_t hash, const core::Host& host, const SealedRecord& record);
  void erase(std::uint64_t hash, std::string_view uuid);
  /// Asks for the memory that finding the host will read; and then, for that of the host.
  void prefetch(std::uint64_t hash) const;
  void prefetch_record(std::uint64_t hash) const;
  /// Of the host, or of another one with a like hash.
  std::optional<core::HostOrdinal> guess_ordinal(std::uint64_t hash) const;

  std::size_t bytes() const { return bytes_; }
  std::uint64_t kept() const { return kept_; }

 private:
  struct Record;  ///< a block of memory: sizes, the uuid, the packed host
  static constexpr std::size_t kRecordsPerSet = 6;

  /// A line of the processor's cache.
  struct alignas(64) Set {
    std::array<std::uint16_t, kRecordsPerSet> tags;
    std::array<Record*, kRecordsPerSet> records;  ///< null: free
  };

  Set* first_set() const;
  Set* set_of(std::uint64_t hash) const;
  Record** find_record(std::uint64_t hash, std::string_view uuid) const;
  void put_packed(std::uint64_t hash, Record** old, std::string_view uuid, std::string_view packed);
  void drop(Record*& record);
  void make_room();
  std::uint64_t random();

  std::size_t bytes_max_;
  std::size_t sets_;
  HostPacker packer_;
  std::unique_ptr<void, void (*)(void*)> memory_;  ///< of the sets
  std::size_t bytes_ = 0;                          ///< with the sets
  std::uint64_t kept_ = 0;
  std::uint64_t random_ = 0x9E3779B97F4A7C15;
};

}  // namespace muster::store
