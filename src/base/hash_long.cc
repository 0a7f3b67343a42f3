// Long texts are hashed with the widest registers that the machine has.
#include <xxhash.h>
#if defined(__x86_64__)
#include <xxh_x86dispatch.h>
#endif

#include "base/hash.h"

namespace muster::base {

Digest hash128_long(std::string_view bytes) {
#if defined(__x86_64__)
  const XXH128_hash_t hash = XXH3_128bits_dispatch(bytes.data(), bytes.size());
#else
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
#endif
  return {hash.high64, hash.low64};
}

}  // namespace muster::base
