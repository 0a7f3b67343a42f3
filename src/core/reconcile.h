// One host's part of a reconcile pass: desired profiles minus rows (SEMANTICS 2.2 A to H, 5; 13 A9
// to A11, C4 to C7).
#pragma once

#include <cstdint>
#include <string_view>

#include "core/catalog.h"
#include "core/host.h"
#include "muster/limits.h"
#include "muster/policy.h"

namespace muster::core {

/// Stored literally (SEMANTICS 13, A1).
inline constexpr std::string_view kNoUserChannelDesktop =
    "This setting couldn't be enforced because the user channel doesn't exist for this host. "
    "Currently, Fleet creates the user channel for hosts that automatically enroll.";
inline constexpr std::string_view kNoUserChannelMobile =
    "This setting couldn't be enforced because the user channel isn't available on iOS and iPadOS "
    "hosts.";

/// A host's variables_updated_at is the pass's time less this (SEMANTICS 13, B1).
inline constexpr std::int64_t kVariablesSlackSeconds = 180;

/// Where a pass gets its command numbers. Implementations are asked once a (operation, version,
/// host) that needs a command, hosts and profiles in any order.
class CommandIssuer {
 public:
  virtual ~CommandIssuer() = default;
  /// kNoCommand where a recorded pass does not list the command.
  virtual CommandNumber issue(Operation operation, const ProfileVersion& version,
                              std::string_view host_uuid, bool per_host) = 0;
};

struct HostPass {
  bool changed = false;               ///< a row moved
  std::uint64_t rows_over_limit = 0;  ///< installs held back at rows_per_host
};

/// True when the pass has something to look at on this host: it is due, or its team's scope moved
/// after the host was reconciled.
bool wants_visit(const Catalog& catalog, const Host& host, Timestamp at, Sequence last_full_pass);

/// Brings the host's rows to the desired state and sets its due time: never, or when a row's wait
/// for a user channel ends. Un-enrolled and Windows hosts are left as they are, not due.
HostPass reconcile_host(const Policy& policy, const StoreLimits& limits, const Catalog& catalog,
                        Timestamp at, Sequence pass, Host& host, CommandIssuer& issuer);

}  // namespace muster::core
