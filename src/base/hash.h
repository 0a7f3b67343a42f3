#pragma once

#include <cstdint>
#include <string_view>

#include "muster/types.h"

namespace muster::base {

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0);  ///< XXH3-64
Digest hash128(std::string_view bytes);                                ///< XXH3-128
Digest hash128_long(std::string_view bytes);                           ///< the same, for long texts

/// Sum modulo 2^128.
Digest operator+(const Digest& left, const Digest& right);

}  // namespace muster::base
