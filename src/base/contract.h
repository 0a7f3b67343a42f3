// Assertions on our own invariants. They stay on in every build: stopping is better than going on
// wrong. Input and disk content never meet an assertion; they get a Status or an Outcome.
#pragma once

namespace muster::base {

[[noreturn]] void contract_violated(const char* expression, const char* file, int line);

}  // namespace muster::base

#define MUSTER_ASSERT(expression)      \
  ((expression) ? static_cast<void>(0) \
                : ::muster::base::contract_violated(#expression, __FILE__, __LINE__))
