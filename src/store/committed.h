// What is small and of the whole store, on the disk: pages of absolute values, and the commit
// groups since they were written.
#pragma once

#include "muster/status.h"
#include "store/database.h"
#include "store/group_record.h"

namespace muster::store {

/// Into one that says nothing yet.
Status load_committed(const Database& database, Committed& committed);

/// All that groups say, as pages; and the groups go.
void put_folded(Committed& committed, Batch& batch);

}  // namespace muster::store
