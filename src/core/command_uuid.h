#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "muster/types.h"

namespace muster::core {

/// The uuid of a command that no recording names: a function of where the pass stands and what the
/// command is for (docs/recording.md). `host_uuid` is empty unless the command is for one host.
std::string make_command_uuid(std::string_view recording_id, std::uint64_t event_number,
                              Operation operation, std::string_view profile_uuid,
                              std::string_view host_uuid);

}  // namespace muster::core
