// One host's part of the other events that change many hosts. Each does nothing when it is applied
// to a host a second time.
#pragma once

#include "core/catalog.h"
#include "core/host.h"

namespace muster::core {

/// The profile left the catalog (SEMANTICS 2.2 N, 13 A8). Returns whether a row moved.
bool delete_profile_on_host(const Catalog& catalog, ProfileNumber profile, Host& host);

/// An operator sends the profile again wherever it failed, removals too (SEMANTICS 2.2 L).
bool resend_failed_on_host(const Catalog& catalog, ProfileNumber profile, Host& host);

/// The command could not be handed over: its pending rows are unsent again (SEMANTICS 2.2 I).
bool take_back_command_on_host(CommandNumber command, Host& host);

}  // namespace muster::core
