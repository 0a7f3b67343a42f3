// Who commits: the first waiting caller leads: it takes whatever else waits, and all of it is
// judged and written. The next caller leads while what was written is settled, which is to say
// synced, and answered, in the order of the commits. There is no committer thread; a hand-over
// would cost as much as the work. Submitted spans have no caller that waits: for them the first
// submission makes three threads, to lead, to settle and to call back: a callback may be slow, or
// wait for a request of its own, and nobody judges while he waits for a sync.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <thread>
#include <vector>

#include "muster/event.h"
#include "muster/status.h"
#include "muster/store.h"
#include "store/catalog_records.h"

namespace muster::store {

struct LivePass;

/// One call that changes the store, from its caller's arrival until its answer.
struct Request {
  virtual ~Request() = default;

  std::span<const Event> events;
  std::optional<SourcePosition> position;
  LivePass* live = nullptr;       ///< the one event is a window of this pass
  bool hands_out_listed = false;  ///< the listed commands go to the outbox
  /// The event was taken before, at this time of its source. What the source said twice was not
  /// recorded.
  std::optional<Timestamp> recorded;
  std::span<const OutboxId> confirmed;  ///< entries that leave the outbox, before the events
  bool confirmed_must_exist = false;
  std::span<const SweptCommand> swept;
  std::optional<Timestamp> swept_at;  ///< with the last of them
  /// Holds an event that is not about one host: it waits for a fan-out that runs.
  bool exclusive = false;
  bool opens_group = false;  ///< nothing may stand before it in its group
  bool submitted = false;    ///< a Submission

  bool begun = false;
  std::size_t next = 0;  ///< the event to judge next
  std::size_t confirmed_count = 0;
  std::size_t forgotten_count = 0;
  Applied applied;
  Status status;
  std::uint64_t group = 0;  ///< when it is done: the newest that it tells of
  bool done = false;        ///< set by the leader

  // Used by the queue.
  bool taken = false;     ///< somebody leads with it or settles it: its caller may not leave
  bool answered = false;  ///< done and settled
  std::condition_variable wake;
};

/// A request that the queue owns.
struct Submission : Request {
  std::vector<Event> owned;
  std::function<void(Result<Applied>)> callback;
};

class CommitQueue {
 public:
  /// Judges and commits the requests, in order; sets `done` on those that are answered. The others
  /// stay in the queue, behind the requests that arrived meanwhile.
  using Lead = std::function<void(const std::vector<Request*>&)>;
  /// Makes durable what the requests were told, or sets another status. One call at a time.
  using Settle = std::function<void(const std::vector<Request*>&)>;
  using Clock = std::chrono::steady_clock;

  /// Submissions wait up to `submit_delay` for others to be led with them.
  CommitQueue(Lead lead, Settle settle, std::size_t group_events_max,
              std::size_t submitted_events_max, Clock::duration submit_delay = {})
      : lead_(std::move(lead)),
        settle_(std::move(settle)),
        group_events_max_(group_events_max),
        submitted_events_max_(submitted_events_max),
        submit_delay_(submit_delay) {}
  ~CommitQueue();

  /// Returns when the request is done, possibly after leading for others. False: the queue is
  /// closed and the request was not taken.
  bool run(Request& request);
  /// Returns when the submission waits in the queue, after waiting for room. False: closed. Throws
  /// std::system_error, with nothing changed, where a thread is needed and cannot be made.
  bool submit(std::unique_ptr<Submission> submission);

  /// From now until the next call only this request and those that are not exclusive are taken, and
  /// of its own source none. For the leader. Null: no fan-out runs.
  void set_fan_out_owner(const Request* owner);

  /// Refuses new requests and waits for the last one to be answered. What waits at `give_up` is
  /// answered kClosed. False: at `deadline` a commit was still under way.
  bool close(std::optional<Clock::time_point> give_up, std::optional<Clock::time_point> deadline);

  /// For the leader: somebody waits who need not wait for a fan-out.
  const std::atomic<bool>& somebody_waits() const { return somebody_waits_; }

  std::size_t waiting() const;
  std::size_t submitted_events() const;

 private:
  void add(Request* request);
  bool is_held(const Request& request) const;
  std::vector<Request*> runnable() const;
  Request* next_leader() const;
  std::vector<Request*> take();
  void put_back(const std::vector<Request*>& taken);
  void lead_once(std::unique_lock<std::mutex>& lock);
  void settle_once(std::unique_lock<std::mutex>& lock);
  void wake_next(const Request* but);
  void give_up();
  bool idle() const {
    return waiting_.empty() && !leading_ && unsettled_.empty() && !settling_ && submissions_ == 0;
  }
  void wait_for_room(std::unique_lock<std::mutex>& lock, std::size_t events);
  void start_threads();
  void lead_for_submissions();
  void settle_submissions();
  std::optional<Clock::time_point> end_of_delay() const;
  void call_back();
  void call_back_answered(std::unique_lock<std::mutex>& lock);

  const Lead lead_;
  const Settle settle_;
  const std::size_t group_events_max_;
  const std::size_t submitted_events_max_;
  const Clock::duration submit_delay_;
  mutable std::mutex mutex_;
  std::deque<Request*> waiting_;
  std::size_t waiting_events_ = 0;   ///< of these requests
  Clock::time_point waiting_since_;  ///< when nobody waited last; where there is a delay
  std::atomic<bool> somebody_waits_ = false;
  const Request* fan_out_owner_ = nullptr;
  bool leading_ = false;
  std::vector<Request*> unsettled_;  ///< done, in the order of their commits
  bool settling_ = false;
  bool closed_ = false;
  bool gave_up_ = false;
  std::condition_variable idle_;

  std::thread leader_;  ///< for submissions, as the next two
  std::thread settler_;
  std::thread answerer_;
  std::condition_variable leader_wake_;
  std::condition_variable settler_wake_;
  std::condition_variable answerer_wake_;
  std::condition_variable room_;
  std::vector<std::unique_ptr<Submission>> answered_;
  std::size_t submissions_ = 0;  ///< not yet called back
  std::size_t submitted_events_ = 0;
  std::size_t waiting_for_room_ = 0;
};

}  // namespace muster::store
