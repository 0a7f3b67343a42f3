// One event on one host. The same function runs live, in replay, in simulation and in a what-if:
// time, numbers and everything looked up elsewhere are arguments.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/catalog.h"
#include "core/command_result.h"
#include "core/expected.h"
#include "core/host.h"
#include "muster/event.h"
#include "muster/limits.h"
#include "muster/policy.h"

namespace muster::core {

struct StepInput {
  const Policy& policy;
  const StoreLimits& limits;
  const Catalog& catalog;
  ExpectedSets& expected_sets;
  Timestamp at;
  /// The command that a result names, where a pass issued it.
  std::optional<KnownCommand> command;
  /// For a host that the event adds.
  HostOrdinal new_ordinal{};
};

struct Step {
  Outcome outcome = Outcome::kUnchanged;
  std::string detail;  ///< of a refusal
  std::uint64_t unknown_labels = 0;
  std::string unknown_label;  ///< the first one
  /// For reports: the same list at a later time could give another result (ARCHITECTURE.md, The
  /// report fast path). False: it would change nothing but the time.
  bool depends_on_time = false;
};

/// The host that the event is about, or nothing where it is about the catalog or many hosts.
std::optional<std::string_view> host_of(const Event& event);
/// The command that the event names as answered.
std::optional<std::string_view> command_of(const Event& event);

/// Judges an event that is about one host and changes `host`. It is empty for a host that is not
/// in the inventory, before and after. A refused event changes nothing.
Step step(const StepInput& input, const Event& event, std::optional<Host>& host);

/// The limits at the door and everything that can be said without state; nothing where the event
/// may be judged, else the reason for Outcome::kInvalid.
std::optional<std::string> find_fault(const Event& event, const StoreLimits& limits);

/// Gives the policy the event's values; where it returns a reason why not, it stays as it was.
std::optional<std::string> change_policy(const PolicyChanged& event, Policy& policy);

}  // namespace muster::core
