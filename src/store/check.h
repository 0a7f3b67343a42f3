#pragma once

#include <cstdint>
#include <functional>

#include "muster/store.h"
#include "store/engine.h"

namespace muster::store {

/// Store::check() on one view.
Result<std::uint64_t> check(const View& view, const std::function<bool(const Finding&)>& visit);

}  // namespace muster::store
