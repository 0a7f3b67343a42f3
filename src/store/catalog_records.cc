#include "store/catalog_records.h"

#include <bit>
#include <cstring>

#include "codec/envelope.h"
#include "schema/catalog_generated.h"
#include "schema/command_generated.h"
#include "store/damage.h"
#include "store/layout.h"

namespace muster::store {
namespace {

/// Stands for no time.
constexpr Timestamp kNobodySaw{INT64_MIN};

using codec::Payload;
using codec::RecordKind;
using core::LabelNumber;
using core::VersionNumber;
using flatbuffers::FlatBufferBuilder;

static_assert(std::endian::native == std::endian::little, "records are mapped, not converted");

fb::Checksum to_record(const Checksum& checksum) {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::memcpy(&high, checksum.data(), 8);
  std::memcpy(&low, checksum.data() + 8, 8);
  return {high, low};
}

Checksum from_record(const fb::Checksum* record) {
  Checksum checksum{};
  if (record == nullptr) return checksum;
  const std::uint64_t high = record->high();
  const std::uint64_t low = record->low();
  std::memcpy(checksum.data(), &high, 8);
  std::memcpy(checksum.data() + 8, &low, 8);
  return checksum;
}

std::vector<std::uint32_t> to_record(const std::vector<LabelNumber>& labels) {
  std::vector<std::uint32_t> out;
  for (const LabelNumber label : labels) out.push_back(core::to_integer(label));
  return out;
}

std::vector<LabelNumber> from_record(const flatbuffers::Vector<std::uint32_t>* labels) {
  std::vector<LabelNumber> out;
  if (labels == nullptr) return out;
  for (const std::uint32_t label : *labels) out.push_back(LabelNumber{label});
  return out;
}

bool known(Operation operation) {
  return operation == Operation::kInstall || operation == Operation::kRemove;
}

/// Rebuilds a catalog from its items, in key order but for versions, which everything else names.
class CatalogLoader {
 public:
  Status load(std::string_view key, std::string_view sealed);
  Result<core::Catalog> finish() &&;

 private:
  Status fault(std::string_view key, std::string_view why) const {
    return damaged("catalog", "item " + printable_key(key), why);
  }
  Status load_label(std::string_view key, const Payload& payload);
  Status load_version(std::string_view key, const Payload& payload);
  Status load_profile(std::string_view key, const Payload& payload);
  Status load_team(std::string_view key, const Payload& payload);
  Status load_counters(std::string_view key, const Payload& payload);

  core::Catalog catalog_;
  struct PendingProfile {
    std::string key;
    core::Profile profile;
    VersionNumber version{};
  };
  std::vector<PendingProfile> profiles_;
};

Status CatalogLoader::load(std::string_view key, std::string_view sealed) {
  struct Kind {
    char prefix;
    RecordKind kind;
    Status (CatalogLoader::*load)(std::string_view, const Payload&);
  };
  static constexpr Kind kKinds[] = {
      {kLabelPrefix, RecordKind::kLabel, &CatalogLoader::load_label},
      {kVersionPrefix, RecordKind::kProfileVersion, &CatalogLoader::load_version},
      {kProfilePrefix, RecordKind::kProfile, &CatalogLoader::load_profile},
      {kTeamPrefix, RecordKind::kTeam, &CatalogLoader::load_team},
      {kCatalogCountersKey[0], RecordKind::kCatalogCounters, &CatalogLoader::load_counters},
  };
  for (const Kind& kind : kKinds) {
    if (key.empty() || key[0] != kind.prefix) continue;
    Payload payload;
    std::string why;
    if (!Payload::open(kind.kind, key, sealed, payload, why)) return fault(key, why);
    return (this->*kind.load)(key, payload);
  }
  return fault(key, "its key is of no known kind");
}

Status CatalogLoader::load_label(std::string_view key, const Payload& payload) {
  const auto* record = payload.root<fb::Label>();
  if (record == nullptr || parse_u32(key.substr(1)) != record->number() || record->number() == 0 ||
      record->membership() < 1 || record->membership() > 3) {
    return fault(key, "it is not a label");
  }
  if (catalog_.find_label(record->name()->str()) != nullptr) {
    return fault(key, "another label has its name");
  }
  catalog_.restore_label({LabelNumber{record->number()}, record->name()->str(),
                          static_cast<LabelMembership>(record->membership()),
                          Timestamp{record->created_at()}});
  return {};
}

Status CatalogLoader::load_version(std::string_view key, const Payload& payload) {
  const auto* record = payload.root<fb::ProfileVersion>();
  const auto next = catalog_.versions().size() + 1;
  if (record == nullptr || parse_u32(key.substr(1)) != record->number() ||
      record->number() != next || record->profile() == 0 ||
      record->profile() > catalog_.profile_numbers() + 1) {
    return fault(key, "it is not the next profile version");
  }
  core::ProfileVersion version;
  version.number = VersionNumber{record->number()};
  version.profile = core::ProfileNumber{record->profile()};
  version.profile_uuid = record->profile_uuid()->str();
  const bool fresh = record->profile() > catalog_.profile_numbers();
  const auto known = catalog_.profile_number(version.profile_uuid);
  if (fresh ? known.has_value() : known != version.profile) {
    return fault(key, "it contradicts other profile versions");
  }
  version.identifier = record->identifier()->str();
  version.name = record->name()->str();
  version.checksum = from_record(record->checksum());
  if (const auto secrets = record->secrets_updated_at()) {
    version.secrets_updated_at = Timestamp{*secrets};
  }
  catalog_.restore_version(std::move(version));
  return {};
}

Status CatalogLoader::load_profile(std::string_view key, const Payload& payload) {
  const auto* record = payload.root<fb::Profile>();
  if (record == nullptr || record->scope() < 1 || record->scope() > 2 ||
      record->include_mode() > 2) {
    return fault(key, "it is not a profile");
  }
  core::Profile profile;
  profile.team = record->team();
  profile.uploaded_at = Timestamp{record->uploaded_at()};
  profile.scope = static_cast<Scope>(record->scope());
  profile.include_mode = static_cast<core::IncludeMode>(record->include_mode());
  profile.include = from_record(record->include());
  profile.exclude = from_record(record->exclude());
  profile.per_host_variables = record->per_host_variables();
  profiles_.push_back({std::string(key), std::move(profile), VersionNumber{record->version()}});
  return {};
}

Status CatalogLoader::load_team(std::string_view key, const Payload& payload) {
  const auto* record = payload.root<fb::Team>();
  const auto team = parse_u32(key.substr(1));
  if (record == nullptr || !team) return fault(key, "it is not a team");
  catalog_.restore_team_epoch(*team, record->epoch());
  return {};
}

Status CatalogLoader::load_counters(std::string_view key, const Payload& payload) {
  const auto* record = payload.root<fb::CatalogCounters>();
  if (record == nullptr) return fault(key, "it does not hold the catalog's counters");
  catalog_.restore_counters(record->next_label(), record->fleet_epoch());
  return {};
}

Result<core::Catalog> CatalogLoader::finish() && {
  for (PendingProfile& pending : profiles_) {
    if (!catalog_.knows_version(pending.version)) {
      return fault(pending.key, "it names an unknown version");
    }
    pending.profile.version = catalog_.versions()[core::to_integer(pending.version) - 1];
    if (parse_u32(std::string_view(pending.key).substr(1)) !=
            core::to_integer(pending.profile.number()) ||
        !catalog_.restore_profile(std::move(pending.profile))) {
      return fault(pending.key, "it contradicts other profiles");
    }
  }
  return std::move(catalog_);
}

}  // namespace

std::string encode_label(const core::Label& label) {
  FlatBufferBuilder builder;
  builder.Finish(
      fb::CreateLabel(builder, core::to_integer(label.number), builder.CreateString(label.name),
                      static_cast<std::uint8_t>(label.membership), label.created_at.micros));
  return codec::seal(RecordKind::kLabel, label_key(label.number), builder);
}

std::string encode_version(const core::ProfileVersion& version) {
  FlatBufferBuilder builder;
  const auto uuid = builder.CreateString(version.profile_uuid);
  const auto identifier = builder.CreateString(version.identifier);
  const auto name = builder.CreateString(version.name);
  const fb::Checksum checksum = to_record(version.checksum);
  fb::ProfileVersionBuilder record(builder);
  record.add_number(core::to_integer(version.number));
  record.add_profile(core::to_integer(version.profile));
  record.add_profile_uuid(uuid);
  record.add_identifier(identifier);
  record.add_name(name);
  record.add_checksum(&checksum);
  if (version.secrets_updated_at) {
    record.add_secrets_updated_at(version.secrets_updated_at->micros);
  }
  builder.Finish(record.Finish());
  return codec::seal(RecordKind::kProfileVersion, version_key(version.number), builder);
}

std::string encode_profile(const core::Profile& profile) {
  FlatBufferBuilder builder;
  const auto include = builder.CreateVector(to_record(profile.include));
  const auto exclude = builder.CreateVector(to_record(profile.exclude));
  builder.Finish(fb::CreateProfile(
      builder, core::to_integer(profile.version->number), profile.team, profile.uploaded_at.micros,
      static_cast<std::uint8_t>(profile.scope), static_cast<std::uint8_t>(profile.include_mode),
      include, exclude, profile.per_host_variables));
  return codec::seal(RecordKind::kProfile, profile_key(profile.number()), builder);
}

std::string encode_team(TeamId team, const core::Team& record) {
  FlatBufferBuilder builder;
  builder.Finish(fb::CreateTeam(builder, record.epoch));
  return codec::seal(RecordKind::kTeam, team_key(team), builder);
}

std::string encode_catalog_counters(const core::Catalog& catalog) {
  FlatBufferBuilder builder;
  builder.Finish(fb::CreateCatalogCounters(builder, catalog.next_label(), catalog.fleet_epoch()));
  return codec::seal(RecordKind::kCatalogCounters, kCatalogCountersKey, builder);
}

Result<core::Catalog> load_catalog(const Database& database, const DatabaseSnapshot& snapshot) {
  CatalogLoader loader;
  Scan scan(database, Family::kCatalog, {}, {}, snapshot);
  for (; scan.valid(); scan.next()) {
    if (Status status = loader.load(scan.key(), scan.value()); !status.ok()) return status;
  }
  if (Status status = scan.status(); !status.ok()) return status;
  return std::move(loader).finish();
}

std::string encode_command(core::CommandNumber number, const StoredCommand& command) {
  FlatBufferBuilder builder;
  builder.Finish(fb::CreateCommand(
      builder, builder.CreateString(command.uuid), core::to_integer(command.version),
      static_cast<std::uint8_t>(command.operation), command.issued_at.micros, command.handed_out,
      command.unnamed_since.value_or(kNobodySaw).micros));
  return codec::seal(RecordKind::kCommand, command_key(number), builder);
}

Result<StoredCommand> decode_command(core::CommandNumber number, std::string_view sealed) {
  const std::string what = "command " + std::to_string(core::to_integer(number));
  Payload payload;
  std::string why;
  if (!Payload::open(RecordKind::kCommand, command_key(number), sealed, payload, why)) {
    return damaged("commands", what, why);
  }
  const auto* record = payload.root<fb::Command>();
  const auto operation = static_cast<Operation>(record == nullptr ? 0 : record->operation());
  if (record == nullptr || !known(operation)) {
    return damaged("commands", what, "it is not a command");
  }
  StoredCommand command{record->uuid()->str(), VersionNumber{record->version()}, operation,
                        Timestamp{record->issued_at()}, record->handed_out()};
  const Timestamp unnamed_since{record->unnamed_since()};
  if (unnamed_since != kNobodySaw) command.unnamed_since = unnamed_since;
  return command;
}

std::string encode_command_index(std::string_view uuid, const StoredCommandIndex& index) {
  FlatBufferBuilder builder;
  builder.Finish(fb::CreateCommandIndex(builder, core::to_integer(index.number),
                                        core::to_integer(index.profile),
                                        static_cast<std::uint8_t>(index.operation)));
  return codec::seal(RecordKind::kCommandIndex, command_uuid_key(uuid), builder);
}

Result<StoredCommandIndex> decode_command_index(std::string_view uuid, std::string_view sealed) {
  const std::string what = "command " + printable_key(uuid);
  Payload payload;
  std::string why;
  if (!Payload::open(RecordKind::kCommandIndex, command_uuid_key(uuid), sealed, payload, why)) {
    return damaged("commands", what, why);
  }
  const auto* record = payload.root<fb::CommandIndex>();
  const auto operation = static_cast<Operation>(record == nullptr ? 0 : record->operation());
  if (record == nullptr || !known(operation)) {
    return damaged("commands", what, "it is not a command's index entry");
  }
  return StoredCommandIndex{core::CommandNumber{record->number()},
                            core::ProfileNumber{record->profile()}, operation};
}

}  // namespace muster::store
