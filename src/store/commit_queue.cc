#include "store/commit_queue.h"

#include <algorithm>

#include "base/contract.h"

namespace muster::store {

Request* CommitQueue::next_leader() {
  const auto at = std::find_if(waiting_.begin(), waiting_.end(),
                               [this](const Request* request) { return runnable(*request); });
  return at == waiting_.end() ? nullptr : *at;
}

std::vector<Request*> CommitQueue::take() {
  std::vector<Request*> taken;
  std::size_t events = 0;
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    Request* request = *at;
    if (!runnable(*request)) {
      ++at;
      continue;
    }
    if (!taken.empty() && events + request->events.size() > events_max_) break;
    events += request->events.size();
    taken.push_back(request);
    request->taken = true;
    at = waiting_.erase(at);
  }
  return taken;
}

void CommitQueue::put_back(const std::vector<Request*>& taken) {
  // Requests that were begun go behind those that arrived meanwhile, so that a long fan-out lets
  // others in after each window; requests that were not begun keep their place before them.
  std::vector<Request*> untouched;
  for (Request* request : taken) {
    request->taken = false;
    if (request->done) {
      request->wake.notify_one();
    } else if (fan_out_owner_ == request) {
      waiting_.push_back(request);
    } else {
      untouched.push_back(request);
    }
  }
  waiting_.insert(waiting_.begin(), untouched.begin(), untouched.end());
}

bool CommitQueue::run(Request& request, const Lead& lead) {
  std::unique_lock lock(mutex_);
  if (closed_) return false;
  waiting_.push_back(&request);
  // A wait may end without a call to wake up: while another thread leads with the request, this one
  // must neither look at it nor leave.
  while (request.taken || !request.done) {
    if (leading_ || next_leader() != &request) {
      request.wake.wait(lock);
      continue;
    }
    leading_ = true;
    const std::vector<Request*> taken = take();
    lock.unlock();
    lead(taken);
    lock.lock();
    leading_ = false;
    put_back(taken);
    if (Request* next = next_leader(); next != nullptr && next != &request) {
      next->wake.notify_one();
    }
  }
  if (waiting_.empty() && !leading_) idle_.notify_all();
  return true;
}

void CommitQueue::set_fan_out_owner(const Request* owner) {
  const std::lock_guard lock(mutex_);
  fan_out_owner_ = owner;
}

void CommitQueue::close() {
  std::unique_lock lock(mutex_);
  closed_ = true;
  idle_.wait(lock, [this] { return waiting_.empty() && !leading_; });
}

}  // namespace muster::store
