// The policy that the command line asks for: only what was given counts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "muster/event.h"
#include "muster/policy.h"
#include "muster/store.h"

namespace CLI {
class App;
}  // namespace CLI

namespace muster::tool {

struct PolicyFlags {
  PolicyChanged given;
  bool set_policy = false;
};

void add_policy_flags(CLI::App& command, PolicyFlags& flags);

bool any_given(const PolicyFlags& flags);

/// `base` with the given values.
Policy applied(const Policy& base, const PolicyFlags& flags);

/// "max_retries_apple is 1 in the store and 3 on the command line; ..."; "" where nothing differs.
std::string difference(const Policy& stored, const PolicyFlags& flags);

/// Opens the store to replay into: a new one gets the flags' policy; one of another policy is
/// kPolicyMismatch, or is changed where set_policy is on. `options.policy` is set here.
Result<Store> open_with_policy(StoreOptions options, const PolicyFlags& flags);

}  // namespace muster::tool
