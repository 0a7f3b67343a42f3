// An event that changes many hosts, while it goes on (ARCHITECTURE.md, fan-out). It walks the
// hosts in windows; between windows host events of other callers commit, and one that reaches a
// host first applies the fan-out to it. So the result equals the serial order.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/reconcile.h"
#include "muster/event.h"
#include "muster/status.h"
#include "muster/store.h"
#include "store/commit_group.h"
#include "store/database.h"
#include "store/due_hosts.h"
#include "store/listed_commands.h"
#include "store/live_pass.h"
#include "store/meta_records.h"
#include "store/tuning.h"

namespace muster::store {

/// What is committed, as a fan-out walks over it.
struct FanOutGround {
  const Database& database;
  const Tuning& tuning;
  const DueHosts& due;
};

class FanOutRun {
 public:
  /// `event` was judged and is one of the four kinds. `record` says where it stands.
  FanOutRun(Event event, FanOutRecord record, LivePass* live = nullptr);

  /// From what a crash left behind.
  static Result<std::unique_ptr<FanOutRun>> resume(const FanOutRecord& record,
                                                   const FanOutProgress& progress);

  /// Picks the keys to walk and visits the hosts that the group holds already.
  Status begin(CommitGroup& group, const FanOutGround& ground);
  /// Goes on until everything is visited (true) or the window is full (false), which is sooner
  /// where somebody waits.
  Result<bool> run_window(CommitGroup& group, const FanOutGround& ground,
                          const std::atomic<bool>& somebody_waits);
  /// For a host event of another caller: the host sees the fan-out before the event. The mark says
  /// so on disk.
  Status visit_before_event(CommitGroup& group, HostEntry& entry);
  /// A host that came after the fan-out.
  void mark(core::Host& host) const { host.last_fan_out = record_.sequence; }

  /// What the event's caller is told, once it is done.
  EventResult result();
  const FanOutRecord& record() const { return record_; }
  const FanOutProgress& progress() const { return progress_; }
  bool persisted() const { return persisted_; }
  void set_persisted() { persisted_ = true; }

 private:
  class Issuer;

  const Reconciled* pass() const { return std::get_if<Reconciled>(&event_.body); }
  Status begin_live(CommitGroup& group, const FanOutGround& ground);
  void finish_pass(CommitGroup& group);
  bool in_range(std::string_view host_uuid) const;
  bool concerns(const CommitGroup& group, const core::Host& host) const;
  /// Applies the fan-out to one host that it concerns. Returns whether its record changed.
  Result<bool> visit(CommitGroup& group, const std::optional<core::Host>& before,
                     std::optional<core::Host>& host);
  Result<bool> change(CommitGroup& group, core::Host& host);
  Status visit_entry(CommitGroup& group, HostEntry& entry, bool always_mark);
  Status visit_stored(CommitGroup& group, std::string_view uuid, std::string_view sealed);
  /// Walks one phase. True: it is done.
  Result<bool> walk(CommitGroup& group, const FanOutGround& ground);
  Result<bool> walk_listed(CommitGroup& group, const Tuning& tuning);
  const std::vector<std::string>& listed_hosts() const;
  std::pair<std::string, std::string> key_range() const;
  bool window_full(const CommitGroup& group, const Tuning& tuning) const;
  FanOutPhase phase_after(FanOutPhase phase) const;

  Event event_;
  FanOutRecord record_;
  FanOutProgress progress_;
  bool persisted_ = false;
  LivePass* live_ = nullptr;      ///< null: the pass was recorded
  std::vector<std::string> due_;  ///< of a live pass
  std::optional<ListedCommands> listed_;
  std::map<std::pair<Operation, core::ProfileNumber>, core::CommandNumber> shared_commands_;
  bool changed_any_ = false;
  Divergences divergences_;
  const std::atomic<bool>* somebody_waits_ = nullptr;  ///< while a window runs
  std::uint64_t changed_in_window_ = 0;
  std::uint64_t seen_in_window_ = 0;
  std::uint64_t bytes_before_window_ = 0;  ///< what the group had loaded
};

}  // namespace muster::store
