#include "store/change_log.h"

#include <algorithm>

#include "base/contract.h"
#include "base/time.h"
#include "codec/envelope.h"
#include "schema/change_generated.h"
#include "store/catalog_records.h"
#include "store/damage.h"
#include "store/layout.h"

namespace muster::store {
namespace {

using codec::RecordKind;

/// Old changes go in runs of this share of what is kept. Each by itself: where a table is damaged,
/// iterators of RocksDB 7.8.3 over deleted ranges free memory twice and end the process.
constexpr std::uint64_t kDropShare = 8;
/// So many go in one commit that brings none.
constexpr std::uint64_t kDroppedMax = 16'384;

bool same_row(const core::Slot& left, const core::Slot& right) {
  return left.operation() == right.operation() && left.status() == right.status() &&
         left.retries() == right.retries() && left.command() == right.command();
}

flatbuffers::Offset<fb::RowState> encode_row(flatbuffers::FlatBufferBuilder& builder,
                                             const std::optional<core::Slot>& slot) {
  if (!slot) return {};
  return fb::CreateRowState(builder, static_cast<std::uint8_t>(slot->operation()),
                            static_cast<std::uint8_t>(slot->status()),
                            static_cast<std::uint8_t>(slot->retries()),
                            core::to_integer(slot->command()));
}

/// Commands that were forgotten since have no uuid any more.
Result<std::optional<RowState>> read_row(const Database& database, const DatabaseSnapshot& snapshot,
                                         const fb::RowState* row) {
  if (row == nullptr) return std::optional<RowState>();
  RowState state;
  state.operation = static_cast<Operation>(row->operation());
  state.status = static_cast<DeliveryStatus>(row->status());
  state.retries = row->retries();
  if (row->command() == 0) return std::optional(std::move(state));
  const core::CommandNumber number{row->command()};
  std::string sealed;
  const Result<bool> found = database.get(Family::kCommands, command_key(number), sealed, snapshot);
  if (!found.ok()) return found.status();
  if (*found) {
    Result<StoredCommand> command = decode_command(number, sealed);
    if (!command.ok()) return command.status();
    state.command_uuid = std::move(command->uuid);
  }
  return std::optional(std::move(state));
}

struct OpenChange {
  codec::Payload payload;
  const fb::RowChange* record = nullptr;  ///< in the payload
  std::uint64_t number = 0;
};

Result<OpenChange> open_change(std::string_view key, std::string_view sealed) {
  OpenChange change;
  std::string why;
  const auto number = parse_u64(key);
  const std::string what = "change " + std::to_string(number.value_or(0));
  if (!codec::Payload::open(RecordKind::kRowChange, key, sealed, change.payload, why)) {
    return damaged("changes", what, why);
  }
  change.record = change.payload.root<fb::RowChange>();
  if (change.record == nullptr || !number || change.record->cause() >= kEventTypes) {
    return damaged("changes", what, "it is not a change of a row");
  }
  change.number = *number;
  return change;
}

Status check_version(const core::Catalog& catalog, const OpenChange& change) {
  if (catalog.knows_version(core::VersionNumber{change.record->version()})) return {};
  return damaged("changes", "change " + std::to_string(change.number),
                 "it names an unknown profile version");
}

Result<RowChange> read_change(const Database& database, const DatabaseSnapshot& snapshot,
                              const core::Catalog& catalog, std::string_view key,
                              std::string_view sealed) {
  const Result<OpenChange> opened = open_change(key, sealed);
  if (!opened.ok()) return opened.status();
  if (Status known = check_version(catalog, *opened); !known.ok()) return known;
  const fb::RowChange* record = opened->record;
  const core::ProfileVersion& version = catalog.version(core::VersionNumber{record->version()});
  RowChange change;
  change.number = opened->number;
  change.sequence = record->sequence();
  change.at = Timestamp{record->at()};
  change.cause = type_name(record->cause());
  change.host_uuid = record->host()->str();
  change.profile_uuid = version.profile_uuid;
  change.identifier = version.identifier;
  auto before = read_row(database, snapshot, record->before());
  if (!before.ok()) return before.status();
  change.before = std::move(*before);
  auto after = read_row(database, snapshot, record->after());
  if (!after.ok()) return after.status();
  change.after = std::move(*after);
  if (record->detail() != nullptr) change.detail = record->detail()->str();
  return change;
}

Result<std::uint64_t> unless_damaged(const Status& status, std::uint64_t first) {
  if (!status.ok() && status.code() != StatusCode::kCorruption) return status;
  return first;
}

}  // namespace

Result<RowChanges> list_changes(const Database& database, const DatabaseSnapshot& snapshot,
                                const core::Catalog& catalog, const ChangeRange& range,
                                std::uint64_t after, std::size_t limit) {
  RowChanges out;
  const std::uint64_t from = std::max(after + 1, range.first);
  out.lost = from - (after + 1);
  Scan scan(database, Family::kChanges, change_key(from), {}, snapshot);
  for (; scan.valid() && out.changes.size() < limit; scan.next()) {
    Result<RowChange> change = read_change(database, snapshot, catalog, scan.key(), scan.value());
    if (!change.ok()) return change.status();
    out.changes.push_back(std::move(*change));
  }
  if (Status status = scan.status(); !status.ok()) return status;
  return out;
}

Status check_change(const core::Catalog& catalog, std::string_view key, std::string_view sealed) {
  const Result<OpenChange> change = open_change(key, sealed);
  return change.ok() ? check_version(catalog, *change) : change.status();
}

void ChangeDraft::note(const core::Catalog& catalog, Sequence sequence, const Event& event,
                       Timestamp at, const std::optional<core::Host>& before,
                       const std::optional<core::Host>& after) {
  static const std::vector<core::Slot> kNone;
  const auto& olds = before ? before->slots : kNone;
  const auto& news = after ? after->slots : kNone;
  const std::string& host_uuid = after ? after->uuid : before ? before->uuid : std::string();
  const auto uuid_of = [&](const core::Slot& slot) -> const std::string& {
    return catalog.version(slot.version()).profile_uuid;
  };
  // Both stand in profile_uuid order.
  for (std::size_t i = 0, j = 0; i < olds.size() || j < news.size();) {
    const core::Slot* left = i < olds.size() ? &olds[i] : nullptr;
    const core::Slot* right = j < news.size() ? &news[j] : nullptr;
    if (left != nullptr && right != nullptr && left->version() != right->version()) {
      const int order = uuid_of(*left).compare(uuid_of(*right));
      if (order < 0) right = nullptr;
      if (order > 0) left = nullptr;
    }
    if (left != nullptr) ++i;
    if (right != nullptr) ++j;
    if (left != nullptr && right != nullptr && same_row(*left, *right)) continue;
    const core::Slot* shown = right != nullptr ? right : left;
    MUSTER_ASSERT(shown != nullptr);
    Change change;
    change.sequence = sequence;
    change.at = at;
    change.cause = static_cast<std::uint8_t>(event.body.index());
    change.host_uuid = host_uuid;
    change.version = shown->version();
    if (left != nullptr) change.before = *left;
    if (right != nullptr) {
      change.after = *right;
      change.detail = after->detail_of(*right);
    }
    changes_.push_back(std::move(change));
  }
}

std::string ChangeDraft::encode(std::uint64_t number, const Change& change) {
  flatbuffers::FlatBufferBuilder builder(256);
  const auto host = builder.CreateString(change.host_uuid);
  flatbuffers::Offset<flatbuffers::String> detail;
  if (!change.detail.empty()) detail = builder.CreateString(change.detail);
  const auto before = encode_row(builder, change.before);
  const auto after = encode_row(builder, change.after);
  builder.Finish(fb::CreateRowChange(builder, change.sequence, change.at.micros, change.cause, host,
                                     core::to_integer(change.version), before, after, detail));
  return codec::seal(RecordKind::kRowChange, change_key(number), builder);
}

/// Behind those that are too old. The oldest one says, mostly, that there are none yet. A damaged
/// one does not stop the store: it goes by its number, and check() tells of it.
Result<std::uint64_t> ChangeDraft::first_young(const ChangeRange& range) const {
  if (kept_.seconds == 0 || changes_.empty()) return range.first;
  const std::int64_t kept = kept_.seconds * base::kMicrosPerSecond;
  const std::int64_t newest = changes_.back().at.micros;
  const auto is_older = [&](std::string_view key, std::string_view sealed, std::int64_t age) {
    const Result<OpenChange> change = open_change(key, sealed);
    return change.ok() && newest - change->record->at() > age;
  };
  const std::string oldest = change_key(range.first);
  std::string value;
  const Result<bool> found = database_.get(Family::kChanges, oldest, value);
  if (!found.ok()) return unless_damaged(found.status(), range.first);
  // Not one by one.
  const std::int64_t dropped_at = kept + kept / static_cast<std::int64_t>(kDropShare);
  if (*found && !is_older(oldest, value, dropped_at)) return range.first;
  std::uint64_t first = range.first;
  Scan scan(database_, Family::kChanges, oldest, {}, nullptr);
  while (scan.valid() && first - range.first < kDroppedMax &&
         is_older(scan.key(), scan.value(), kept)) {
    scan.next();
    ++first;
  }
  return unless_damaged(scan.status(), first);
}

Status ChangeDraft::finish(Batch& batch, ChangeRange& range) {
  const Result<std::uint64_t> young = first_young(range);
  if (!young.ok()) return young.status();
  for (const Change& change : changes_) {
    const std::uint64_t number = range.next++;
    batch.put(Family::kChanges, change_key(number), encode(number, change));
  }
  std::uint64_t first = *young;
  const std::uint64_t held = range.next - first;
  if (held > kept_.count + kept_.count / kDropShare) first = range.next - kept_.count;
  // More than come in, so that it ends, and not much more: who waits for this commit waits for it.
  first = std::min(first, range.first + kDroppedMax + 2 * changes_.size());
  for (; range.first < first; ++range.first) {
    batch.remove(Family::kChanges, change_key(range.first));
  }
  return {};
}

}  // namespace muster::store
