// The queue alone: who leads, what is taken, who waits.
#include "store/commit_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

namespace muster::store {
namespace {

void answer(const std::vector<Request*>& requests) {
  for (Request* request : requests) request->done = true;
}

/// Gives other threads many chances to run.
void let_others_run() {
  for (int i = 0; i < 2'000; ++i) std::this_thread::yield();
}

TEST(CommitQueue, OneCallerLeadsItsOwnRequest) {
  CommitQueue queue(10);
  Request request;
  int led = 0;
  EXPECT_TRUE(queue.run(request, [&](const auto& requests) {
    ++led;
    EXPECT_EQ(requests, std::vector<Request*>{&request});
    answer(requests);
  }));
  EXPECT_EQ(led, 1);
}

TEST(CommitQueue, AClosedQueueTakesNothing) {
  CommitQueue queue(10);
  queue.close();
  Request request;
  EXPECT_FALSE(queue.run(request, answer));
  EXPECT_FALSE(request.done);
}

TEST(CommitQueue, ARequestThatIsNotDoneIsLedAgain) {
  CommitQueue queue(10);
  Request request;
  request.exclusive = true;
  int led = 0;
  EXPECT_TRUE(queue.run(request, [&](const auto& requests) {
    queue.set_fan_out_owner(++led < 5 ? &request : nullptr);
    if (led == 5) answer(requests);
  }));
  EXPECT_EQ(led, 5);
}

TEST(CommitQueue, AGroupHasNoMoreEventsThanItMay) {
  CommitQueue queue(10);
  const std::vector<Event> events(6);
  std::atomic<int> most{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 200; ++round) {
        Request request;
        request.events = std::span(events).first(1 + static_cast<std::size_t>(round) % 6);
        EXPECT_TRUE(queue.run(request, [&](const auto& requests) {
          int taken = 0;
          for (const Request* one : requests) taken += static_cast<int>(one->events.size());
          most = std::max(most.load(), taken);
          answer(requests);
        }));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most, 10);
}

TEST(CommitQueue, ACallerThatWakesByChanceWaitsForTheLeader) {
  CommitQueue queue(10);
  std::atomic<bool> second_comes{false};
  std::atomic<bool> first_left{false};
  std::optional<std::thread> second;
  Request first_request;
  Request second_request;
  int led = 0;
  CommitQueue::Lead lead = [&](const std::vector<Request*>& requests) {
    if (++led == 1) {
      // The second caller comes while the first leads, and goes on in its place.
      second.emplace([&] {
        second_comes = true;
        EXPECT_TRUE(queue.run(second_request, lead));
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
  };
  EXPECT_TRUE(queue.run(first_request, lead));
  first_left = true;
  second->join();
  EXPECT_TRUE(first_request.done);
  EXPECT_TRUE(second_request.done);
}

TEST(CommitQueue, CloseWaitsForTheLastRequest) {
  CommitQueue queue(4);
  std::atomic<int> answered{0};
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      for (;;) {
        Request request;
        if (!queue.run(request, answer)) break;
        ++answered;
      }
      ++refused;
    });
  }
  while (answered < 100) std::this_thread::yield();
  queue.close();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(refused, 6);
}

}  // namespace
}  // namespace muster::store
