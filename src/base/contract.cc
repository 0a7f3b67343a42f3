#include "base/contract.h"

#include <cstdio>
#include <cstdlib>

namespace muster::base {

void contract_violated(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "muster: %s:%d: broken invariant: %s\n", file, line, expression);
  std::abort();
}

}  // namespace muster::base
