// The open store: committed state in memory, the commit path, and the views of it.
#pragma once

#include <array>
#include <atomic>
#include <boost/unordered/unordered_flat_set.hpp>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "codec/ndjson_reader.h"
#include "core/expected.h"
#include "core/step.h"
#include "muster/store.h"
#include "store/commit_group.h"
#include "store/commit_queue.h"
#include "store/database.h"
#include "store/fan_out_run.h"
#include "store/group_record.h"
#include "store/rate_limiter.h"
#include "store/recorder.h"
#include "store/tuning.h"
#include "store/view.h"
#include "store/watermark.h"

namespace muster::store {

/// Events that are not about one host: of the catalog, the policy, or many hosts.
bool about_fleet(const Event& event);

class Engine {
 public:
  struct Options {
    Durability durability = Durability::kSync;
    std::chrono::milliseconds submit_delay{0};  ///< of submitted spans
    bool read_only = false;
    Tuning tuning;
    MemoryPlan memory;
    std::optional<Policy> policy;  ///< for a new store, or to compare
    std::string store_id;          ///< for a new store
    ChangeRetention change_log;
    std::int64_t command_retention_seconds = 0;
    std::optional<RecorderOptions> recorder;  ///< with a directory
    WatermarkOptions watermark;
    StoreLimits limits;
    std::shared_ptr<Notes> notes;
  };

  /// Loads the state; finishes an interrupted fan-out unless the store is opened read-only.
  static Result<std::unique_ptr<Engine>> open(std::shared_ptr<Database> database, Options options);
  ~Engine();

  Result<Applied> apply(std::span<const Event> events,
                        const std::optional<SourcePosition>& position);
  Status submit(std::vector<Event> events, std::optional<SourcePosition> position,
                std::function<void(Result<Applied>)> done);
  Result<PassReport> reconcile(Timestamp now, const UuidSource& uuids,
                               const std::function<bool(const PassReport&)>& go_on);
  Result<std::vector<PendingCommand>> pending_commands(OutboxId after, std::size_t limit);
  Result<std::size_t> command_sent(std::span<const OutboxId> ids);
  Result<RowChanges> changes(std::uint64_t after, std::size_t limit);
  StoreMetrics metrics() const;
  Status command_not_sent(OutboxId id, Timestamp now, std::span<const std::string> hosts);
  Result<std::optional<Cursor>> last_position(std::string_view source);
  Result<View> view();
  Result<StoreStats> stats();
  Result<Backup> backup(const std::filesystem::path& folder);
  Result<ScrubReport> scrub(const ScrubOptions& options,
                            const std::function<bool(const Finding&)>& visit,
                            const std::function<bool(const ScrubProgress&)>& go_on);
  Policy policy() const;
  void find_known(std::span<UnreadReport> reports) const;
  Status close(std::optional<std::chrono::milliseconds> deadline);

 private:
  static constexpr std::size_t kLookAhead = 128;  ///< events
  Engine(std::shared_ptr<Database> database, Options options);

  // Opening (engine_open.cc).
  Status load();
  Status make_new();
  Status load_meta();
  Status finish_interrupted_fan_out();
  Status missing_events() const;
  Status begin_watermark(Acknowledged durable);
  Status open_recorder(bool is_behind);
  Status apply_unacknowledged(const Recorder::Tail& frame);

  // Taking requests (engine_requests.cc).
  Status door(std::size_t events, const std::optional<SourcePosition>& position) const;
  Status run(Request& request);
  Status forget_commands(Timestamp now, PassReport& report);

  // Judging (engine_apply.cc). All below are called by one thread at a time: the leader.
  void lead(const std::vector<Request*>& requests);
  Result<bool> advance(CommitGroup& group, Request& request);
  Result<bool> take(CommitGroup& group, Request& request);
  Result<bool> advance_events(CommitGroup& group, Request& request);
  Status judge_next(CommitGroup& group, Request& request, Cursor& cursor, std::uint64_t number,
                    const std::optional<ReportKey>& key);
  struct UsedTime {
    Timestamp at;   ///< that the event was judged at
    Timestamp own;  ///< of its source
  };
  void record(const CommitGroup& group, const Request& request, const UsedTime& time,
              std::uint64_t number, const EventResult& result);
  void record_window(const CommitGroup& group, const LivePass& pass);
  Result<bool> is_idle(CommitGroup& group, const Request& request);
  static Result<Outcome> take_statement(CommitGroup& group, const Request& request, Timestamp at);
  Result<bool> go_on_with_fan_out(CommitGroup& group, Request& request);
  Result<EventResult> judge(CommitGroup& group, Request& request, const Event& event,
                            const std::optional<ReportKey>& key, Timestamp at,
                            std::uint64_t number);
  std::unique_ptr<CommitGroup> begin_group();
  Result<EventResult> judge_host_event(CommitGroup& group, const Event& event, Timestamp at,
                                       std::string_view host_uuid,
                                       const std::optional<ReportKey>& key);
  Result<EventResult> judge_fleet_event(CommitGroup& group, Request& request, const Event& event,
                                        Timestamp at, std::uint64_t number);
  Result<EventResult> check_fan_out(CommitGroup& group, const Event& event, FanOutRecord& record);

  // Reports that say nothing new (engine_reports.cc).
  void look_ahead(const Request& request);
  bool repeats_known_report(CommitGroup& group, const Event& event, const ReportKey& key,
                            Timestamp at);
  std::optional<KnownReport> find_confirmed(const KnownReports& reports, const Event& event,
                                            const ReportKey& key) const;
  std::optional<KnownReport> find_settled(const KnownReports& reports, const ReportKey& key) const;
  void remember_report(ReportKind kind, const HostEntry::Repeat::Report& report,
                       const HostEntry& entry);
  void note_report(const CommitGroup& group, const Event& event, const core::Step& step,
                   const ReportKey& key, HostEntry& entry);
  void publish_hosts(const CommitGroup& group);
  void prefetch_published(const CommitGroup::Entries& entries, std::size_t at) const;

  // Committing (engine_commit.cc).
  Status commit(CommitGroup& group);
  void publish(const CommitGroup& group, const GroupRecord& record, std::size_t record_bytes);
  Status write(Batch& batch);
  Status make_durable(std::uint64_t group);
  void settle(const std::vector<Request*>& answered);
  void count(const std::vector<Request*>& answered);
  Status fold();
  Status usable() const;
  void fail(const Status& status);

  std::shared_ptr<Database> database_;
  Batch batch_;  ///< of the commit that is under way
  const Options options_;
  CommitQueue queue_;
  RateLimiter rate_limiter_;
  std::unique_ptr<Recorder> recorder_;  ///< null: nothing is recorded
  core::ExpectedSets expected_sets_;
  HostCache host_cache_;
  std::array<KnownReports, kReportKinds> known_reports_;
  ReportBases report_bases_;
  GroupMemory group_memory_;
  std::uint64_t reports_repeated_ = 0;
  std::uint64_t reports_confirmed_ = 0;
  std::vector<std::optional<ReportKey>> keys_ahead_;  ///< of the events that are judged next
  std::vector<std::uint64_t> hosts_ahead_;            ///< whose records may be read for them
  codec::NdjsonReader unparsed_reader_;
  DueHosts due_hosts_;
  std::unique_ptr<FanOutRun> fan_out_;  ///< the one that runs
  bool fan_out_finished_ = false;       ///< its traces on disk go with this commit

  std::mutex close_mutex_;
  std::mutex sync_mutex_;                 ///< taken before state_mutex_; guards the next two
  Acknowledged synced_;                   ///< what is on the device
  std::unique_ptr<Watermark> watermark_;  ///< null while opening, and read-only
  /// Guards what readers see. The leader alone changes it and reads it without the lock.
  mutable std::mutex state_mutex_;
  Committed committed_;
  std::shared_ptr<const Totals> totals_view_;  ///< made on demand, dropped by a commit
  std::shared_ptr<const core::Catalog> catalog_;
  Policy policy_;
  std::string store_id_;
  DatabaseSnapshot snapshot_;
  bool fan_out_running_ = false;
  bool sweeping_ = false;  ///< old commands are looked for; meanwhile these were named again:
  boost::unordered_flat_set<std::uint64_t> reissued_;
  StoreMetrics metrics_;  ///< counts only
  Status failure_;        ///< the first one; nothing goes on after it
  bool loaded_ = false;   ///< false while open() may still give up: close() then writes nothing
  bool closed_ = false;
  std::size_t scrubs_ = 0;  ///< that run; close() ends them
  bool scrubs_end_ = false;
  std::condition_variable scrub_ended_;
};

}  // namespace muster::store
