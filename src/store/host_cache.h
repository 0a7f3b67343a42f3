// Host records in memory, as they are on disk, in front of RocksDB: a look-up there costs more than
// everything else that a report needs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace muster::store {

/// Sealed records that were checked when they were read or written. Bounded in bytes; what makes
/// room is chosen at random (KnownReports says why). `host` is host_hash(uuid). One thread at a
/// time.
class HostCache {
 public:
  /// 0: nothing is kept, ever.
  explicit HostCache(std::size_t bytes_max);
  HostCache(const HostCache&) = delete;
  HostCache& operator=(const HostCache&) = delete;
  ~HostCache();

  /// Another bound, up to the first one; what passes it goes.
  void bound(std::size_t bytes_max);
  /// Valid until the next change; empty: not here. Its payload is aligned for FlatBuffers.
  std::string_view find(std::uint64_t host, std::string_view uuid) const;
  void put(std::uint64_t host, std::string_view uuid, std::string_view sealed);
  /// Puts it only where the host is here already.
  void refresh(std::uint64_t host, std::string_view uuid, std::string_view sealed);
  void erase(std::uint64_t host, std::string_view uuid);
  /// Asks for the memory that finding the host's record will read; and then, for that of the
  /// record.
  void prefetch(std::uint64_t host) const;
  void prefetch_record(std::uint64_t host) const;

  std::size_t bytes() const { return bytes_; }
  std::uint64_t kept() const { return kept_; }

 private:
  struct Record;  ///< a block of memory: sizes, the sealed bytes, the uuid
  static constexpr std::size_t kRecordsPerSet = 6;

  /// A line of the processor's cache.
  struct alignas(64) Set {
    std::array<std::uint16_t, kRecordsPerSet> tags;
    std::array<Record*, kRecordsPerSet> records;  ///< null: free
  };

  Set* first_set() const;
  Set* set_of(std::uint64_t host) const;
  Record** find_record(std::uint64_t host, std::string_view uuid) const;
  Record* make_record(std::string_view uuid, std::string_view sealed);
  void drop(Record*& record);
  void make_room();
  std::uint64_t random();

  std::size_t bytes_max_;
  std::size_t sets_;
  std::unique_ptr<void, void (*)(void*)> memory_;  ///< of the sets
  std::size_t bytes_ = 0;
  std::uint64_t kept_ = 0;
  std::uint64_t random_ = 0x9E3779B97F4A7C15;
};

}  // namespace muster::store
