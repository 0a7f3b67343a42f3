#pragma once

#include <cstdint>

#include "muster/options.h"
#include "muster/status.h"

namespace muster::store {

/// kInvalidArgument naming the field, where a value is outside its range (docs/limits.md).
Status validate(const StoreOptions& options);

/// The bound that the options ask for: memory_bytes or the preset's.
std::uint64_t memory_bytes(const StoreOptions& options);

}  // namespace muster::store
