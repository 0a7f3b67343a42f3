// What a host counts for: its bucket, and its share of the totals (SEMANTICS 6; 13 B4, B5).
#pragma once

#include <optional>

#include "core/host.h"
#include "muster/types.h"

namespace muster::core {

/// The worst of the host's rows; nothing where no row counts, or on Windows (SEMANTICS 6.1).
std::optional<DeliveryStatus> bucket_of(const Host& host);

/// The status under which a row is counted for its profile: unsent installs count as pending,
/// removals only while failed or pending, unsent ones nowhere (SEMANTICS 6.2).
std::optional<DeliveryStatus> counted_as(const Slot& slot);

}  // namespace muster::core
