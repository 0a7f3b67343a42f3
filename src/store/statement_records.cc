#include "store/statement_records.h"

#include <algorithm>
#include <variant>
#include <vector>

#include "codec/aligned.h"
#include "codec/envelope.h"
#include "schema/statements_generated.h"
#include "store/damage.h"
#include "store/layout.h"

namespace muster::store {
using codec::RecordKind;
using core::TakenStatements;

std::string encode_statements(std::string_view key, const TakenStatements& taken) {
  std::vector<fb::TakenStatement> newest;
  newest.reserve(taken.newest().size());
  for (const TakenStatements::Taken& one : taken.newest()) {
    newest.emplace_back(one.at.micros, one.key);
  }
  flatbuffers::FlatBufferBuilder builder;
  const auto vector = builder.CreateVectorOfStructs(newest);
  const auto passes = builder.CreateVector(taken.passes());
  builder.Finish(fb::CreateTakenStatements(builder, taken.forgotten_through().micros, vector,
                                           taken.passed_through().micros, passes));
  return codec::seal(RecordKind::kStatements, key, builder);
}

Result<TakenStatements> decode_statements(std::string_view key, std::string_view sealed) {
  const std::string what = "of " + printable_key(key);
  codec::Payload payload;
  std::string why;
  if (!codec::Payload::open(RecordKind::kStatements, key, sealed, payload, why)) {
    return damaged("statements", what, why);
  }
  const auto* record = payload.root<fb::TakenStatements>();
  if (record == nullptr || !codec::is_aligned(record->newest()) ||
      !codec::is_aligned(record->passes())) {
    return damaged("statements", what, "it is not such a record");
  }
  std::vector<TakenStatements::Taken> newest;
  if (record->newest() != nullptr) {
    for (const fb::TakenStatement* one : *record->newest()) {
      newest.push_back({Timestamp{one->at()}, one->key()});
    }
  }
  const bool in_order =
      std::is_sorted(newest.begin(), newest.end(),
                     [](const auto& left, const auto& right) { return left.at < right.at; });
  std::vector<std::uint64_t> passes;
  if (record->passes() != nullptr)
    passes.assign(record->passes()->begin(), record->passes()->end());
  if (!in_order || std::max(newest.size(), passes.size()) > TakenStatements::kKept) {
    return damaged("statements", what, "its statements are not in order, or too many");
  }
  return TakenStatements(Timestamp{record->forgotten_through()}, std::move(newest),
                         Timestamp{record->passed_through()}, std::move(passes));
}

Result<StatementDraft::Entry*> StatementDraft::entry(const std::string& key) {
  const auto known = entries_.find(key);
  if (known != entries_.end()) return &known->second;
  Entry entry;
  std::string sealed;
  const Result<bool> found = database_.get(Family::kStatements, key, sealed);
  if (!found.ok()) return found.status();
  if (*found) {
    Result<TakenStatements> stored = decode_statements(key, sealed);
    if (!stored.ok()) return stored.status();
    entry.taken = *std::move(stored);
    entry.stored_hash = codec::envelope_hash(sealed);
  }
  return &entries_.emplace(key, std::move(entry)).first->second;
}

Result<Outcome> StatementDraft::take(const Event& event, const Digest& key, Timestamp at) {
  const Result<Entry*> found = entry(core::holder_of(event));
  if (!found.ok()) return found.status();
  Entry& taken = **found;
  const bool pass = std::holds_alternative<Reconciled>(event.body);
  const Outcome outcome = pass ? taken.taken.take_pass(key, at) : taken.taken.take(key, at);
  taken.changed = taken.changed || outcome == Outcome::kApplied;
  return outcome;
}

Result<Outcome> StatementDraft::look_up(const std::string& holder, const Digest& key,
                                        Timestamp at) {
  const Result<Entry*> found = entry(holder);
  if (!found.ok()) return found.status();
  return (*found)->taken.look_up(key, at);
}

void StatementDraft::finish(Batch& batch, StoreDigest& digest) {
  for (const auto& [key, entry] : entries_) {
    if (!entry.changed) continue;
    if (entry.stored_hash) digest.remove_record(Family::kStatements, key, *entry.stored_hash);
    const std::string sealed = encode_statements(key, entry.taken);
    batch.put(Family::kStatements, key, sealed);
    digest.add_record(Family::kStatements, key, sealed);
  }
}

}  // namespace muster::store
