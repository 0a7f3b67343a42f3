// Which commands are forgotten: those that this store handed out, once neither a row nor the outbox
// has named them for some time.
#pragma once

#include <vector>

#include "muster/status.h"
#include "muster/types.h"
#include "store/catalog_records.h"
#include "store/view.h"

namespace muster::store {

/// What a look at the view tells of commands: nothing names them since `now`, or something again,
/// or nothing for `kept_seconds`. Ascending. Reads all hosts; memory: a bit a command.
Result<std::vector<SweptCommand>> find_swept(const View& view, Timestamp now,
                                             std::int64_t kept_seconds);

}  // namespace muster::store
