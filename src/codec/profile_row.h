// An element of a report's list, as text spells it.
#pragma once

#include <string_view>

#include "muster/types.h"

namespace muster::codec {

/// A time that may also be spelled as the profiles table of the agent prints it.
struct InstallDate {
  Timestamp time;
};

/// One element of `profiles`.
struct ProfileRow {
  std::string_view identifier;
  std::string_view display_name;
  InstallDate install_date;
};

}  // namespace muster::codec
