// Rows of osquery's table of profiles.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "codec/foreign/json_document.h"
#include "muster/reported_profiles.h"

namespace muster::codec {

/// One row as it stands: its columns are texts.
struct OsqueryRow {
  std::string identifier;
  std::string display_name;
  std::string install_date;
  std::string type;  ///< empty: the query has no such column
  friend auto operator<=>(const OsqueryRow&, const OsqueryRow&) = default;
};

/// The host that an agent's identifier stands for: the one of the map, or itself if it has a uuid's
/// form. Anything else may be the name of a host, which is no identity.
std::optional<std::string> host_of_identifier(std::string_view identifier, const HostNames& names);

/// Nothing: it has no identifier and install_date, so it is of another table.
std::optional<OsqueryRow> read_profile_row(const JsonElement& row);

/// Adds the row, unless it is of no configuration profile. False: its date cannot be read.
bool add_to(ReportedProfiles& profiles, const OsqueryRow& row);

/// What makes a host's list the same one when it comes again.
Digest key_of_profiles(std::string_view host, const std::multiset<OsqueryRow>& rows);

}  // namespace muster::codec
