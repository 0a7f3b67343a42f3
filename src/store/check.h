#pragma once

#include <cstdint>
#include <functional>

#include "muster/store.h"
#include "store/engine.h"

namespace muster::store {

/// What the records that nothing else implies imply themselves.
struct Implied {
  TotalsDelta totals;
  StoreDigest digest;             ///< of all families, were derived keys as they should be
  bool records_are_whole = true;  ///< false: something that nothing implies is wrong
};

/// Derived keys that differ from what is implied; where `value` is absent, the key should be.
struct Mend {
  Family family;
  std::string key;
  std::optional<std::string> value;
};

/// Store::check() on one view. With `mend`: told, too, how to put derived keys right.
Result<std::uint64_t> check(const View& view, const std::function<bool(const Finding&)>& visit,
                            Implied* implied = nullptr, const std::function<void(Mend)>& mend = {});

}  // namespace muster::store
