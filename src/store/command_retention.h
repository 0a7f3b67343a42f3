// Which commands may be forgotten: old ones that this store handed out, and that neither a row nor
// the outbox names.
#pragma once

#include <vector>

#include "core/numbers.h"
#include "muster/status.h"
#include "muster/types.h"
#include "store/view.h"

namespace muster::store {

/// Ascending. Reads all hosts of the view; memory: a bit a command.
Result<std::vector<core::CommandNumber>> find_forgettable(const View& view,
                                                          Timestamp issued_before);

}  // namespace muster::store
