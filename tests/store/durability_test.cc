// What leaves a store that syncs is on the device: answers, views and cursors wait for it, and a
// sync that fails reaches all of them.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/files.h"
#include "tests/support/hooked_env.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

Event host_added(const std::string& uuid) {
  HostAdded host;
  host.host_uuid = uuid;
  return {Timestamp{1'772'436'600'000'000}, host};
}

Status apply_live(Store& store, const std::string& uuid) {
  return store.apply(std::vector<Event>{host_added(uuid)}).status();
}

/// A store whose next syncs of the log wait until the test lets them go.
class Durability : public testing::Test {
 protected:
  Durability() {
    tuning_.env = env_.env();
    StoreOptions options;
    options.path = folder_ / "store";
    store_.emplace(open_store(options, tuning_));
    EXPECT_TRUE(apply_live(*store_, "H0").ok());
    env_.set_hook([this](LogCall call, const std::string&) {
      if (call != LogCall::kSync) return true;
      ++syncs_;
      while (held_) std::this_thread::yield();
      return !fails_;
    });
  }
  ~Durability() override {
    held_ = false;
    env_.set_hook({});
  }

  std::future<Result<Applied>> apply_beside(const std::string& uuid, std::uint64_t number) {
    return std::async(std::launch::async, [this, uuid, number] {
      const std::vector<Event> events = {host_added(uuid)};
      return store_->apply(events, SourcePosition{"s", number});
    });
  }
  static bool waits(const auto& future) {
    return future.wait_for(std::chrono::milliseconds(20)) == std::future_status::timeout;
  }
  void wait_until_published(Sequence sequence) const {
    while (require(store_->stats(), "stats").sequence < sequence) std::this_thread::yield();
  }

  const TempDir folder_;
  HookedEnv env_;
  store::Tuning tuning_;
  std::optional<Store> store_;
  std::atomic<bool> held_{true};
  std::atomic<bool> fails_{false};
  std::atomic<int> syncs_{0};
};

TEST_F(Durability, EventsAreJudgedWhileOthersAreSyncedAndNothingIsToldBefore) {
  auto first = apply_beside("H1", 1);
  while (syncs_ == 0) std::this_thread::yield();
  auto second = apply_beside("H2", 2);
  wait_until_published(3);  // with the first sync still under way
  auto view = std::async(std::launch::async, [this] { return store_->snapshot(); });
  auto cursor = std::async(std::launch::async, [this] { return store_->last_position("s"); });
  EXPECT_TRUE(waits(first));
  EXPECT_TRUE(waits(second));
  EXPECT_TRUE(waits(view));
  EXPECT_TRUE(waits(cursor));
  EXPECT_EQ(syncs_, 1);
  held_ = false;
  EXPECT_EQ(require(first.get(), "first").sequence, 2U);
  EXPECT_EQ(require(second.get(), "second").sequence, 3U);
  EXPECT_EQ(require(view.get(), "view").sequence(), 3U);
  EXPECT_EQ(require(cursor.get(), "cursor")->event, 2U);
  EXPECT_EQ(syncs_, 2) << "one for the first, one for all that came meanwhile";
}

TEST_F(Durability, AViewOfWhatIsDurableDoesNotSync) {
  held_ = false;
  ASSERT_TRUE(apply_live(*store_, "H1").ok());
  const int before = syncs_;
  EXPECT_EQ(require(store_->snapshot(), "view").sequence(), 2U);
  EXPECT_EQ(syncs_, before);
}

TEST_F(Durability, ASyncThatFailsReachesAllWhoWait) {
  auto first = apply_beside("H1", 1);
  while (syncs_ == 0) std::this_thread::yield();
  auto second = apply_beside("H2", 2);
  wait_until_published(3);
  auto view = std::async(std::launch::async, [this] { return store_->snapshot(); });
  EXPECT_TRUE(waits(view));
  fails_ = true;
  held_ = false;
  EXPECT_EQ(first.get().status().code(), StatusCode::kIoError);
  EXPECT_EQ(second.get().status().code(), StatusCode::kIoError);
  EXPECT_TRUE(view.get().ok()) << "reading goes on";
  EXPECT_EQ(store_->last_position("s").status().code(), StatusCode::kIoError);
  EXPECT_EQ(store_->pending_commands(0, 1).status().code(), StatusCode::kIoError);
  EXPECT_EQ(store_->changes(0, 1).status().code(), StatusCode::kIoError);
  EXPECT_EQ(apply_live(*store_, "H3").code(), StatusCode::kIoError);
}

/// Counts the submission when it is answered well.
void submit(Store& store, std::vector<Event> events, std::atomic<int>& answered) {
  const auto count = [&answered](const Result<Applied>& applied) {
    answered += applied.ok() ? 1 : 0;
  };
  require_ok(store.submit(std::move(events), std::nullopt, count), "submit");
}

TEST(SubmitDelay, SubmittedSpansShareTheCommitOfACaller) {
  TempDir folder;
  StoreOptions options;
  options.path = folder / "store";
  options.submit_delay_millis = 10'000;
  Store store = open_store(options);
  const std::uint64_t before = store.metrics().commits;
  std::atomic<int> answered{0};
  for (int i = 0; i < 5; ++i) {
    submit(store, {host_added("H" + std::to_string(i))}, answered);
  }
  EXPECT_TRUE(apply_live(store, "H5").ok());
  EXPECT_EQ(store.metrics().commits - before, 1U);
  EXPECT_TRUE(store.close().ok());
  EXPECT_EQ(answered, 5);
}

/// What a callback holds may call the store when it goes.
TEST(Submissions, WhatTheCallbackHoldsGoesOutsideTheQueue) {
  TempDir folder;
  Store store = open_store(buffered(folder / "store"));
  struct AsksWhenItGoes {
    Store& store;
    std::atomic<int>& asked;
    ~AsksWhenItGoes() { asked += store.metrics().commits > 0 ? 1 : 0; }
  };
  std::atomic<int> asked{0};
  for (int i = 0; i < 8; ++i) {
    auto held = std::shared_ptr<AsksWhenItGoes>(new AsksWhenItGoes{store, asked});
    require_ok(store.submit({host_added("H" + std::to_string(i))}, std::nullopt,
                            [held = std::move(held)](const Result<Applied>&) {}),
               "submit");
  }
  EXPECT_TRUE(store.close().ok());
  EXPECT_EQ(asked, 8);
}

TEST(SubmitDelay, AFullGroupIsEnough) {
  TempDir folder;
  StoreOptions options;
  options.path = folder / "store";
  options.submit_delay_millis = 10'000;
  Store store = open_store(options);
  std::atomic<int> answered{0};
  const auto begin = std::chrono::steady_clock::now();
  for (int span = 0; span < 32; ++span) {
    submit(store, std::vector<Event>(256, host_added("H" + std::to_string(span))), answered);
  }
  while (answered == 0) std::this_thread::yield();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10))
      << "waited for the delay's end";
  EXPECT_TRUE(store.close().ok());
  EXPECT_EQ(answered, 32);
}

TEST(SubmitDelay, HasALimit) {
  TempDir folder;
  StoreOptions options;
  options.path = folder / "store";
  options.submit_delay_millis = 10'001;
  const Status status = Store::open(options).status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(status.message().find("submit_delay_millis"), std::string_view::npos)
      << status.message();
}

}  // namespace
}  // namespace muster::test
