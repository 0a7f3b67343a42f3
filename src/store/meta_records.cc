#include "store/meta_records.h"

#include "codec/envelope.h"
#include "core/host.h"
#include "schema/meta_generated.h"
#include "store/damage.h"
#include "store/layout.h"

namespace muster::store {
namespace {

using codec::RecordKind;
using flatbuffers::FlatBufferBuilder;

/// Opens the record; the root stays valid while the payload lives.
template <typename Table>
Result<const Table*> open_root(RecordKind kind, std::string_view key, std::string_view sealed,
                               codec::Payload& payload) {
  std::string why;
  if (!codec::Payload::open(kind, key, sealed, payload, why)) return damaged("meta", key, why);
  const Table* root = payload.root<Table>();
  if (root == nullptr) return damaged("meta", key, "it is not such a record");
  return root;
}

Status add_meta_records(const Database& database, StoreDigest& digest) {
  Scan scan(database, Family::kMeta, {}, {}, nullptr);
  for (; scan.valid(); scan.next()) digest.add_record(Family::kMeta, scan.key(), scan.value());
  return scan.status();
}

}  // namespace

std::string encode_format(const FormatRecord& format) {
  FlatBufferBuilder builder;
  builder.Finish(fb::CreateFormat(builder, format.version, builder.CreateString(format.store_id)));
  return codec::seal(RecordKind::kFormat, kFormatKey, builder);
}

Result<FormatRecord> decode_format(std::string_view sealed) {
  codec::Payload payload;
  const auto root = open_root<fb::Format>(RecordKind::kFormat, kFormatKey, sealed, payload);
  if (!root.ok()) return root.status();
  return FormatRecord{(*root)->version(), (*root)->store_id()->str()};
}

std::string encode_policy(const Policy& policy) {
  FlatBufferBuilder builder;
  std::vector<flatbuffers::Offset<flatbuffers::String>> names;
  for (const std::string& name : policy.macos_only_profile_names) {
    names.push_back(builder.CreateString(name));
  }
  builder.Finish(fb::CreatePolicy(builder, static_cast<std::uint8_t>(policy.max_retries_apple),
                                  policy.grace_seconds, policy.user_channel_wait_seconds,
                                  static_cast<std::uint8_t>(policy.late_results),
                                  builder.CreateVector(names)));
  return codec::seal(RecordKind::kPolicy, kPolicyKey, builder);
}

Result<Policy> decode_policy(std::string_view sealed) {
  codec::Payload payload;
  const auto root = open_root<fb::Policy>(RecordKind::kPolicy, kPolicyKey, sealed, payload);
  if (!root.ok()) return root.status();
  const fb::Policy& record = **root;
  Policy policy;
  policy.max_retries_apple = record.max_retries_apple();
  policy.grace_seconds = record.grace_seconds();
  policy.user_channel_wait_seconds = record.user_channel_wait_seconds();
  policy.late_results = static_cast<LateResults>(record.late_results());
  policy.macos_only_profile_names.clear();
  if (record.macos_only_profile_names() != nullptr) {
    for (const auto* name : *record.macos_only_profile_names()) {
      policy.macos_only_profile_names.push_back(name->str());
    }
  }
  const bool sound = policy.max_retries_apple <= kRetriesMax && policy.grace_seconds >= 0 &&
                     policy.grace_seconds <= kPolicySecondsMax &&
                     policy.user_channel_wait_seconds >= 0 &&
                     policy.user_channel_wait_seconds <= kPolicySecondsMax &&
                     (policy.late_results == LateResults::kUpstream ||
                      policy.late_results == LateResults::kIgnoreStale);
  if (!sound) return damaged("meta", kPolicyKey, "a value is out of range");
  return policy;
}

std::string encode_fan_out(const FanOutRecord& record) {
  FlatBufferBuilder builder;
  const auto event = builder.CreateString(record.event);
  const auto source = builder.CreateString(record.source);
  builder.Finish(fb::CreateFanOut(builder, record.sequence, event, source, record.number,
                                  core::to_integer(record.profile),
                                  core::to_integer(record.command), record.handed_out));
  return codec::seal(RecordKind::kFanOut, kFanOutKey, builder);
}

Result<FanOutRecord> decode_fan_out(std::string_view sealed) {
  codec::Payload payload;
  const auto root = open_root<fb::FanOut>(RecordKind::kFanOut, kFanOutKey, sealed, payload);
  if (!root.ok()) return root.status();
  const fb::FanOut& record = **root;
  return FanOutRecord{record.sequence(),
                      record.event()->str(),
                      record.source()->str(),
                      record.number(),
                      core::ProfileNumber{record.profile()},
                      core::CommandNumber{record.command()},
                      record.handed_out()};
}

std::string encode_progress(const FanOutProgress& progress) {
  FlatBufferBuilder builder;
  const auto key = builder.CreateVector(
      reinterpret_cast<const std::uint8_t*>(progress.last_key.data()), progress.last_key.size());
  builder.Finish(fb::CreateFanOutProgress(builder, static_cast<std::uint8_t>(progress.phase), key));
  return codec::seal(RecordKind::kFanOutProgress, kFanOutProgressKey, builder);
}

Result<FanOutProgress> decode_progress(std::string_view sealed) {
  codec::Payload payload;
  const auto root = open_root<fb::FanOutProgress>(RecordKind::kFanOutProgress, kFanOutProgressKey,
                                                  sealed, payload);
  if (!root.ok()) return root.status();
  const fb::FanOutProgress& record = **root;
  FanOutProgress progress;
  progress.phase = static_cast<FanOutPhase>(record.phase());
  if (progress.phase < FanOutPhase::kHosts || progress.phase > FanOutPhase::kDone) {
    return damaged("meta", kFanOutProgressKey, "its phase is unknown");
  }
  if (const auto* key = record.last_key()) {
    progress.last_key.assign(reinterpret_cast<const char*>(key->data()), key->size());
  }
  return progress;
}

Status check_meta(std::string_view key, std::string_view sealed) {
  if (key == kFormatKey) return decode_format(sealed).status();
  if (key == kPolicyKey) return decode_policy(sealed).status();
  if (key == kFanOutKey) return decode_fan_out(sealed).status();
  if (key == kFanOutProgressKey) return decode_progress(sealed).status();
  return damaged("meta", printable_key(key), "it is not a key of this family");
}

Status put_meta(const Database& database, const MetaChanges& changes, const StoreDigest& stored,
                Batch& batch, StoreDigest& delta) {
  if (!stored.has(Family::kMeta)) {
    if (Status status = add_meta_records(database, delta); !status.ok()) return status;
  }
  std::string before;
  for (const auto& [key, sealed] : changes) {
    const Result<bool> found = database.get(Family::kMeta, key, before);
    if (!found.ok()) return found.status();
    if (*found) delta.remove_record(Family::kMeta, key, codec::envelope_hash(before));
    if (sealed) {
      batch.put(Family::kMeta, key, *sealed);
      delta.add_record(Family::kMeta, key, *sealed);
    } else {
      batch.remove(Family::kMeta, key);
    }
  }
  return {};
}

Status check_meta_sum(const Database& database, const StoreDigest& stored) {
  if (!stored.has(Family::kMeta)) return {};
  StoreDigest found;
  if (Status status = add_meta_records(database, found); !status.ok()) return status;
  const auto family = static_cast<std::uint32_t>(Family::kMeta);
  if (found.sum(family) == stored.sum(family)) return {};
  return damaged("meta", "store digest", "the records do not add up to the stored sum");
}

}  // namespace muster::store
