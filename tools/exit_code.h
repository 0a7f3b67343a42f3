// What the tool's exit codes mean; scripts rely on them.
#pragma once

#include "muster/status.h"

namespace muster::tool {

inline constexpr int kExitFine = 0;
inline constexpr int kExitFindings =
    1;  ///< check found something, or the thing asked for is absent
inline constexpr int kExitUsage = 2;
inline constexpr int kExitBadData = 65;  ///< a recording or a directory cannot be read as one
inline constexpr int kExitStorage = 74;
inline constexpr int kExitBusy = 75;

int exit_code_of(StatusCode code);

}  // namespace muster::tool
