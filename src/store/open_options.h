#pragma once

#include "muster/options.h"
#include "muster/status.h"

namespace muster::store {

/// kInvalidArgument naming the field, where a value is outside its range (docs/limits.md).
Status validate(const StoreOptions& options);

}  // namespace muster::store
