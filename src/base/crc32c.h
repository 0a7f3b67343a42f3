#pragma once

#include <cstdint>
#include <string_view>

namespace muster::base {

std::uint32_t crc32c(std::string_view bytes);  ///< Castagnoli's, as RocksDB's logs have it

}  // namespace muster::base
