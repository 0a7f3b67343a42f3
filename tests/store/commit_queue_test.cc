// The queue alone: who leads, what is taken, who waits.
#include "store/commit_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace muster::store {
namespace {

void answer(const std::vector<Request*>& requests) {
  for (Request* request : requests) request->done = true;
}

void nothing_to_settle(const std::vector<Request*>& /*done*/) {}

/// A lead that is made after the queue, so that it can name it.
class LateLead {
 public:
  CommitQueue::Lead caller() {
    return [this](const std::vector<Request*>& requests) { lead_(requests); };
  }
  void set(CommitQueue::Lead lead) { lead_ = std::move(lead); }

 private:
  CommitQueue::Lead lead_;
};

/// Gives other threads many chances to run.
void let_others_run() {
  for (int i = 0; i < 2'000; ++i) std::this_thread::yield();
}

TEST(CommitQueue, OneCallerLeadsItsOwnRequest) {
  Request request;
  int led = 0;
  CommitQueue queue(
      [&](const auto& requests) {
        ++led;
        EXPECT_EQ(requests, std::vector<Request*>{&request});
        answer(requests);
      },
      nothing_to_settle, 10, 100);
  EXPECT_TRUE(queue.run(request));
  EXPECT_EQ(led, 1);
}

TEST(CommitQueue, AClosedQueueTakesNothing) {
  CommitQueue queue(answer, nothing_to_settle, 10, 100);
  EXPECT_TRUE(queue.close({}, {}));
  Request request;
  EXPECT_FALSE(queue.run(request));
  EXPECT_FALSE(queue.submit(std::make_unique<Submission>()));
  EXPECT_FALSE(request.done);
}

TEST(CommitQueue, ARequestThatIsNotDoneIsLedAgain) {
  Request request;
  request.exclusive = true;
  int led = 0;
  LateLead lead;
  CommitQueue queue(lead.caller(), nothing_to_settle, 10, 100);
  lead.set([&](const auto& requests) {
    queue.set_fan_out_owner(++led < 5 ? &request : nullptr);
    if (led == 5) answer(requests);
  });
  EXPECT_TRUE(queue.run(request));
  EXPECT_EQ(led, 5);
}

TEST(CommitQueue, AGroupHasNoMoreEventsThanItMay) {
  const std::vector<Event> events(6);
  std::atomic<int> most{0};
  CommitQueue queue(
      [&](const auto& requests) {
        int taken = 0;
        for (const Request* one : requests) taken += static_cast<int>(one->events.size());
        most = std::max(most.load(), taken);
        answer(requests);
      },
      nothing_to_settle, 10, 100);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 200; ++round) {
        Request request;
        request.events = std::span(events).first(1 + static_cast<std::size_t>(round) % 6);
        EXPECT_TRUE(queue.run(request));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most, 10);
}

TEST(CommitQueue, ACallerThatWakesByChanceWaitsForTheLeader) {
  LateLead lead;
  CommitQueue queue(lead.caller(), nothing_to_settle, 10, 100);
  std::atomic<bool> second_comes{false};
  std::atomic<bool> first_left{false};
  std::optional<std::thread> second;
  Request first_request;
  Request second_request;
  int led = 0;
  lead.set([&](const std::vector<Request*>& requests) {
    if (++led == 1) {
      // The second caller comes while the first leads, and goes on in its place.
      second.emplace([&] {
        second_comes = true;
        EXPECT_TRUE(queue.run(second_request));
      });
      while (!second_comes) std::this_thread::yield();
      let_others_run();
      queue.set_fan_out_owner(&first_request);
      return;
    }
    answer(requests);
    for (Request* request : requests) request->wake.notify_all();
    let_others_run();
    EXPECT_FALSE(first_left) << "its request is still in use";
    queue.set_fan_out_owner(nullptr);
  });
  EXPECT_TRUE(queue.run(first_request));
  first_left = true;
  second->join();
  EXPECT_TRUE(first_request.done);
  EXPECT_TRUE(second_request.done);
}

TEST(CommitQueue, CloseWaitsForTheLastRequest) {
  CommitQueue queue(answer, nothing_to_settle, 4, 100);
  std::atomic<int> answered{0};
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      for (;;) {
        Request request;
        if (!queue.run(request)) break;
        ++answered;
      }
      ++refused;
    });
  }
  while (answered < 100) std::this_thread::yield();
  EXPECT_TRUE(queue.close({}, {}));
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(refused, 6);
}

std::unique_ptr<Submission> submission(const std::string& source, std::uint64_t number,
                                       std::function<void(Result<Applied>)> callback) {
  auto out = std::make_unique<Submission>();
  out->owned.resize(1);
  out->events = out->owned;
  if (!source.empty()) out->position = SourcePosition{source, number};
  out->callback = std::move(callback);
  return out;
}

TEST(CommitQueue, SubmissionsAreCalledBackInOrderOnOneThread) {
  constexpr std::uint64_t kCount = 5'000;
  CommitQueue queue(answer, nothing_to_settle, 10, 16);
  std::vector<std::uint64_t> seen;
  std::thread::id thread;
  for (std::uint64_t i = 0; i < kCount; ++i) {
    ASSERT_TRUE(queue.submit(submission("s", i + 1, [&seen, &thread, i](const auto&) {
      if (seen.empty()) thread = std::this_thread::get_id();
      EXPECT_EQ(thread, std::this_thread::get_id());
      seen.push_back(i);
    })));
    EXPECT_LE(queue.submitted_events(), 16U);
  }
  EXPECT_TRUE(queue.close({}, {}));
  ASSERT_EQ(seen.size(), kCount);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_NE(thread, std::this_thread::get_id());
}

TEST(CommitQueue, ACallbackMaySubmitToAFullQueue) {
  CommitQueue queue(answer, nothing_to_settle, 10, 1);
  std::atomic<int> called{0};
  ASSERT_TRUE(queue.submit(submission("", 0, [&](const auto&) {
    ++called;
    for (int i = 0; i < 5; ++i) {
      EXPECT_TRUE(queue.submit(submission("", 0, [&](const auto&) { ++called; })));
    }
  })));
  while (called < 6) std::this_thread::yield();
  EXPECT_TRUE(queue.close({}, {}));
}

TEST(CommitQueue, ACallbackMayWaitForARequest) {
  // Its request stands behind submissions that nobody but the queue's threads can settle.
  std::atomic<int> called{0};
  CommitQueue queue(
      answer, [](const std::vector<Request*>& /*done*/) { let_others_run(); }, 1, 100);
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(queue.submit(submission("", 0, [&](const auto&) {
      Request request;
      EXPECT_TRUE(queue.run(request));
      ++called;
    })));
  }
  while (called < 50) std::this_thread::yield();
  EXPECT_TRUE(queue.close({}, {}));
}

TEST(CommitQueue, WhileAFanOutRunsOnlyOtherSourcesGoOn) {
  // The fan-out of source a leads three times; what arrives meanwhile is taken unless it is
  // exclusive, of its source, or behind an exclusive one of its own source.
  std::vector<std::string> order;
  LateLead lead;
  CommitQueue queue(lead.caller(), nothing_to_settle, 100, 100);
  int led = 0;
  lead.set([&](const std::vector<Request*>& requests) {
    for (Request* request : requests) {
      const std::string name =
          request->position->source + std::to_string(request->position->first_event);
      order.push_back(name);
      if (name == "a1" && ++led < 3) {
        queue.set_fan_out_owner(request);
        if (led == 1) {
          const auto later = [&](const char* source, std::uint64_t number, bool exclusive) {
            auto one = submission(source, number, [](const auto&) {});
            one->exclusive = exclusive;
            EXPECT_TRUE(queue.submit(std::move(one)));
          };
          later("a", 2, false);
          later("b", 1, true);
          later("b", 2, false);
          later("c", 1, false);
        }
        return;
      }
      if (name == "a1") queue.set_fan_out_owner(nullptr);
      request->done = true;
    }
  });
  auto fan_out = submission("a", 1, [](const auto&) {});
  fan_out->exclusive = true;
  ASSERT_TRUE(queue.submit(std::move(fan_out)));
  while (queue.submitted_events() > 0) std::this_thread::yield();
  EXPECT_TRUE(queue.close({}, {}));
  EXPECT_EQ(order, (std::vector<std::string>{"a1", "c1", "a1", "a1", "a2", "b1", "b2"}));
}

TEST(CommitQueue, WhatWasJudgedIsSettledWhileTheNextIsJudged) {
  // The first settling ends only when a second group was led; that one is answered after it.
  std::atomic<int> led{0};
  std::atomic<bool> settling{false};
  std::vector<std::size_t> settled;
  CommitQueue queue(
      [&](const std::vector<Request*>& requests) {
        ++led;
        answer(requests);
      },
      [&](const std::vector<Request*>& done) {
        settling = true;
        while (led < 2) std::this_thread::yield();
        settled.push_back(done.size());
      },
      1, 100);
  std::vector<int> order;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(queue.submit(submission("", 0, [&order, i](const auto&) { order.push_back(i); })));
    while (!settling) std::this_thread::yield();
  }
  EXPECT_TRUE(queue.close({}, {}));
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(settled.front(), 1U);
  EXPECT_EQ(led, 3);
}

TEST(CommitQueue, CallersAreAnsweredWhenTheirGroupIsSettled) {
  std::atomic<int> unsettled{0};
  std::atomic<int> calls{0};
  CommitQueue queue(
      [&](const std::vector<Request*>& requests) {
        unsettled += static_cast<int>(requests.size());
        answer(requests);
      },
      [&](const std::vector<Request*>& done) {
        EXPECT_EQ(++calls, 1) << "one at a time";
        for (Request* request : done) request->status = Status(StatusCode::kIoError, "settled");
        unsettled -= static_cast<int>(done.size());
        --calls;
      },
      3, 100);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 500; ++round) {
        Request request;
        EXPECT_TRUE(queue.run(request));
        EXPECT_EQ(request.status.code(), StatusCode::kIoError);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(unsettled, 0);
}

/// A queue in which nothing that was submitted is led for its own sake, and what was led at once.
struct Delayed {
  explicit Delayed(std::size_t submitted_events_max = 100,
                   CommitQueue::Clock::duration delay = std::chrono::hours(1))
      : queue(
            [this](const auto& requests) {
              led.push_back(requests.size());
              answer(requests);
            },
            nothing_to_settle, 10, submitted_events_max, delay) {}

  void submit(int count) {
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(queue.submit(submission("", 0, [this](const auto&) { ++called; })));
    }
  }

  std::vector<std::size_t> led;
  std::atomic<int> called{0};
  CommitQueue queue;
};

TEST(CommitQueue, SubmissionsWaitToBeLedWithACaller) {
  Delayed delayed;
  delayed.submit(3);
  let_others_run();
  EXPECT_EQ(delayed.called, 0);
  Request request;
  EXPECT_TRUE(delayed.queue.run(request));
  EXPECT_TRUE(delayed.queue.close({}, {}));
  EXPECT_EQ(delayed.led, std::vector<std::size_t>{4});
  EXPECT_EQ(delayed.called, 3);
}

TEST(CommitQueue, AFullGroupDoesNotWait) {
  Delayed delayed;
  delayed.submit(10);
  while (delayed.called < 10) std::this_thread::yield();
  EXPECT_TRUE(delayed.queue.close({}, {}));
  EXPECT_EQ(delayed.led, std::vector<std::size_t>{10});
}

TEST(CommitQueue, CloseEndsTheDelay) {
  Delayed delayed;
  delayed.submit(2);
  EXPECT_TRUE(delayed.queue.close({}, {}));
  EXPECT_EQ(delayed.called, 2);
}

TEST(CommitQueue, WhoWaitsForRoomEndsTheDelay) {
  Delayed delayed(2);
  delayed.submit(3);
  EXPECT_GE(delayed.called, 1);
  EXPECT_TRUE(delayed.queue.close({}, {}));
  EXPECT_EQ(delayed.called, 3);
}

TEST(CommitQueue, TheDelayEnds) {
  Delayed delayed(100, std::chrono::milliseconds(1));
  delayed.submit(1);
  while (delayed.called == 0) std::this_thread::yield();
  EXPECT_TRUE(delayed.queue.close({}, {}));
}

TEST(CommitQueue, CloseGivesUpOnWhatWaits) {
  LateLead lead;
  CommitQueue queue(lead.caller(), nothing_to_settle, 100, 100);
  lead.set([&](const std::vector<Request*>& requests) {
    queue.set_fan_out_owner(requests.front());  // it never ends
    let_others_run();
  });
  std::atomic<int> closed{0};
  auto fan_out = submission("a", 1, [&](const Result<Applied>& result) {
    closed += result.status().code() == StatusCode::kClosed ? 1 : 0;
  });
  fan_out->exclusive = true;
  ASSERT_TRUE(queue.submit(std::move(fan_out)));
  const auto now = CommitQueue::Clock::now();
  EXPECT_TRUE(queue.close(now, now + std::chrono::minutes(10)));
  EXPECT_EQ(closed, 1);
}

TEST(CommitQueue, CloseDoesNotWaitForACommitThatHangs) {
  std::atomic<bool> hangs{true};
  std::atomic<bool> led{false};
  CommitQueue queue(
      [&](const auto& requests) {
        led = true;
        while (hangs) std::this_thread::yield();
        answer(requests);
      },
      nothing_to_settle, 100, 100);
  ASSERT_TRUE(queue.submit(submission("a", 1, [](const auto&) {})));
  while (!led) std::this_thread::yield();
  const auto now = CommitQueue::Clock::now();
  EXPECT_FALSE(queue.close(now, now));
  hangs = false;
  EXPECT_TRUE(queue.close({}, {}));
}

}  // namespace
}  // namespace muster::store
