// What an import met and added, for people and as JSON.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <vector>

#include "muster/import.h"
#include "tools/json_output.h"

namespace muster::tool {

void print_notes(std::ostream& out, const ImportNotes& notes);
Json notes_json(const ImportNotes& notes);

/// Documents that could not be read: how many, and the first of them.
void print_unreadable(std::ostream& out, std::uint64_t count,
                      const std::vector<UnreadDocument>& first);
Json unreadable_json(const std::vector<UnreadDocument>& first);

/// What the recordings could not say, and where to get it. `commands_given`: --commands was.
void print_missing(std::ostream& out, const ImportReport& report, bool commands_given);

}  // namespace muster::tool
