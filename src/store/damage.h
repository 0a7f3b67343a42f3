#pragma once

#include <string>
#include <string_view>

#include "muster/status.h"

namespace muster::store {

/// A key as people read it: printable ASCII as it is, other bytes as \xHH.
std::string printable_key(std::string_view key);

/// Status of a record that does not hold what it should.
inline Status damaged(std::string_view family, std::string_view what, std::string_view why) {
  return {StatusCode::kCorruption, "family " + std::string(family) + ", " + std::string(what) +
                                       ": " + std::string(why) +
                                       "; run 'muster check' for the extent of the damage"};
}

}  // namespace muster::store
