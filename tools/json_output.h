// The tool's JSON: stable snake_case names, one document, ASCII only so that it is safe anywhere.
#pragma once

#include <iosfwd>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string_view>

#include "muster/snapshot.h"
#include "muster/types.h"

namespace muster::tool {

using Json = nlohmann::ordered_json;

void print_json(std::ostream& out, const Json& document);

/// null for kUnsent, and for nothing.
Json status_json(std::optional<DeliveryStatus> status);
Json time_json(std::optional<Timestamp> time);
Json counts_json(const StatusCounts& counts);
/// "" is null: no command was issued.
Json command_json(std::string_view command_uuid);
Json host_json(const HostState& host);
Json row_json(const ProfileState& row);
Json policy_json(const Policy& policy);

}  // namespace muster::tool
