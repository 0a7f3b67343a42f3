// The catalog's items as records, and the catalog rebuilt from them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/catalog.h"
#include "muster/status.h"
#include "store/database.h"

namespace muster::store {

std::string encode_label(const core::Label& label);
std::string encode_version(const core::ProfileVersion& version);
std::string encode_profile(const core::Profile& profile);
std::string encode_team(TeamId team, const core::Team& record);
std::string encode_catalog_counters(const core::Catalog& catalog);

/// Reads and checks every item of the family.
Result<core::Catalog> load_catalog(const Database& database, const DatabaseSnapshot& snapshot);

struct StoredCommand {
  std::string uuid;
  core::VersionNumber version{};
  Operation operation = Operation::kInstall;
  Timestamp issued_at;
  bool handed_out = false;  ///< by the outbox of this store
  /// When a pass saw that neither a row nor the outbox names it any more.
  std::optional<Timestamp> unnamed_since;
};
/// What a look for old commands changes of one: it goes, or since when nothing names it.
struct SweptCommand {
  core::CommandNumber number{};
  bool forgets = false;
  std::optional<Timestamp> unnamed_since;
};
std::string encode_command(core::CommandNumber number, const StoredCommand& command);
Result<StoredCommand> decode_command(core::CommandNumber number, std::string_view sealed);

struct StoredCommandIndex {
  core::CommandNumber number{};
  core::ProfileNumber profile{};
  Operation operation = Operation::kInstall;
};
std::string encode_command_index(std::string_view uuid, const StoredCommandIndex& index);
Result<StoredCommandIndex> decode_command_index(std::string_view uuid, std::string_view sealed);

}  // namespace muster::store
