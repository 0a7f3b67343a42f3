// A commit group while it is built: what the events of the group see and change before anything
// is written. Reads fall through to the database; changes stay here until finish().
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/catalog.h"
#include "core/host.h"
#include "muster/limits.h"
#include "muster/policy.h"
#include "muster/status.h"
#include "store/catalog_records.h"
#include "store/change_log.h"
#include "store/database.h"
#include "store/group_record.h"
#include "store/host_cache.h"
#include "store/host_record.h"
#include "store/known_reports.h"
#include "store/outbox.h"
#include "store/statement_records.h"

namespace muster::store {

/// Reports whose repetition can be known.
enum class ReportKind : std::uint8_t { kProfiles = 0, kLabels = 1 };
inline constexpr std::size_t kReportKinds = 2;

/// A host as the store has it, and as the group leaves it. Empty: not in the inventory.
struct HostEntry {
  std::string uuid;
  std::uint64_t hash = 0;  ///< of the uuid
  std::optional<core::Host> stored;
  std::uint64_t stored_hash = 0;  ///< of the stored record's envelope
  std::optional<core::Host> current;

  /// What the group says of reports that may come again. Judged: whatever was known before may not
  /// hold any more. A report: it would change nothing, as the host is now.
  struct Repeat {
    bool judged = false;
    struct Report {
      ReportKey key;
      ReportBasis basis;
    };
    std::optional<Report> report;
  };
  std::array<Repeat, kReportKinds> repeats;
  std::string sealed;  ///< what finish() wrote; empty: nothing, or the host is gone

  Repeat& repeat(ReportKind kind) { return repeats[static_cast<std::size_t>(kind)]; }
  /// The record may change, or has.
  void forget_repeats() { repeats.fill({true, std::nullopt}); }
};

TimesEntry times_of(const core::Host& host);

/// What a group leaves to the next one: memory that serves again.
struct GroupMemory {
  std::vector<std::unique_ptr<HostEntry>> entries;  ///< not in use
  HostEncoder encoder;
};

class CommitGroup {
 public:
  using Entries = std::vector<std::unique_ptr<HostEntry>>;

  /// `cache` is in front of the database; whoever publishes the group brings it up to date.
  CommitGroup(const Database& database, HostCache& cache, GroupMemory& memory,
              const Committed& committed, std::shared_ptr<const core::Catalog> catalog,
              const Policy& policy, const StoreLimits& limits, ChangeRetention changes_kept);
  CommitGroup(const CommitGroup&) = delete;
  CommitGroup& operator=(const CommitGroup&) = delete;
  ~CommitGroup();

  /// The host's entry, loaded on first use. It stays at its address while the group lives.
  Result<HostEntry*> host(std::string_view uuid, std::uint64_t hash);
  HostEntry* find_loaded(std::string_view uuid, std::uint64_t hash);
  /// The host of a record that was read elsewhere, with its times; the group has not loaded it. It
  /// is no entry until it is adopted, and stands there until the next call. `current` is to be set.
  Result<HostEntry*> examine(std::string_view uuid, std::uint64_t hash, std::string_view sealed);
  /// What was examined last becomes an entry.
  void adopt_examined();
  const Entries& entries() const { return entries_; }
  std::uint64_t loaded_bytes() const { return loaded_bytes_; }  ///< of the hosts' stored records
  /// The two times of a host that has no entry.
  TimesEntry times(core::HostOrdinal ordinal) const;
  void set_times(core::HostOrdinal ordinal, TimesEntry times) { touched_[ordinal] = times; }

  const core::Catalog& catalog() const { return edited_ ? *edited_ : *catalog_; }
  core::Catalog& edit_catalog();  ///< the group's own copy
  core::CatalogChanges& catalog_changes() { return catalog_changes_; }
  const Policy& policy() const { return policy_; }
  void set_policy(Policy policy);
  const StoreLimits& limits() const { return limits_; }

  Result<std::optional<StoredCommandIndex>> find_command(std::string_view uuid);
  /// The number of the uuid, a new one if no command has it yet.
  Result<core::CommandNumber> intern_command(std::string_view uuid, Operation operation,
                                             const core::ProfileVersion& version, Timestamp at,
                                             bool handed_out = false);

  Result<StoredCommand> command(core::CommandNumber number) const;
  /// False: nothing is to be done, or the group names the command again.
  Result<bool> sweep_command(const SweptCommand& swept);
  /// Commands of before that the group gave to rows again.
  const std::vector<core::CommandNumber>& reissued() const { return reissued_; }
  void set_swept_at(Timestamp at) { record_.swept_at = at; }

  Cursor& cursor(std::string_view source);  ///< zero events where the source is new
  Sequence sequence() const { return record_.sequence; }
  void count_event();
  /// The group is to be committed for its cursors alone.
  void keep_cursors() { cursors_moved_ = true; }
  core::HostOrdinal next_ordinal() const { return core::HostOrdinal{record_.next_ordinal}; }
  void take_ordinal() { ++record_.next_ordinal; }
  PassChain& passes() { return record_.passes; }
  Sequence last_full_pass() const { return record_.passes.last_full; }
  OutboxDraft& outbox() { return outbox_; }
  ChangeDraft& changes() { return changes_; }
  StatementDraft& statements() { return statements_; }
  /// Takes an entry out of the outbox. False: there is none.
  Result<bool> confirm(OutboxId id) { return outbox_.confirm(database_, id, record_); }
  const Totals& committed_totals() const { return committed_.totals; }

  /// Anything to write?
  bool empty() const;
  /// Puts the group's changes into the batch. Left to put there: its record.
  Result<GroupRecord> finish(Batch& batch);
  std::shared_ptr<const core::Catalog> published_catalog() const {
    return edited_ ? std::shared_ptr<const core::Catalog>(edited_) : catalog_;
  }

 private:
  struct NewCommand {
    std::string uuid;
    StoredCommandIndex index;
    StoredCommand command;
  };

  Status put_catalog_item(Batch& batch, std::string_view key, const std::string* sealed);
  Status finish_catalog(Batch& batch);
  std::unique_ptr<HostEntry> make_entry(std::string_view uuid, std::uint64_t hash);
  HostEntry& add(std::unique_ptr<HostEntry> entry);
  Status load(HostEntry& entry);
  void set_host_times(core::Host& host) const;
  void sort_entries();
  void finish_host(Batch& batch, HostEntry& entry);
  void finish_touches();
  void finish_commands(Batch& batch);
  void finish_cursors();

  struct EntryKey {
    std::uint64_t hash = 0;
    std::string_view uuid;
    friend bool operator==(const EntryKey&, const EntryKey&) = default;
  };
  struct EntryHash {
    using is_avalanching = void;
    std::size_t operator()(const EntryKey& key) const { return key.hash; }
  };

  const Database& database_;
  HostCache& cache_;
  GroupMemory& memory_;
  const Committed& committed_;
  std::shared_ptr<const core::Catalog> catalog_;
  std::shared_ptr<core::Catalog> edited_;
  core::CatalogChanges catalog_changes_;
  Policy policy_;
  bool policy_changed_ = false;
  bool cursors_moved_ = false;
  const StoreLimits& limits_;
  Entries entries_;  ///< in order of first use
  boost::unordered_flat_map<EntryKey, HostEntry*, EntryHash> entry_by_uuid_;
  boost::unordered_flat_map<core::HostOrdinal, TimesEntry> touched_;
  std::uint64_t loaded_bytes_ = 0;
  std::unique_ptr<HostEntry> examined_;
  std::size_t examined_bytes_ = 0;
  std::vector<NewCommand> new_commands_;
  boost::unordered_flat_map<std::string, std::size_t> new_command_by_uuid_;
  std::vector<core::CommandNumber> reissued_;
  boost::unordered_flat_map<std::uint64_t, bool> swept_;  ///< by number; true: forgotten
  std::vector<std::pair<std::string, std::optional<std::string>>> swept_records_;
  std::map<std::string, Cursor, std::less<>> cursors_;
  OutboxDraft outbox_;
  ChangeDraft changes_;
  StatementDraft statements_;
  TotalsCount totals_;
  GroupRecord record_;
  std::string value_;  ///< reused
};

}  // namespace muster::store
