#include "base/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace muster::base {

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

Digest hash128(std::string_view bytes) {
  constexpr std::size_t kLongBytes = 512;
  if (bytes.size() >= kLongBytes) return hash128_long(bytes);
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

Digest operator+(const Digest& left, const Digest& right) {
  Digest sum{left.high + right.high, left.low + right.low};
  if (sum.low < left.low) ++sum.high;
  return sum;
}

}  // namespace muster::base
