#include "store/check.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_set.hpp>
#include <vector>

#include "base/time.h"
#include "codec/envelope.h"
#include "core/summary.h"
#include "store/catalog_records.h"
#include "store/change_log.h"
#include "store/damage.h"
#include "store/group_record.h"
#include "store/host_record.h"
#include "store/meta_records.h"
#include "store/outbox.h"
#include "store/statement_records.h"

namespace muster::store {
namespace {

constexpr std::size_t kCommandsRemembered = 1U << 20;

/// Recomputes what the records imply, in one pass over each family, and compares. Memory: one bit
/// a host ordinal, the totals, and numbers of kCommandsRemembered commands.
class Checker {
 public:
  Checker(const View& view, const CheckCalls& calls) : view_(view), calls_(calls) {}

  Result<std::uint64_t> run() {
    for (const auto part :
         {&Checker::check_catalog, &Checker::check_hosts, &Checker::check_due,
          &Checker::check_failed, &Checker::check_commands, &Checker::check_outbox,
          &Checker::check_statements, &Checker::check_changes, &Checker::check_small,
          &Checker::check_totals, &Checker::check_digest}) {
      if (stopped_) break;
      if (Status status = (this->*part)(); !status.ok()) return status;
    }
    return findings_;
  }
  Implied implied() const {
    return {totals(), implied_, records_are_whole_, records_, unreadable_};
  }

 private:
  using PerKey = std::function<Status(std::string_view key, std::string_view value)>;

  TotalsDelta totals() const {
    TotalsDelta totals;
    counted_.add_to(*view_.catalog, totals);
    totals.outbox = outbox_entries_;
    return totals;
  }
  /// Of a record that nothing implies.
  void find(Family family, std::string key, std::string what) {
    records_are_whole_ = false;
    find_derived(family, std::move(key), std::move(what));
  }
  void find_derived(Family family, std::string key, std::string what) {
    find_derived(std::string(name_of(family)), std::move(key), std::move(what));
  }
  void find_derived(std::string family, std::string key, std::string what) {
    if (stopped_) return;
    ++findings_;
    if (!calls_.visit) return;
    stopped_ = !calls_.visit({std::move(family), std::move(key), std::move(what)});
  }
  void mend(Family family, std::string_view key, std::optional<std::string> value) {
    if (calls_.mend) calls_.mend({family, std::string(key), std::move(value)});
  }
  void find_unreadable(Family family, const Status& why);
  Status walk(Family family, const PerKey& visit);
  void took(std::uint64_t bytes);
  Result<bool> has_command(core::CommandNumber number);
  void add_record(Family family, std::string_view key, std::string_view value);
  Status need_key(Family family, const std::string& key, const std::function<void()>& missing);
  Result<bool> has(Family family, std::string_view key);
  Result<std::optional<core::Host>> host(std::string_view uuid);

  Status check_catalog();
  Status check_hosts();
  Status check_host(std::string_view uuid, std::string_view sealed);
  void check_times(const core::Host& host);
  Status check_due();
  Status check_failed();
  Status check_commands();
  Status check_command(std::string_view key, std::string_view sealed);
  Status check_command_index(std::string_view key, std::string_view sealed);
  Status check_outbox();
  Status check_statements();
  Status check_changes();
  Status check_small();
  Status check_totals();
  Status check_digest();

  const View& view_;
  const CheckCalls& calls_;
  std::uint64_t findings_ = 0;
  std::uint64_t records_ = 0;
  boost::unordered_flat_set<std::uint64_t> commands_there_;  ///< of those that rows name
  bool stopped_ = false;
  bool records_are_whole_ = true;
  TotalsCount counted_;
  std::int64_t outbox_entries_ = 0;
  StoreDigest digest_;   ///< of what is there
  StoreDigest implied_;  ///< of what should be
  std::vector<Family> unreadable_;
  std::vector<bool> ordinals_;
  std::string value_;
};

std::string in_words(const DueKey& key) {
  const std::string when = key.due == core::kDueNow ? "now" : to_string(key.due);
  return when + ", host " + printable_key(key.host_uuid);
}

Status Checker::walk(Family family, const PerKey& visit) {
  Scan scan(*view_.database, family, {}, {}, view_.snapshot);
  for (; scan.valid() && !stopped_; scan.next()) {
    if (Status status = visit(scan.key(), scan.value()); !status.ok()) return status;
    ++records_;
    took(scan.key().size() + scan.value().size());
  }
  if (Status status = scan.status(); !status.ok()) {
    if (status.code() != StatusCode::kCorruption) return status;
    find_unreadable(family, status);
  }
  return {};
}

/// Told once.
void Checker::find_unreadable(Family family, const Status& why) {
  if (is_derived(family)) {
    if (std::find(unreadable_.begin(), unreadable_.end(), family) != unreadable_.end()) return;
    unreadable_.push_back(family);
  } else if (family != Family::kChanges) {
    records_are_whole_ = false;
  }
  find_derived(family, "the whole family", std::string(why.message()));
}

/// A record that no other implies.
void Checker::add_record(Family family, std::string_view key, std::string_view value) {
  digest_.add_record(family, key, value);
  implied_.add_record(family, key, value);
}

/// A key of a derived family.
Status Checker::need_key(Family family, const std::string& key,
                         const std::function<void()>& missing) {
  implied_.add_key(family, key);
  const Result<bool> found = has(family, key);
  if (found.status().code() == StatusCode::kCorruption) {
    find_unreadable(family, found.status());
    return {};
  }
  if (!found.ok() || *found) return found.status();
  missing();
  mend(family, key, "");
  return {};
}

void Checker::took(std::uint64_t bytes) {
  if (calls_.read && !calls_.read(bytes)) stopped_ = true;
}

Result<bool> Checker::has(Family family, std::string_view key) {
  const Result<bool> found = view_.database->get(family, key, value_, view_.snapshot);
  took(key.size() + (found.ok() && *found ? value_.size() : 0));
  return found;
}

/// Few commands are named by many rows.
Result<bool> Checker::has_command(core::CommandNumber number) {
  if (commands_there_.contains(core::to_integer(number))) return true;
  const Result<bool> found = has(Family::kCommands, command_key(number));
  if (!found.ok() || !*found) return found;
  if (commands_there_.size() == kCommandsRemembered) commands_there_.clear();
  commands_there_.insert(core::to_integer(number));
  return true;
}

/// Empty also for a damaged record: the pass over the hosts names those.
Result<std::optional<core::Host>> Checker::host(std::string_view uuid) {
  const Result<bool> found = has(Family::kHosts, uuid);
  if (!found.ok()) return found.status();
  if (!*found) return std::optional<core::Host>();
  Result<core::Host> host = decode_host(uuid, value_, *view_.catalog);
  if (!host.ok()) return std::optional<core::Host>();
  return std::optional(std::move(*host));
}

Status Checker::check_catalog() {
  const Result<core::Catalog> loaded = load_catalog(*view_.database, view_.snapshot);
  if (!loaded.ok()) {
    if (loaded.status().code() != StatusCode::kCorruption) return loaded.status();
    find(Family::kCatalog, "the whole family", std::string(loaded.status().message()));
  }
  return walk(Family::kCatalog, [this](std::string_view key, std::string_view value) {
    add_record(Family::kCatalog, key, value);
    return Status();
  });
}

Status Checker::check_hosts() {
  return walk(Family::kHosts, [this](std::string_view key, std::string_view value) {
    add_record(Family::kHosts, key, value);
    return check_host(key, value);
  });
}

void Checker::check_times(const core::Host& host) {
  const std::size_t ordinal = core::to_integer(host.ordinal);
  if (ordinal >= ordinals_.size()) ordinals_.resize(ordinal + 1);
  if (ordinals_[ordinal]) {
    find(Family::kHosts, "host " + printable_key(host.uuid),
         "another host has its ordinal " + std::to_string(ordinal));
  }
  ordinals_[ordinal] = true;
}

Status Checker::check_host(std::string_view uuid, std::string_view sealed) {
  const std::string words = "host " + printable_key(uuid);
  const Result<core::Host> decoded = decode_host(uuid, sealed, *view_.catalog);
  if (!decoded.ok()) {
    find(Family::kHosts, words, std::string(decoded.status().message()));
    return {};
  }
  counted_.add(*decoded, 1);
  check_times(*decoded);
  if (decoded->due != core::kNotDue) {
    Status status = need_key(Family::kDue, due_key(decoded->due, uuid), [&] {
      find_derived(Family::kDue, in_words({decoded->due, uuid}),
                   "the host is due and the key is missing");
    });
    if (!status.ok()) return status;
  }
  for (const core::Slot& slot : decoded->slots) {
    if (slot.command() != core::kNoCommand) {
      const Result<bool> found = has_command(slot.command());
      if (!found.ok()) return found.status();
      if (!*found) {
        find(Family::kCommands, "command " + std::to_string(core::to_integer(slot.command())),
             "a row of " + words + " names it and it is missing");
      }
    }
    if (slot.status() != DeliveryStatus::kFailed) continue;
    const core::ProfileVersion& version = view_.catalog->version(slot.version());
    Status status = need_key(Family::kFailed, failed_key(version.profile, uuid), [&] {
      find_derived(Family::kFailed, "profile " + version.profile_uuid + ", " + words,
                   "the row failed and the key is missing");
    });
    if (!status.ok()) return status;
  }
  return {};
}

Status Checker::check_due() {
  return walk(Family::kDue, [this](std::string_view key, std::string_view) -> Status {
    digest_.add_key(Family::kDue, key);
    const auto due = parse_due_key(key);
    if (!due) {
      find_derived(Family::kDue, printable_key(key), "it is not a key of this family");
      mend(Family::kDue, key, std::nullopt);
      return {};
    }
    const auto found = host(due->host_uuid);
    if (!found.ok()) return found.status();
    if (!*found || (*found)->due != due->due) {
      find_derived(Family::kDue, in_words(*due), "no host record says so");
      mend(Family::kDue, key, std::nullopt);
    }
    return {};
  });
}

Status Checker::check_failed() {
  return walk(Family::kFailed, [this](std::string_view key, std::string_view) -> Status {
    digest_.add_key(Family::kFailed, key);
    const auto failed = parse_failed_key(key);
    const core::Catalog& catalog = *view_.catalog;
    if (!failed || core::to_integer(failed->profile) == 0 ||
        core::to_integer(failed->profile) > catalog.profile_numbers()) {
      find_derived(Family::kFailed, printable_key(key), "it is not a key of this family");
      mend(Family::kFailed, key, std::nullopt);
      return {};
    }
    const auto found = host(failed->host_uuid);
    if (!found.ok()) return found.status();
    const core::Slot* slot = *found ? (*found)->find_slot(catalog, failed->profile) : nullptr;
    if (slot == nullptr || slot->status() != DeliveryStatus::kFailed) {
      find_derived(Family::kFailed,
                   "profile " + catalog.profile_uuid(failed->profile) + ", host " +
                       printable_key(failed->host_uuid),
                   "no failed row says so");
      mend(Family::kFailed, key, std::nullopt);
    }
    return {};
  });
}

Status Checker::check_commands() {
  return walk(Family::kCommands, [this](std::string_view key, std::string_view value) {
    digest_.add_record(Family::kCommands, key, value);
    if (key.starts_with(kCommandUuidPrefix)) return check_command_index(key, value);
    implied_.add_record(Family::kCommands, key, value);
    return check_command(key, value);
  });
}

Status Checker::check_command(std::string_view key, std::string_view sealed) {
  const auto number = key.empty() ? std::nullopt : parse_u64(key.substr(1));
  if (!number) {
    find(Family::kCommands, printable_key(key), "it is not a key of this family");
    return {};
  }
  const auto command = decode_command(core::CommandNumber{*number}, sealed);
  if (!command.ok() || !view_.catalog->knows_version(command->version)) {
    find(Family::kCommands, "command " + std::to_string(*number),
         command.ok() ? "it names an unknown profile version"
                      : std::string(command.status().message()));
    return {};
  }
  const core::ProfileNumber profile = view_.catalog->version(command->version).profile;
  const std::string index_key = command_uuid_key(command->uuid);
  std::string implied_index = encode_command_index(
      command->uuid, {core::CommandNumber{*number}, profile, command->operation});
  implied_.add_record(Family::kCommands, index_key, implied_index);
  const Result<bool> found = has(Family::kCommands, index_key);
  if (!found.ok()) return found.status();
  const auto index = *found ? decode_command_index(command->uuid, value_)
                            : Result<StoredCommandIndex>(Status(StatusCode::kNotFound, ""));
  if (!index.ok() || core::to_integer(index->number) != *number || index->profile != profile ||
      index->operation != command->operation) {
    find_derived(Family::kCommands, "command " + printable_key(command->uuid),
                 "its uuid does not lead to number " + std::to_string(*number));
    mend(Family::kCommands, index_key, std::move(implied_index));
  }
  return {};
}

Status Checker::check_command_index(std::string_view key, std::string_view sealed) {
  const std::string_view uuid = key.substr(1);
  const auto index = decode_command_index(uuid, sealed);
  if (!index.ok()) {
    find_derived(Family::kCommands, "command " + printable_key(uuid),
                 std::string(index.status().message()));
    mend(Family::kCommands, key, std::nullopt);
    return {};
  }
  const Result<bool> found = has(Family::kCommands, command_key(index->number));
  if (!found.ok()) return found.status();
  const auto command = *found ? decode_command(index->number, value_)
                              : Result<StoredCommand>(Status(StatusCode::kNotFound, ""));
  if (!command.ok() || command->uuid != uuid) {
    find_derived(Family::kCommands, "command " + printable_key(uuid),
                 "its number does not lead back to it");
    mend(Family::kCommands, key, std::nullopt);
  }
  return {};
}

Status Checker::check_outbox() {
  std::int64_t entries = 0;
  Status status =
      walk(Family::kOutbox, [&](std::string_view key, std::string_view value) -> Status {
        add_record(Family::kOutbox, key, value);
        ++entries;
        const auto id = parse_u64(key);
        if (!id) {
          find(Family::kOutbox, printable_key(key), "it is not a key of this family");
          return {};
        }
        const auto entry = decode_outbox_entry(*id, value);
        if (!entry.ok() || !view_.catalog->knows_version(entry->version)) {
          find(Family::kOutbox, "entry " + std::to_string(*id),
               entry.ok() ? "it names an unknown profile version"
                          : std::string(entry.status().message()));
          return {};
        }
        const Result<bool> found = has(Family::kCommands, command_uuid_key(entry->command_uuid));
        if (!found.ok()) return found.status();
        if (!*found) {
          find_derived(Family::kOutbox, "entry " + std::to_string(*id), "its command is missing");
        }
        return {};
      });
  outbox_entries_ = entries;
  return status;
}

Status Checker::check_statements() {
  return walk(Family::kStatements, [this](std::string_view key, std::string_view value) {
    add_record(Family::kStatements, key, value);
    const auto taken = decode_statements(key, value);
    if (!taken.ok()) {
      find(Family::kStatements, printable_key(key), std::string(taken.status().message()));
    }
    return Status();
  });
}

/// Nothing follows from them: a damaged one is no reason to leave the rest as it is.
Status Checker::check_changes() {
  std::uint64_t next = view_.changes.first;
  const auto missing = [&](std::uint64_t end) {
    if (next >= end) return;
    find_derived(Family::kChanges, "change " + std::to_string(next),
                 "it is missing, up to change " + std::to_string(end - 1));
  };
  Status status = walk(Family::kChanges, [&](std::string_view key, std::string_view value) {
    const Status whole = check_change(*view_.catalog, key, value);
    if (!whole.ok()) {
      find_derived(Family::kChanges, printable_key(key), std::string(whole.message()));
    }
    const std::uint64_t number = parse_u64(key).value_or(next);
    if (number < next) {
      find_derived(Family::kChanges, printable_key(key), "it was dropped and is there");
      return Status();
    }
    missing(number);
    next = number + 1;
    return Status();
  });
  missing(view_.changes.next);
  return status;
}

/// What an open reads: of a store that is open, it was whole then.
Status Checker::check_small() {
  const auto look = [this](Family family, std::string_view key, const Status& whole) {
    if (!whole.ok()) find(family, printable_key(key), std::string(whole.message()));
    return Status();
  };
  Status status = walk(Family::kMeta, [&](std::string_view key, std::string_view value) {
    digest_.add_record(Family::kMeta, key, value);
    return look(Family::kMeta, key, check_meta(key, value));
  });
  if (!status.ok()) return status;
  status = walk(Family::kGroups, [&](std::string_view key, std::string_view value) {
    return look(Family::kGroups, key, decode_group(key, value).status());
  });
  if (!status.ok()) return status;
  return walk(Family::kPages, [&](std::string_view key, std::string_view value) {
    Committed state;
    HostTimes::Page page;
    return look(Family::kPages, key,
                key == kStatePageKey ? decode_state_page(value, state)
                                     : decode_times_page(key, value, page));
  });
}

template <typename Map, typename Words, typename Report>
void compare_counts(const Map& stored, const Map& counted, const Words& words,
                    const Report& report) {
  const auto text = [](const auto& counts) {
    return "failed " + std::to_string(counts.failed) + ", pending " +
           std::to_string(counts.pending) + ", verifying " + std::to_string(counts.verifying) +
           ", verified " + std::to_string(counts.verified) + ", all " + std::to_string(counts.all);
  };
  Map all = stored;
  all.insert(counted.begin(), counted.end());
  for (const auto& [id, unused] : all) {
    const auto left = stored.find(id);
    const auto right = counted.find(id);
    const auto has = left == stored.end() ? typename Map::mapped_type() : left->second;
    const auto should = right == counted.end() ? typename Map::mapped_type() : right->second;
    if (!(has == should)) report(words(id), "stored " + text(has) + "; counted " + text(should));
  }
}

Status Checker::check_totals() {
  Totals counted;
  counted.apply(totals());
  const Totals& stored = *view_.totals;
  const auto report = [this](std::string key, std::string what) {
    find_derived("totals", std::move(key), std::move(what));
  };
  compare_counts(
      stored.teams, counted.teams, [](TeamId id) { return "team " + std::to_string(id); }, report);
  compare_counts(
      stored.profiles, counted.profiles,
      [this](core::ProfileNumber number) {
        const bool known = core::to_integer(number) >= 1 &&
                           core::to_integer(number) <= view_.catalog->profile_numbers();
        return "profile " + (known ? view_.catalog->profile_uuid(number)
                                   : std::to_string(core::to_integer(number)));
      },
      report);
  const auto compare = [&](const char* what, std::uint64_t has, std::uint64_t should) {
    if (has == should) return;
    report(what, "stored " + std::to_string(has) + "; counted " + std::to_string(should));
  };
  compare("hosts", stored.hosts, counted.hosts);
  compare("rows", stored.rows, counted.rows);
  compare("due hosts", stored.due, counted.due);
  compare("outbox entries", stored.outbox, counted.outbox);
  return {};
}

Status Checker::check_digest() {
  for (std::size_t page = 0; page < view_.times.pages(); ++page) {
    const HostTimes::Page* times = view_.times.page(page);
    for (std::size_t i = 0; times != nullptr && i < times->size(); ++i) {
      const std::size_t ordinal = page * kTimesPerPage + i;
      const core::HostOrdinal host{static_cast<std::uint32_t>(ordinal)};
      digest_.add_times(host, (*times)[i]);
      implied_.add_times(host, (*times)[i]);
      const bool owned = ordinal < ordinals_.size() && ordinals_[ordinal];
      if (!owned && (*times)[i] != TimesEntry{}) {
        records_are_whole_ = false;
        find_derived("times", "ordinal " + std::to_string(ordinal),
                     "no host has it and it has times");
      }
    }
  }
  const auto compare = [this](std::uint32_t family, std::string_view name) {
    if (digest_.sum(family) == view_.digest.sum(family)) return;
    find_derived(std::string(name), "store digest", "the records do not add up to the stored sum");
  };
  for (const FamilyInfo& info : kFamilies) {
    if (info.digested) compare(static_cast<std::uint32_t>(info.family), info.name);
  }
  if (view_.digest.has(Family::kMeta)) compare(static_cast<std::uint32_t>(Family::kMeta), "meta");
  compare(kTimesDigest, "times");
  return {};
}

}  // namespace

Result<std::uint64_t> check(const View& view, const CheckCalls& calls, Implied* implied) {
  Checker checker(view, calls);
  Result<std::uint64_t> findings = checker.run();
  if (implied != nullptr) *implied = checker.implied();
  return findings;
}

}  // namespace muster::store
