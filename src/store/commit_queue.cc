#include "store/commit_queue.h"

#include <algorithm>

#include "base/contract.h"

namespace muster::store {
namespace {

Status closed() {
  return {StatusCode::kClosed, "the store was closed before it could take the events"};
}

}  // namespace

CommitQueue::~CommitQueue() {
  {
    const std::lock_guard lock(mutex_);
    MUSTER_ASSERT(waiting_.empty() && !leading_ && unsettled_.empty() && !settling_);
    closed_ = true;
    leader_wake_.notify_all();
    settler_wake_.notify_all();
    answerer_wake_.notify_all();
  }
  if (leader_.joinable()) leader_.join();
  if (settler_.joinable()) settler_.join();
  if (answerer_.joinable()) answerer_.join();
}

void CommitQueue::add(Request* request) {
  if (!request->exclusive && !is_held(*request)) somebody_waits_ = true;
  if (submit_delay_ != Clock::duration::zero() && waiting_.empty()) waiting_since_ = Clock::now();
  waiting_.push_back(request);
  waiting_events_ += request->events.size();
}

/// While a fan-out runs: behind it, or behind what waits for it already.
bool CommitQueue::is_held(const Request& request) const {
  if (fan_out_owner_ == nullptr || !request.position) return false;
  const auto same_source = [&](const Request* other) {
    return other->position && other->position->source == request.position->source;
  };
  return same_source(fan_out_owner_) || std::any_of(waiting_.begin(), waiting_.end(), same_source);
}

/// Requests that may go now, in order. While a fan-out runs, what stands behind a waiting request
/// of the same source waits with it.
std::vector<Request*> CommitQueue::runnable() const {
  std::vector<Request*> out;
  std::vector<std::string_view> held;
  if (fan_out_owner_ != nullptr && fan_out_owner_->position) {
    held.push_back(fan_out_owner_->position->source);
  }
  for (Request* request : waiting_) {
    const bool behind = request->position && std::find(held.begin(), held.end(),
                                                       request->position->source) != held.end();
    if (fan_out_owner_ == nullptr || fan_out_owner_ == request ||
        (!request->exclusive && !behind)) {
      out.push_back(request);
    } else if (request->position) {
      held.push_back(request->position->source);
    }
  }
  return out;
}

Request* CommitQueue::next_leader() const {
  if (waiting_.empty()) return nullptr;
  if (fan_out_owner_ == nullptr) return waiting_.front();
  const std::vector<Request*> requests = runnable();
  return requests.empty() ? nullptr : requests.front();
}

std::vector<Request*> CommitQueue::take() {
  std::vector<Request*> taken;
  std::size_t events = 0;
  for (Request* request : runnable()) {
    const bool first = taken.empty();
    if (!first && (request->opens_group || events + request->events.size() > group_events_max_)) {
      break;
    }
    events += request->events.size();
    taken.push_back(request);
    request->taken = true;
  }
  waiting_events_ -= events;
  std::erase_if(waiting_, [](const Request* request) { return request->taken; });
  const auto may_go = [](const Request* request) { return !request->exclusive; };
  if (fan_out_owner_ == nullptr) {
    somebody_waits_ = std::any_of(waiting_.begin(), waiting_.end(), may_go);
  } else {
    const std::vector<Request*> left = runnable();
    somebody_waits_ = std::any_of(left.begin(), left.end(), may_go);
  }
  return taken;
}

void CommitQueue::put_back(const std::vector<Request*>& taken) {
  // Requests that were begun go behind those that arrived meanwhile, so that a long fan-out lets
  // others in after each window; requests that were not begun keep their place before them.
  std::vector<Request*> untouched;
  for (Request* request : taken) {
    if (!request->done && gave_up_) {
      request->status = closed();
      request->done = true;
      if (fan_out_owner_ == request) fan_out_owner_ = nullptr;
    }
    if (request->done) {
      unsettled_.push_back(request);
      continue;
    }
    request->taken = false;
    waiting_events_ += request->events.size();
    if (fan_out_owner_ == request) {
      waiting_.push_back(request);
    } else {
      untouched.push_back(request);
    }
  }
  waiting_.insert(waiting_.begin(), untouched.begin(), untouched.end());
}

void CommitQueue::lead_once(std::unique_lock<std::mutex>& lock) {
  leading_ = true;
  const std::vector<Request*> taken = take();
  lock.unlock();
  lead_(taken);
  lock.lock();
  leading_ = false;
  put_back(taken);
}

/// One sync for all groups that were written since the last began.
void CommitQueue::settle_once(std::unique_lock<std::mutex>& lock) {
  settling_ = true;
  const std::vector<Request*> settled = std::move(unsettled_);
  unsettled_.clear();
  lock.unlock();
  settle_(settled);
  lock.lock();
  settling_ = false;
  for (Request* request : settled) {
    request->taken = false;
    request->answered = true;
    if (request->submitted) {
      answered_.emplace_back(static_cast<Submission*>(request));
      answerer_wake_.notify_one();
    } else {
      request->wake.notify_one();
    }
  }
}

/// Who is to lead and who is to settle hear of it.
void CommitQueue::wake_next(const Request* but) {
  const auto wake = [but](Request* request, std::condition_variable& thread) {
    if (request == nullptr || request == but) return;
    (request->submitted ? thread : request->wake).notify_one();
  };
  wake(leading_ ? nullptr : next_leader(), leader_wake_);
  wake(settling_ || unsettled_.empty() ? nullptr : unsettled_.front(), settler_wake_);
  if (idle()) idle_.notify_all();
}

bool CommitQueue::run(Request& request) {
  std::unique_lock lock(mutex_);
  if (closed_) return false;
  add(&request);
  if (submit_delay_ != Clock::duration::zero()) wake_next(&request);
  // A wait may end without a call to wake up: while another thread leads with the request or
  // settles it, this one must neither look at it nor leave.
  while (!request.answered) {
    if (!leading_ && next_leader() == &request) {
      lead_once(lock);
    } else if (!settling_ && !unsettled_.empty() && unsettled_.front() == &request) {
      settle_once(lock);
    } else {
      request.wake.wait(lock);
      continue;
    }
    wake_next(&request);
  }
  return true;
}

bool CommitQueue::submit(std::unique_ptr<Submission> submission) {
  std::unique_lock lock(mutex_);
  const std::size_t events = submission->events.size();
  // A callback that waited for room would wait for itself.
  if (!answerer_.joinable() || std::this_thread::get_id() != answerer_.get_id()) {
    wait_for_room(lock, events);
  }
  if (closed_) return false;
  start_threads();
  submitted_events_ += events;
  ++submissions_;
  submission->submitted = true;
  add(submission.release());
  const bool first_or_enough = waiting_.size() == 1 || waiting_events_ >= group_events_max_;
  if (!leading_ && (submit_delay_ == Clock::duration::zero() || first_or_enough)) {
    leader_wake_.notify_one();
  }
  return true;
}

void CommitQueue::wait_for_room(std::unique_lock<std::mutex>& lock, std::size_t events) {
  const auto has_room = [&] {
    return closed_ || submitted_events_ == 0 || submitted_events_ + events <= submitted_events_max_;
  };
  if (has_room()) return;
  ++waiting_for_room_;
  leader_wake_.notify_one();
  room_.wait(lock, has_room);
  --waiting_for_room_;
}

/// All three, or what the system says; then there is nothing yet that they would have to do.
void CommitQueue::start_threads() {
  if (!leader_.joinable()) leader_ = std::thread([this] { lead_for_submissions(); });
  if (!settler_.joinable()) settler_ = std::thread([this] { settle_submissions(); });
  if (!answerer_.joinable()) answerer_ = std::thread([this] { call_back(); });
}

void CommitQueue::lead_for_submissions() {
  std::unique_lock lock(mutex_);
  while (!closed_ || submissions_ > 0) {
    const Request* next = leading_ ? nullptr : next_leader();
    if (next == nullptr || !next->submitted) {
      leader_wake_.wait(lock);
    } else if (const auto end = end_of_delay()) {
      leader_wake_.wait_until(lock, *end);
    } else {
      lead_once(lock);
      wake_next(nullptr);
    }
  }
}

/// Until when submissions may wait for more; nothing where somebody waits for them, or enough came.
std::optional<CommitQueue::Clock::time_point> CommitQueue::end_of_delay() const {
  if (submit_delay_ == Clock::duration::zero() || closed_ || waiting_for_room_ > 0 ||
      waiting_events_ >= group_events_max_) {
    return std::nullopt;
  }
  const auto hurries = [](const Request* request) { return !request->submitted || request->begun; };
  if (std::any_of(waiting_.begin(), waiting_.end(), hurries)) return std::nullopt;
  const Clock::time_point end = waiting_since_ + submit_delay_;
  return Clock::now() < end ? std::optional(end) : std::nullopt;
}

void CommitQueue::settle_submissions() {
  std::unique_lock lock(mutex_);
  while (!closed_ || submissions_ > 0) {
    if (!settling_ && !unsettled_.empty() && unsettled_.front()->submitted) {
      settle_once(lock);
      wake_next(nullptr);
    } else {
      settler_wake_.wait(lock);
    }
  }
}

void CommitQueue::call_back() {
  std::unique_lock lock(mutex_);
  while (!closed_ || submissions_ > 0) {
    if (answered_.empty()) {
      answerer_wake_.wait(lock);
    } else {
      call_back_answered(lock);
    }
  }
}

void CommitQueue::call_back_answered(std::unique_lock<std::mutex>& lock) {
  std::vector<std::unique_ptr<Submission>> answered = std::move(answered_);
  answered_.clear();
  lock.unlock();
  std::size_t events = 0;
  for (const auto& submission : answered) {
    events += submission->events.size();
    if (submission->status.ok()) {
      submission->callback(std::move(submission->applied));
    } else {
      submission->callback(submission->status);
    }
  }
  const std::size_t submissions = answered.size();
  answered.clear();  // what callbacks hold may call the store when it goes
  lock.lock();
  submitted_events_ -= events;
  submissions_ -= submissions;
  room_.notify_all();
  if (idle()) idle_.notify_all();
}

void CommitQueue::set_fan_out_owner(const Request* owner) {
  const std::lock_guard lock(mutex_);
  fan_out_owner_ = owner;
}

void CommitQueue::give_up() {
  gave_up_ = true;
  fan_out_owner_ = nullptr;
  const std::deque<Request*> waiting = std::move(waiting_);
  waiting_.clear();
  waiting_events_ = 0;
  for (Request* request : waiting) {
    request->status = closed();
    request->done = true;
    request->taken = true;
    unsettled_.push_back(request);
  }
  wake_next(nullptr);
}

bool CommitQueue::close(std::optional<Clock::time_point> give_up_at,
                        std::optional<Clock::time_point> deadline) {
  std::unique_lock lock(mutex_);
  closed_ = true;
  room_.notify_all();
  leader_wake_.notify_one();
  const auto is_idle = [this] { return idle(); };
  if (!give_up_at) {
    idle_.wait(lock, is_idle);
    return true;
  }
  if (idle_.wait_until(lock, *give_up_at, is_idle)) return true;
  give_up();
  return idle_.wait_until(lock, *deadline, is_idle);
}

std::size_t CommitQueue::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

std::size_t CommitQueue::submitted_events() const {
  const std::lock_guard lock(mutex_);
  return submitted_events_;
}

}  // namespace muster::store
