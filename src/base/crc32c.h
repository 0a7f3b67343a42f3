#pragma once

#include <cstdint>
#include <string_view>

namespace muster::base {

/// Castagnoli's, as RocksDB's logs have it. `before`: of the bytes that stand before these.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

}  // namespace muster::base
