#include "store/outbox.h"

#include <algorithm>

#include "codec/envelope.h"
#include "schema/outbox_generated.h"
#include "store/damage.h"
#include "store/layout.h"

namespace muster::store {
namespace {

using codec::RecordKind;
using Kind = PendingCommand::Kind;

// Numbers on disk.
constexpr std::uint8_t kSendOnDisk = 1;
constexpr std::uint8_t kCancelOnDisk = 2;

/// The device was asked and has not answered, and nobody waits for its answer any more.
bool is_withdrawn(const core::Catalog& catalog, const core::Host& stored, const core::Slot& waiting,
                  const std::optional<core::Host>& current) {
  if (!current) return true;
  // A take-over moves the command to another row.
  for (const core::Slot& slot : current->slots) {
    if (slot.command() == waiting.command() && slot.operation() == waiting.operation()) {
      return false;
    }
  }
  const bool same_life = stored.ordinal == current->ordinal && current->enrolled &&
                         stored.enrolled_at == current->enrolled_at;
  const core::Slot* row = current->find_slot(catalog, catalog.version(waiting.version()).profile);
  // The device confirmed the removal.
  if (row == nullptr) return !same_life || waiting.operation() == Operation::kInstall;
  // The embedder said that it could not hand the command over.
  return row->status() != DeliveryStatus::kUnsent || row->command() != core::kNoCommand ||
         row->operation() != waiting.operation();
}

}  // namespace

std::string encode_outbox_entry(OutboxId id, const OutboxEntry& entry,
                                std::span<const std::string_view> to) {
  flatbuffers::FlatBufferBuilder builder(64 + 48 * to.size());
  const auto uuid = builder.CreateString(entry.command_uuid);
  std::vector<flatbuffers::Offset<flatbuffers::String>> names;
  names.reserve(to.size());
  for (const std::string_view host : to) names.push_back(builder.CreateString(host));
  const auto hosts = builder.CreateVector(names);
  builder.Finish(fb::CreateOutboxEntry(
      builder, entry.kind == Kind::kSend ? kSendOnDisk : kCancelOnDisk, uuid,
      core::to_integer(entry.version), static_cast<std::uint8_t>(entry.operation),
      entry.issued_at.micros, hosts, static_cast<std::uint8_t>(entry.scope)));
  return codec::seal(RecordKind::kOutboxEntry, outbox_key(id), builder);
}

Result<StoredOutboxEntry> decode_outbox_entry(OutboxId id, std::string_view sealed) {
  const std::string what = "entry " + std::to_string(id);
  codec::Payload payload;
  std::string why;
  if (!codec::Payload::open(RecordKind::kOutboxEntry, outbox_key(id), sealed, payload, why)) {
    return damaged("outbox", what, why);
  }
  const auto* record = payload.root<fb::OutboxEntry>();
  const auto operation = static_cast<Operation>(record == nullptr ? 0 : record->operation());
  const auto scope = static_cast<Scope>(record == nullptr ? 0 : record->scope());
  if (record == nullptr || (operation != Operation::kInstall && operation != Operation::kRemove) ||
      (scope != Scope::kSystem && scope != Scope::kUser) ||
      (record->kind() != kSendOnDisk && record->kind() != kCancelOnDisk)) {
    return damaged("outbox", what, "it is not an entry of the outbox");
  }
  StoredOutboxEntry entry;
  entry.kind = record->kind() == kSendOnDisk ? Kind::kSend : Kind::kCancel;
  entry.command_uuid = record->command_uuid()->str();
  entry.version = core::VersionNumber{record->version()};
  entry.operation = operation;
  entry.scope = scope;
  entry.issued_at = Timestamp{record->issued_at()};
  for (const auto* host : *record->hosts()) entry.hosts.push_back(host->str());
  return entry;
}

Result<std::vector<PendingCommand>> list_outbox(const Database& database,
                                                const DatabaseSnapshot& snapshot,
                                                const core::Catalog& catalog, OutboxId after,
                                                std::size_t limit) {
  std::vector<PendingCommand> out;
  if (after == UINT64_MAX) return out;
  Scan scan(database, Family::kOutbox, outbox_key(after + 1), {}, snapshot);
  for (; scan.valid() && out.size() < limit; scan.next()) {
    const auto id = parse_u64(scan.key());
    if (!id) return damaged("outbox", printable_key(scan.key()), "it is not a key of this family");
    Result<StoredOutboxEntry> entry = decode_outbox_entry(*id, scan.value());
    if (!entry.ok()) return entry.status();
    if (!catalog.knows_version(entry->version)) {
      return damaged("outbox", "entry " + std::to_string(*id),
                     "it names an unknown profile version");
    }
    const core::ProfileVersion& version = catalog.version(entry->version);
    PendingCommand command;
    command.id = *id;
    command.kind = entry->kind;
    command.command_uuid = std::move(entry->command_uuid);
    command.operation = entry->operation;
    command.profile_uuid = version.profile_uuid;
    command.identifier = version.identifier;
    command.checksum = version.checksum;
    command.scope = entry->scope;
    command.issued_at = entry->issued_at;
    command.hosts = std::move(entry->hosts);
    out.push_back(std::move(command));
  }
  if (Status status = scan.status(); !status.ok()) return status;
  return out;
}

Result<bool> OutboxDraft::confirm(const Database& database, OutboxId id, GroupRecord& record) {
  if (confirmed_.contains(id)) return false;
  std::string sealed;
  const Result<bool> found = database.get(Family::kOutbox, outbox_key(id), sealed);
  if (!found.ok() || !*found) return found;
  record.digest.remove_record(Family::kOutbox, outbox_key(id), codec::envelope_hash(sealed));
  --record.totals.outbox;
  confirmed_.insert(id);
  return true;
}

void OutboxDraft::note_host(const core::Catalog& catalog, const std::optional<core::Host>& stored,
                            const std::optional<core::Host>& current) {
  if (current && !handed_out_.empty()) {
    for (const core::Slot& slot : current->slots) {
      if (slot.status() != DeliveryStatus::kPending ||
          !handed_out_.contains(core::to_integer(slot.command())) ||
          (stored && stored->find_slot(slot.command()) != nullptr)) {
        continue;
      }
      add(Kind::kSend, slot, current->uuid);
    }
  }
  if (!stored) return;
  for (std::size_t i = 0; i < stored->slots.size(); ++i) {
    const core::Slot& slot = stored->slots[i];
    if (slot.status() != DeliveryStatus::kPending || slot.command() == core::kNoCommand) continue;
    // Nearly always the row stands where it stood.
    const bool still_there = current && i < current->slots.size() &&
                             current->slots[i].command() == slot.command() &&
                             current->slots[i].operation() == slot.operation();
    if (still_there || !is_withdrawn(catalog, *stored, slot, current)) continue;
    add(Kind::kCancel, slot, stored->uuid);
  }
}

void OutboxDraft::add(Kind kind, const core::Slot& slot, const std::string& host_uuid) {
  Recipients& recipients = recipients_[{kind, slot.command()}];
  recipients.scope = slot.scope();
  recipients.hosts.push_back(host_uuid);
}

Status OutboxDraft::finish(const FindCommand& find_command, Batch& batch, GroupRecord& record) {
  for (const OutboxId id : confirmed_) batch.remove(Family::kOutbox, outbox_key(id));
  for (auto& [what, recipients] : recipients_) {
    const auto& [kind, number] = what;
    auto& hosts = recipients.hosts;
    Result<StoredCommand> command = find_command(number);
    if (!command.ok()) return command.status();
    // Whoever issued a recorded command takes it back, too.
    if (!command->handed_out) continue;
    std::sort(hosts.begin(), hosts.end());
    hosts.erase(std::unique(hosts.begin(), hosts.end()), hosts.end());
    const OutboxId id = record.next_outbox++;
    const std::string sealed =
        encode_outbox_entry(id,
                            {kind, std::move(command->uuid), command->version, command->operation,
                             recipients.scope, command->issued_at},
                            hosts);
    batch.put(Family::kOutbox, outbox_key(id), sealed);
    record.digest.add_record(Family::kOutbox, outbox_key(id), sealed);
    ++record.totals.outbox;
  }
  return {};
}

}  // namespace muster::store
