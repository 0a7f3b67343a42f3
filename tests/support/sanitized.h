// Builds with checks of memory or threads are several times slower and look for something else:
// long tests do a part of their work there.
#pragma once

namespace muster::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace muster::test
