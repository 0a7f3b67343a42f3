// What readers share: everything as of one committed group.
#pragma once

#include <memory>

#include "core/catalog.h"
#include "muster/policy.h"
#include "muster/status.h"
#include "muster/types.h"
#include "store/database.h"
#include "store/group_record.h"
#include "store/store_digest.h"
#include "store/times.h"
#include "store/totals.h"

namespace muster::store {

struct View {
  std::shared_ptr<Database> database;
  DatabaseSnapshot snapshot;
  std::shared_ptr<const core::Catalog> catalog;
  std::shared_ptr<const Totals> totals;
  HostTimes times;
  StoreDigest digest;
  Policy policy;
  ChangeRange changes;
  Sequence sequence = 0;
  std::uint64_t next_command = 1;  ///< numbers below it were given to commands
  /// Not ok: the store failed before all of it was on the device. It may be looked at, and nothing
  /// may be done about it.
  Status durable;
};

}  // namespace muster::store
