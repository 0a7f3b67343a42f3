#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "muster/store.h"
#include "store/view.h"

namespace muster::store {

/// What the records that nothing else implies imply themselves.
struct Implied {
  TotalsDelta totals;
  StoreDigest digest;              ///< of all families, were derived keys as they should be
  bool records_are_whole = true;   ///< false: something that nothing implies is wrong
  std::uint64_t records = 0;       ///< that were read, of all families
  std::vector<Family> unreadable;  ///< derived ones with a table that is damaged
};

/// Derived keys that differ from what is implied; where `value` is absent, the key should be.
struct Mend {
  Family family;
  std::string key;
  std::optional<std::string> value;
};

struct CheckCalls {
  // Each may be empty.
  std::function<bool(const Finding&)> visit;  ///< false: no more
  std::function<void(Mend)> mend;             ///< how to put derived keys right
  /// Behind each record and each look-up, with about what was read. False: no more.
  std::function<bool(std::uint64_t bytes)> read;
};

/// Store::check() on one view.
Result<std::uint64_t> check(const View& view, const CheckCalls& calls, Implied* implied = nullptr);

}  // namespace muster::store
