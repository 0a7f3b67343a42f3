// A command as a server sent it: a property list that may carry a profile.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "codec/foreign/statement.h"

namespace muster::codec {

struct AppleCommand {
  std::string request_type;  ///< empty: not told
  std::string identifier;    ///< of the profile that it installs or removes; empty: not told
};

/// Nothing: it is no command. A profile that is signed is looked into without a check of the
/// signature; one that is encrypted has no identifier.
std::optional<AppleCommand> read_apple_command(std::string_view document,
                                               const DocumentLimits& limits);

}  // namespace muster::codec
