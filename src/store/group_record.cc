#include "store/group_record.h"

#include "codec/aligned.h"
#include "codec/envelope.h"
#include "schema/group_generated.h"
#include "schema/page_generated.h"
#include "store/damage.h"
#include "store/layout.h"

namespace muster::store {
namespace {

using flatbuffers::FlatBufferBuilder;

template <typename Map>
std::vector<fb::CountsDelta> delta_vector(const Map& deltas) {
  std::vector<fb::CountsDelta> out;
  const auto narrow = [](std::int64_t value) { return static_cast<std::int32_t>(value); };
  for (const auto& [id, counts] : deltas) {
    if (counts == Counts<std::int64_t>{}) continue;
    out.emplace_back(static_cast<std::uint32_t>(id), narrow(counts.failed), narrow(counts.pending),
                     narrow(counts.verifying), narrow(counts.verified), narrow(counts.all));
  }
  return out;
}

template <typename Map>
std::vector<fb::Counts> counts_vector(const Map& totals) {
  std::vector<fb::Counts> out;
  for (const auto& [id, counts] : totals) {
    out.emplace_back(static_cast<std::uint32_t>(id), counts.failed, counts.pending,
                     counts.verifying, counts.verified, counts.all);
  }
  return out;
}

template <typename Key, typename Entries, typename Map>
void read_counts(const Entries* entries, Map& map) {
  if (entries == nullptr) return;
  for (const auto* entry : *entries) {
    map[Key{entry->id()}] = {entry->failed(), entry->pending(), entry->verifying(),
                             entry->verified(), entry->all()};
  }
}

template <typename Cursors>
auto cursor_vector(FlatBufferBuilder& builder, const Cursors& cursors) {
  std::vector<flatbuffers::Offset<fb::Cursor>> out;
  for (const Cursor& cursor : cursors) {
    out.push_back(fb::CreateCursor(builder, builder.CreateString(cursor.source), cursor.event,
                                   cursor.at.micros));
  }
  return builder.CreateVector(out);
}

template <typename Table>
PassChain read_passes(const Table& table) {
  const std::string through = table.pass_through() == nullptr ? "" : table.pass_through()->str();
  return {table.last_full_pass(), table.pass_started(), through};
}

Cursor read_cursor(const fb::Cursor& cursor) {
  return {cursor.source()->str(), cursor.event(), Timestamp{cursor.at()}};
}

}  // namespace

void PassChain::add(Sequence sequence, const std::optional<std::string>& after,
                    const std::optional<std::string>& end) {
  const bool follows = after && under_way() && *after == through;
  if (after && !follows) return;
  const Sequence first = follows ? started : sequence;
  if (end) {
    started = first;
    through = *end;
  } else {
    last_full = first;
    started = 0;
    through.clear();
  }
}

void Committed::apply(const GroupRecord& record) {
  ++group;
  sequence = record.sequence;
  next_ordinal = record.next_ordinal;
  next_command = record.next_command;
  passes = record.passes;
  next_outbox = record.next_outbox;
  changes = record.changes;
  swept_at = record.swept_at;
  largest_group = std::max(largest_group, record.events);
  for (const Cursor& cursor : record.cursors) cursors.insert_or_assign(cursor.source, cursor);
  for (const Touch& touch : record.touches) times.set(touch.ordinal, touch.times);
  totals.apply(record.totals);
  digest.apply(record.digest);
}

std::string encode_group(std::string_view key, const GroupRecord& record) {
  FlatBufferBuilder builder(512);
  const auto cursors = cursor_vector(builder, record.cursors);
  const auto touches = builder.CreateVector(encode_touches(record.touches));
  const auto teams = builder.CreateVectorOfStructs(delta_vector(record.totals.teams));
  const auto profiles = builder.CreateVectorOfStructs(delta_vector(record.totals.profiles));
  std::vector<fb::DigestDelta> sums;
  for (const auto& [family, sum] : record.digest.sums()) {
    if (sum != 0) sums.emplace_back(family, sum);
  }
  const auto digests = builder.CreateVectorOfStructs(sums);
  const auto pass_through = builder.CreateString(record.passes.through);
  fb::GroupBuilder group(builder);
  group.add_sequence(record.sequence);
  group.add_events(record.events);
  group.add_next_ordinal(record.next_ordinal);
  group.add_next_command(record.next_command);
  group.add_last_full_pass(record.passes.last_full);
  group.add_pass_started(record.passes.started);
  if (record.passes.under_way()) group.add_pass_through(pass_through);
  group.add_next_outbox(record.next_outbox);
  group.add_outbox(record.totals.outbox);
  group.add_next_change(record.changes.next);
  group.add_first_change(record.changes.first);
  group.add_swept_at(record.swept_at.micros);
  if (!record.cursors.empty()) group.add_cursors(cursors);
  if (!record.touches.empty()) group.add_touches(touches);
  group.add_teams(teams);
  group.add_profiles(profiles);
  group.add_hosts(record.totals.hosts);
  group.add_rows(record.totals.rows);
  group.add_due(record.totals.due);
  group.add_digests(digests);
  builder.Finish(group.Finish());
  return codec::seal(codec::RecordKind::kGroup, key, builder);
}

Result<GroupRecord> decode_group(std::string_view key, std::string_view sealed) {
  codec::Payload payload;
  std::string why;
  const std::string what = "group " + std::to_string(parse_u64(key).value_or(0));
  if (!codec::Payload::open(codec::RecordKind::kGroup, key, sealed, payload, why)) {
    return damaged("groups", what, why);
  }
  const auto* group = payload.root<fb::Group>();
  if (group == nullptr || !codec::is_aligned(group->digests())) {
    return damaged("groups", what, "it is not a group");
  }
  GroupRecord record;
  record.sequence = group->sequence();
  record.events = group->events();
  record.next_ordinal = group->next_ordinal();
  record.next_command = group->next_command();
  record.passes = read_passes(*group);
  record.next_outbox = group->next_outbox();
  record.changes = {group->first_change(), group->next_change()};
  record.swept_at = Timestamp{group->swept_at()};
  if (group->cursors() != nullptr) {
    for (const auto* cursor : *group->cursors()) record.cursors.push_back(read_cursor(*cursor));
  }
  if (group->touches() != nullptr &&
      !decode_touches(group->touches()->data(), group->touches()->size(), record.touches)) {
    return damaged("groups", what, "its touches cannot be read");
  }
  read_counts<TeamId>(group->teams(), record.totals.teams);
  read_counts<core::ProfileNumber>(group->profiles(), record.totals.profiles);
  record.totals.hosts = group->hosts();
  record.totals.rows = group->rows();
  record.totals.due = group->due();
  record.totals.outbox = group->outbox();
  if (group->digests() != nullptr) {
    for (const auto* sum : *group->digests()) record.digest.restore(sum->family(), sum->value());
  }
  return record;
}

std::string encode_state_page(const Committed& committed) {
  FlatBufferBuilder builder(4096);
  std::vector<Cursor> all;
  for (const auto& [source, cursor] : committed.cursors) all.push_back(cursor);
  const auto cursors = cursor_vector(builder, all);
  const auto teams = builder.CreateVectorOfStructs(counts_vector(committed.totals.teams));
  const auto profiles = builder.CreateVectorOfStructs(counts_vector(committed.totals.profiles));
  std::vector<fb::FamilyDigest> sums;
  for (const auto& [family, sum] : committed.digest.sums()) sums.emplace_back(family, sum);
  const auto digests = builder.CreateVectorOfStructs(sums);
  const auto pass_through = builder.CreateString(committed.passes.through);
  fb::StatePageBuilder page(builder);
  page.add_folded_through(committed.group);
  page.add_sequence(committed.sequence);
  page.add_next_ordinal(committed.next_ordinal);
  page.add_next_command(committed.next_command);
  page.add_last_full_pass(committed.passes.last_full);
  page.add_pass_started(committed.passes.started);
  page.add_pass_through(pass_through);
  page.add_next_outbox(committed.next_outbox);
  page.add_outbox(committed.totals.outbox);
  page.add_next_change(committed.changes.next);
  page.add_first_change(committed.changes.first);
  page.add_swept_at(committed.swept_at.micros);
  page.add_largest_group(committed.largest_group);
  page.add_cursors(cursors);
  page.add_teams(teams);
  page.add_profiles(profiles);
  page.add_hosts(committed.totals.hosts);
  page.add_rows(committed.totals.rows);
  page.add_due(committed.totals.due);
  page.add_digests(digests);
  builder.Finish(page.Finish());
  return codec::seal(codec::RecordKind::kStatePage, kStatePageKey, builder);
}

Status decode_state_page(std::string_view sealed, Committed& committed) {
  codec::Payload payload;
  std::string why;
  if (!codec::Payload::open(codec::RecordKind::kStatePage, kStatePageKey, sealed, payload, why)) {
    return damaged("pages", "state page", why);
  }
  const auto* page = payload.root<fb::StatePage>();
  if (page == nullptr || !codec::is_aligned(page->teams()) ||
      !codec::is_aligned(page->profiles()) || !codec::is_aligned(page->digests())) {
    return damaged("pages", "state page", "it is not a state page");
  }
  committed.group = page->folded_through();
  committed.folded_through = page->folded_through();
  committed.sequence = page->sequence();
  committed.next_ordinal = page->next_ordinal();
  committed.next_command = page->next_command();
  committed.passes = read_passes(*page);
  committed.next_outbox = page->next_outbox();
  committed.changes = {page->first_change(), page->next_change()};
  committed.swept_at = Timestamp{page->swept_at()};
  committed.largest_group = page->largest_group();
  if (page->cursors() != nullptr) {
    for (const auto* cursor : *page->cursors()) {
      committed.cursors.insert_or_assign(cursor->source()->str(), read_cursor(*cursor));
    }
  }
  read_counts<TeamId>(page->teams(), committed.totals.teams);
  read_counts<core::ProfileNumber>(page->profiles(), committed.totals.profiles);
  committed.totals.hosts = page->hosts();
  committed.totals.rows = page->rows();
  committed.totals.due = page->due();
  committed.totals.outbox = page->outbox();
  if (page->digests() != nullptr) {
    for (const auto* sum : *page->digests()) committed.digest.restore(sum->family(), sum->value());
  }
  return {};
}

std::string encode_times_page(std::string_view key, const HostTimes::Page& page) {
  FlatBufferBuilder builder(sizeof page + 64);
  static_assert(sizeof(fb::HostTimes) == sizeof(TimesEntry));
  const auto times = builder.CreateVectorOfStructs(
      reinterpret_cast<const fb::HostTimes*>(page.data()), page.size());
  builder.Finish(fb::CreateTimesPage(builder, times));
  return codec::seal(codec::RecordKind::kTimesPage, key, builder);
}

Status decode_times_page(std::string_view key, std::string_view sealed, HostTimes::Page& page) {
  codec::Payload payload;
  std::string why;
  const std::string what =
      "times page " + std::to_string(parse_u32(key.substr(key.empty() ? 0 : 1)).value_or(0));
  if (!codec::Payload::open(codec::RecordKind::kTimesPage, key, sealed, payload, why)) {
    return damaged("pages", what, why);
  }
  const auto* stored = payload.root<fb::TimesPage>();
  if (stored == nullptr || stored->times() == nullptr || stored->times()->size() != page.size() ||
      !codec::is_aligned(stored->times())) {
    return damaged("pages", what, "it is not a times page");
  }
  for (std::size_t i = 0; i < page.size(); ++i) {
    const auto* entry = stored->times()->Get(static_cast<flatbuffers::uoffset_t>(i));
    page[i] = {entry->detail_updated_at(), entry->label_updated_at()};
  }
  return {};
}

}  // namespace muster::store
