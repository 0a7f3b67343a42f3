#include "store/commit_group.h"

#include <algorithm>

#include "base/contract.h"
#include "base/time.h"
#include "codec/envelope.h"
#include "store/damage.h"
#include "store/meta_records.h"

namespace muster::store {
namespace {

/// What a usual group and a window of a fan-out need.
constexpr std::size_t kSpareEntriesMax = 2048;
constexpr std::size_t kSpareElementsMax = 256;

/// Large hosts give their memory back.
bool is_usual(const std::optional<core::Host>& host) {
  return !host || (host->slots.capacity() <= kSpareElementsMax &&
                   host->labels.capacity() <= kSpareElementsMax && host->details.empty());
}

/// Profiles that failed on the host, ascending.
std::vector<core::ProfileNumber> failed_profiles(const core::Catalog& catalog,
                                                 const std::optional<core::Host>& host) {
  std::vector<core::ProfileNumber> out;
  if (!host) return out;
  for (const core::Slot& slot : host->slots) {
    if (slot.status() == DeliveryStatus::kFailed) {
      out.push_back(catalog.version(slot.version()).profile);
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

TimesEntry times_of(const core::Host& host) {
  return {host.detail_updated_at.micros / base::kMicrosPerSecond,
          host.label_updated_at.micros / base::kMicrosPerSecond};
}

CommitGroup::CommitGroup(const Database& database, HostCache& cache, GroupMemory& memory,
                         const Committed& committed, std::shared_ptr<const core::Catalog> catalog,
                         const Policy& policy, const StoreLimits& limits,
                         ChangeRetention changes_kept)
    : database_(database),
      cache_(cache),
      memory_(memory),
      committed_(committed),
      catalog_(std::move(catalog)),
      policy_(policy),
      limits_(limits),
      changes_(database, changes_kept),
      statements_(database) {
  record_.sequence = committed.sequence;
  record_.next_ordinal = committed.next_ordinal;
  record_.next_command = committed.next_command;
  record_.passes = committed.passes;
  record_.next_outbox = committed.next_outbox;
  record_.changes = committed.changes;
  record_.swept_at = committed.swept_at;
}

CommitGroup::~CommitGroup() {
  if (examined_ != nullptr) entries_.push_back(std::move(examined_));
  for (auto& entry : entries_) {
    if (memory_.entries.size() == kSpareEntriesMax) break;
    if (is_usual(entry->stored) && is_usual(entry->current)) {
      memory_.entries.push_back(std::move(entry));
    }
  }
}

HostEntry* CommitGroup::find_loaded(std::string_view uuid, std::uint64_t hash) {
  const auto at = entry_by_uuid_.find({hash, uuid});
  return at == entry_by_uuid_.end() ? nullptr : at->second;
}

/// Its two hosts are to be set: they may hold another entry's, whose memory serves again.
std::unique_ptr<HostEntry> CommitGroup::make_entry(std::string_view uuid, std::uint64_t hash) {
  std::unique_ptr<HostEntry> entry;
  if (memory_.entries.empty()) {
    entry = std::make_unique<HostEntry>();
  } else {
    entry = std::move(memory_.entries.back());
    memory_.entries.pop_back();
    entry->stored_hash = 0;
    entry->repeats = {};
    entry->sealed.clear();
  }
  entry->uuid = uuid;
  entry->hash = hash;
  return entry;
}

HostEntry& CommitGroup::add(std::unique_ptr<HostEntry> entry) {
  entry_by_uuid_.emplace(EntryKey{entry->hash, entry->uuid}, entry.get());
  entries_.push_back(std::move(entry));
  return *entries_.back();
}

TimesEntry CommitGroup::times(core::HostOrdinal ordinal) const {
  const auto at = touched_.find(ordinal);
  return at != touched_.end() ? at->second : committed_.times.get(ordinal);
}

void CommitGroup::set_host_times(core::Host& host) const {
  const TimesEntry entry = times(host.ordinal);
  host.detail_updated_at = Timestamp{entry.detail_updated_at * base::kMicrosPerSecond};
  host.label_updated_at = Timestamp{entry.label_updated_at * base::kMicrosPerSecond};
}

Result<HostEntry*> CommitGroup::host(std::string_view uuid, std::uint64_t hash) {
  if (HostEntry* loaded = find_loaded(uuid, hash)) return loaded;
  std::unique_ptr<HostEntry> made = make_entry(uuid, hash);
  if (Status status = load(*made); !status.ok()) return status;
  HostEntry& entry = add(std::move(made));
  if (entry.stored) set_host_times(*entry.stored);
  entry.current = entry.stored;
  return &entry;
}

/// Sets what is stored of the host, from the cache or else into it.
Status CommitGroup::load(HostEntry& entry) {
  if (!entry.stored) entry.stored.emplace();
  SealedRecord record;
  if (!cache_.find(entry.hash, entry.uuid, *entry.stored, record)) {
    const Result<bool> found = database_.get_uncached(Family::kHosts, entry.uuid, value_);
    if (!found.ok()) return found.status();
    if (!*found) {
      entry.stored.reset();
      return {};
    }
    Status status = decode_host(entry.uuid, value_, catalog(), *entry.stored);
    if (!status.ok()) return status;
    record = describe(value_);
    cache_.put(entry.hash, *entry.stored, record);
  }
  entry.stored_hash = record.envelope_hash;
  loaded_bytes_ += record.bytes;
  return {};
}

Result<HostEntry*> CommitGroup::examine(std::string_view uuid, std::uint64_t hash,
                                        std::string_view sealed) {
  if (examined_ == nullptr) examined_ = make_entry(uuid, hash);
  HostEntry& entry = *examined_;
  entry.uuid = uuid;
  entry.hash = hash;
  if (!entry.stored) entry.stored.emplace();
  if (Status status = decode_host(uuid, sealed, catalog(), *entry.stored); !status.ok()) {
    return status;
  }
  set_host_times(*entry.stored);
  entry.stored_hash = codec::envelope_hash(sealed);
  examined_bytes_ = sealed.size();
  return &entry;
}

void CommitGroup::adopt_examined() {
  MUSTER_ASSERT(find_loaded(examined_->uuid, examined_->hash) == nullptr);
  loaded_bytes_ += examined_bytes_;
  add(std::move(examined_));
}

core::Catalog& CommitGroup::edit_catalog() {
  if (edited_ == nullptr) edited_ = std::make_shared<core::Catalog>(*catalog_);
  return *edited_;
}

void CommitGroup::set_policy(Policy policy) {
  policy_ = std::move(policy);
  policy_changed_ = true;
}

Result<std::optional<StoredCommandIndex>> CommitGroup::find_command(std::string_view uuid) {
  const auto at = new_command_by_uuid_.find(std::string(uuid));
  if (at != new_command_by_uuid_.end()) return std::optional(new_commands_[at->second].index);
  const Result<bool> found = database_.get(Family::kCommands, command_uuid_key(uuid), value_);
  if (!found.ok()) return found.status();
  if (!*found) return std::optional<StoredCommandIndex>();
  Result<StoredCommandIndex> index = decode_command_index(uuid, value_);
  if (!index.ok()) return index.status();
  const auto swept = swept_.find(core::to_integer(index->number));
  if (swept != swept_.end() && swept->second) return std::optional<StoredCommandIndex>();
  return std::optional(*index);
}

Result<core::CommandNumber> CommitGroup::intern_command(std::string_view uuid, Operation operation,
                                                        const core::ProfileVersion& version,
                                                        Timestamp at, bool handed_out) {
  const auto known = find_command(uuid);
  if (!known.ok()) return known.status();
  if (*known) {
    reissued_.push_back((*known)->number);
    return (*known)->number;
  }
  if (record_.next_command > core::kCommandNumberMax) {
    return Status(StatusCode::kLimit, "the store has issued 2^48 commands and can issue no more");
  }
  const core::CommandNumber number{record_.next_command++};
  new_command_by_uuid_.emplace(uuid, new_commands_.size());
  new_commands_.push_back({std::string(uuid),
                           {number, version.profile, operation},
                           {std::string(uuid), version.number, operation, at, handed_out}});
  return number;
}

Result<bool> CommitGroup::sweep_command(const SweptCommand& swept) {
  const std::uint64_t place = core::to_integer(swept.number);
  const bool named_again =
      std::find(reissued_.begin(), reissued_.end(), swept.number) != reissued_.end();
  if (named_again || swept_.contains(place)) return false;
  std::string sealed;
  const std::string number_key = command_key(swept.number);
  const Result<bool> found = database_.get(Family::kCommands, number_key, sealed);
  if (!found.ok() || !*found) return found;
  Result<StoredCommand> command = decode_command(swept.number, sealed);
  if (!command.ok()) return command.status();
  if (!swept.forgets && swept.unnamed_since == command->unnamed_since) return false;
  swept_.emplace(place, swept.forgets);
  record_.digest.remove_record(Family::kCommands, number_key, codec::envelope_hash(sealed));
  if (!swept.forgets) {
    command->unnamed_since = swept.unnamed_since;
    std::string changed = encode_command(swept.number, *command);
    record_.digest.add_record(Family::kCommands, number_key, changed);
    swept_records_.emplace_back(number_key, std::move(changed));
    return true;
  }
  swept_records_.emplace_back(number_key, std::nullopt);
  const std::string uuid_key = command_uuid_key(command->uuid);
  const Result<bool> indexed = database_.get(Family::kCommands, uuid_key, sealed);
  if (!indexed.ok()) return indexed;
  if (*indexed) {
    record_.digest.remove_record(Family::kCommands, uuid_key, codec::envelope_hash(sealed));
    swept_records_.emplace_back(uuid_key, std::nullopt);
  }
  return true;
}

Result<StoredCommand> CommitGroup::command(core::CommandNumber number) const {
  const std::uint64_t wanted = core::to_integer(number);
  if (wanted >= committed_.next_command &&
      wanted - committed_.next_command < new_commands_.size()) {
    return new_commands_[wanted - committed_.next_command].command;
  }
  std::string sealed;
  const Result<bool> found = database_.get(Family::kCommands, command_key(number), sealed);
  if (!found.ok()) return found.status();
  if (!*found) {
    return damaged("commands", "command " + std::to_string(wanted),
                   "a row names it and it is missing");
  }
  return decode_command(number, sealed);
}

Cursor& CommitGroup::cursor(std::string_view source) {
  const auto at = cursors_.find(source);
  if (at != cursors_.end()) return at->second;
  const auto committed = committed_.cursors.find(source);
  Cursor cursor;
  if (committed != committed_.cursors.end()) {
    cursor = committed->second;
  } else {
    cursor.source = source;
    cursor.at = Timestamp{INT64_MIN};
  }
  return cursors_.emplace(source, std::move(cursor)).first->second;
}

void CommitGroup::count_event() {
  ++record_.sequence;
  ++record_.events;
}

bool CommitGroup::empty() const {
  if (record_.events > 0 || cursors_moved_ || catalog_changes_.any() || policy_changed_ ||
      !new_commands_.empty() || record_.passes != committed_.passes || !outbox_.empty() ||
      !swept_.empty() || record_.swept_at != committed_.swept_at) {
    return false;
  }
  return std::none_of(entries_.begin(), entries_.end(), [](const auto& entry) {
    if (entry->stored.has_value() != entry->current.has_value()) return true;
    return entry->current && (!entry->current->same_record(*entry->stored) ||
                              times_of(*entry->current) != times_of(*entry->stored));
  });
}

Status CommitGroup::put_catalog_item(Batch& batch, std::string_view key,
                                     const std::string* sealed) {
  const Result<bool> found = database_.get(Family::kCatalog, key, value_);
  if (!found.ok()) return found.status();
  if (*found) record_.digest.remove_record(Family::kCatalog, key, codec::envelope_hash(value_));
  if (sealed == nullptr) {
    if (*found) batch.remove(Family::kCatalog, key);
    return {};
  }
  batch.put(Family::kCatalog, key, *sealed);
  record_.digest.add_record(Family::kCatalog, key, *sealed);
  return {};
}

Status CommitGroup::finish_catalog(Batch& batch) {
  if (!catalog_changes_.any()) return {};
  const core::Catalog& catalog = *edited_;
  std::map<std::string, std::optional<std::string>> items;
  for (const core::VersionNumber number : catalog_changes_.versions) {
    items[version_key(number)] = encode_version(catalog.version(number));
  }
  for (const core::LabelNumber number : catalog_changes_.labels) {
    const core::Label* label = catalog.find_label(number);
    items[label_key(number)] =
        label == nullptr ? std::nullopt : std::optional(encode_label(*label));
  }
  for (const core::ProfileNumber number : catalog_changes_.profiles) {
    const core::Profile* profile = catalog.find_profile(number);
    items[profile_key(number)] =
        profile == nullptr ? std::nullopt : std::optional(encode_profile(*profile));
  }
  for (const TeamId team : catalog_changes_.teams) {
    items[team_key(team)] = encode_team(team, *catalog.find_team(team));
  }
  items[std::string(kCatalogCountersKey)] = encode_catalog_counters(catalog);
  for (const auto& [key, sealed] : items) {
    const Status status = put_catalog_item(batch, key, sealed ? &*sealed : nullptr);
    if (!status.ok()) return status;
  }
  return {};
}

void CommitGroup::finish_host(Batch& batch, HostEntry& entry) {
  const auto& stored = entry.stored;
  const auto& current = entry.current;
  if (stored && current && stored->ordinal == current->ordinal) {
    if (times_of(*stored) != times_of(*current)) touched_[current->ordinal] = times_of(*current);
    if (stored->same_record(*current)) return;
  } else {
    if (stored) touched_[stored->ordinal] = {};
    if (current) touched_[current->ordinal] = times_of(*current);
  }
  if (!stored && !current) return;
  outbox_.note_host(catalog(), stored, current);
  if (stored && current) {
    totals_.replace(*stored, *current);
  } else {
    const bool added = current.has_value();
    totals_.add(added ? *current : *stored, added ? 1 : -1);
  }
  if (stored) {
    record_.digest.remove_record(Family::kHosts, entry.uuid, entry.stored_hash);
  }
  if (current) {
    memory_.encoder.encode(*current, entry.hash, entry.sealed);
    batch.put(Family::kHosts, entry.uuid, entry.sealed);
    record_.digest.add_record(Family::kHosts, entry.uuid, entry.sealed);
  } else {
    batch.remove(Family::kHosts, entry.uuid);
  }

  const Timestamp due_before = stored ? stored->due : core::kNotDue;
  const Timestamp due_after = current ? current->due : core::kNotDue;
  if (due_before != due_after) {
    if (due_before != core::kNotDue) {
      const std::string key = due_key(due_before, entry.uuid);
      batch.remove(Family::kDue, key);
      record_.digest.remove_key(Family::kDue, key);
    }
    if (due_after != core::kNotDue) {
      const std::string key = due_key(due_after, entry.uuid);
      batch.put(Family::kDue, key, {});
      record_.digest.add_key(Family::kDue, key);
    }
  }
  const auto failed_before = failed_profiles(catalog(), stored);
  const auto failed_after = failed_profiles(catalog(), current);
  for (const core::ProfileNumber profile : failed_before) {
    if (std::binary_search(failed_after.begin(), failed_after.end(), profile)) continue;
    const std::string key = failed_key(profile, entry.uuid);
    batch.remove(Family::kFailed, key);
    record_.digest.remove_key(Family::kFailed, key);
  }
  for (const core::ProfileNumber profile : failed_after) {
    if (std::binary_search(failed_before.begin(), failed_before.end(), profile)) continue;
    const std::string key = failed_key(profile, entry.uuid);
    batch.put(Family::kFailed, key, {});
    record_.digest.add_key(Family::kFailed, key);
  }
}

void CommitGroup::finish_commands(Batch& batch) {
  for (const auto& [key, record] : swept_records_) {
    if (record) batch.put(Family::kCommands, key, *record);
    if (!record) batch.remove(Family::kCommands, key);
  }
  for (const NewCommand& command : new_commands_) {
    const std::string number_key = command_key(command.index.number);
    const std::string sealed = encode_command(command.index.number, command.command);
    batch.put(Family::kCommands, number_key, sealed);
    record_.digest.add_record(Family::kCommands, number_key, sealed);
    const std::string uuid_key = command_uuid_key(command.uuid);
    const std::string sealed_index = encode_command_index(command.uuid, command.index);
    batch.put(Family::kCommands, uuid_key, sealed_index);
    record_.digest.add_record(Family::kCommands, uuid_key, sealed_index);
  }
}

void CommitGroup::finish_cursors() {
  for (const auto& [source, cursor] : cursors_) {
    const auto committed = committed_.cursors.find(source);
    const bool moved =
        committed == committed_.cursors.end()
            ? cursor.event > 0
            : cursor.event != committed->second.event || cursor.at != committed->second.at;
    if (moved) record_.cursors.push_back(cursor);
  }
}

void CommitGroup::finish_touches() {
  record_.touches.reserve(touched_.size());
  for (const auto& [ordinal, times] : touched_) {
    const TimesEntry before = committed_.times.get(ordinal);
    if (times == before) continue;
    record_.touches.push_back({ordinal, times});
    record_.digest.remove_times(ordinal, before);
    record_.digest.add_times(ordinal, times);
  }
  std::sort(record_.touches.begin(), record_.touches.end(),
            [](const Touch& a, const Touch& b) { return a.ordinal < b.ordinal; });
}

/// RocksDB finds the place of a key quickly near that of the one before.
void CommitGroup::sort_entries() {
  const auto before = [](const auto& a, const auto& b) { return a->uuid < b->uuid; };
  if (!std::is_sorted(entries_.begin(), entries_.end(), before)) {
    std::sort(entries_.begin(), entries_.end(), before);
  }
}

Result<GroupRecord> CommitGroup::finish(Batch& batch) {
  if (Status status = finish_catalog(batch); !status.ok()) return status;
  finish_commands(batch);
  sort_entries();
  for (auto& entry : entries_) finish_host(batch, *entry);
  totals_.add_to(catalog(), record_.totals);
  Status status = outbox_.finish([this](core::CommandNumber number) { return command(number); },
                                 batch, record_);
  if (!status.ok()) return status;
  status = changes_.finish(batch, record_.changes);
  if (!status.ok()) return status;
  statements_.finish(batch, record_.digest);
  finish_cursors();
  finish_touches();
  return std::move(record_);
}

}  // namespace muster::store
