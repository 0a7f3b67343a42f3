// A host's record in as few bytes as still read fast: for memory alone, never for disk.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/host.h"

namespace muster::store {

/// The record on disk that a host was read from, or written to.
struct SealedRecord {
  std::uint64_t envelope_hash = 0;
  std::uint32_t bytes = 0;
};
SealedRecord describe(std::string_view sealed);

/// Rows stand in columns. Of each column the least value is kept, and what the others have beyond
/// it in as many bytes as the greatest needs: rows of one pass have neighbouring commands, and
/// profile versions have small numbers. 30 rows of one pass take 60 to 150 bytes, of many passes up
/// to 300; on disk, 360.
class HostPacker {
 public:
  /// All but the uuid and the two report times. Valid until the next call. Empty for a host that
  /// would need more than a megabyte.
  std::string_view pack(const core::Host& host, const SealedRecord& record);

 private:
  std::vector<char> memory_;
};

/// Into a host whose memory serves again; its uuid and its two report times stay as they are.
void unpack_host(std::string_view packed, core::Host& host, SealedRecord& record);
core::HostOrdinal packed_ordinal(std::string_view packed);

}  // namespace muster::store
