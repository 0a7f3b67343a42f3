// Which profiles a host should have: two questions with two answers.
#pragma once

#include "core/catalog.h"
#include "core/host.h"

namespace muster::core {

/// The reconciler's question (SEMANTICS 5.1): labels that the host never evaluated count by
/// `has_install_row`, and both gates must pass.
bool desired_on(const Catalog& catalog, const Host& host, const Profile& profile,
                bool has_install_row);

/// The verification's question (SEMANTICS 3.1): team and memberships alone.
bool expected_on(const Host& host, const Profile& profile);

/// Dynamic, and created after the host's last label report (SEMANTICS 13, B2).
bool membership_unknown(const Host& host, const Label& label);

}  // namespace muster::core
