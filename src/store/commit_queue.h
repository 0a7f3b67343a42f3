// Who commits: the first waiting caller leads, takes whatever else waits, and answers all of them.
// There is no committer thread; a hand-over would cost as much as the work.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "muster/event.h"
#include "muster/status.h"
#include "muster/store.h"

namespace muster::store {

/// One call of apply(), from its caller's arrival until its answer.
struct Request {
  std::span<const Event> events;
  std::optional<SourcePosition> position;
  /// Holds an event that is not about one host: it waits for a fan-out that runs.
  bool exclusive = false;

  std::size_t next = 0;  ///< the event to judge next
  Applied applied;
  Status status;
  bool done = false;  ///< set by the leader

  bool taken = false;            ///< the leader has it: its caller may not look at `done`
  std::condition_variable wake;  ///< used by the queue
};

class CommitQueue {
 public:
  /// Judges and commits the requests, in order; sets `done` on those that are answered. The others
  /// stay in the queue, behind the requests that arrived meanwhile.
  using Lead = std::function<void(const std::vector<Request*>&)>;

  explicit CommitQueue(std::size_t events_max) : events_max_(events_max) {}

  /// Returns when the request is done, possibly after leading for others. False: the queue is
  /// closed and the request was not taken.
  bool run(Request& request, const Lead& lead);

  /// From now until the next call only this request and those that are not exclusive are taken.
  /// For the leader. Null: no fan-out runs.
  void set_fan_out_owner(const Request* owner);

  /// Refuses new requests and returns when the last one is done.
  void close();

 private:
  bool runnable(const Request& request) const {
    return fan_out_owner_ == nullptr || fan_out_owner_ == &request || !request.exclusive;
  }
  Request* next_leader();
  std::vector<Request*> take();
  void put_back(const std::vector<Request*>& taken);

  const std::size_t events_max_;
  std::mutex mutex_;
  std::deque<Request*> waiting_;
  const Request* fan_out_owner_ = nullptr;
  bool leading_ = false;
  bool closed_ = false;
  std::condition_variable idle_;
};

}  // namespace muster::store
