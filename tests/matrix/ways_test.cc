// However a recording is applied, the same state comes of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "core/step.h"
#include "muster/recording.h"
#include "tests/matrix/fleet_files.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMemoryOfPreset = 0;

void expect_fleet(const Store& store) {
  EXPECT_EQ(digest_of(store), fleet_files().digest) << matrix_hint();
  EXPECT_EQ(findings_of(store).size(), 0U) << to_text(findings_of(store));
}

/// Its report's events are those of the fleet.
void replay_into(Store& store, const std::vector<fs::path>& files, const ReplayOptions& options) {
  const ReplayReport report = require(replay(store, files, options, {}), "replay");
  EXPECT_TRUE(report.input.ok()) << report.input.to_string();
  EXPECT_EQ(report.events, fleet_files().events);
  EXPECT_EQ(report.divergences.total(), 0U) << report.divergences.example;
}

struct Way {
  const char* name;
  bool text;
  unsigned threads;
  std::uint32_t batch;
  std::uint32_t window_hosts;
  std::uint64_t memory_bytes;
};

std::ostream& operator<<(std::ostream& out, const Way& way) {
  return out << way.name;
}

class Ways : public testing::TestWithParam<Way> {};

TEST_P(Ways, endInOneState) {
  const Way& way = GetParam();
  const TempDir folder;
  StoreOptions options = buffered(folder / "store");
  if (way.memory_bytes != kMemoryOfPreset) options.memory_bytes = way.memory_bytes;
  store::Tuning tuning;
  tuning.window_hosts = way.window_hosts;
  Store store = open_store(options, tuning);
  ReplayOptions replay_options;
  replay_options.threads = way.threads;
  replay_options.batch = way.batch;
  const FleetFiles& files = fleet_files();
  replay_into(store, {way.text ? files.text : files.binary}, replay_options);
  expect_fleet(store);
}

constexpr std::uint64_t kSmall = 64ULL << 20;
constexpr std::uint64_t kLarge = 4ULL << 30;

INSTANTIATE_TEST_SUITE_P(
    files, Ways,
    testing::Values(Way{"text_1_thread", true, 1, 256, 2048, kMemoryOfPreset},
                    Way{"text_2_threads", true, 2, 256, 2048, kMemoryOfPreset},
                    Way{"text_8_threads", true, 8, 256, 2048, kMemoryOfPreset},
                    Way{"binary_2_threads", false, 2, 256, 2048, kMemoryOfPreset},
                    Way{"binary_8_threads", false, 8, 256, 2048, kMemoryOfPreset},
                    Way{"batch_1", false, 1, 1, 2048, kMemoryOfPreset},
                    Way{"batch_64", false, 1, 64, 2048, kMemoryOfPreset},
                    Way{"batch_1024", false, 1, 1024, 2048, kMemoryOfPreset},
                    Way{"windows_of_4", false, 1, 256, 4, kMemoryOfPreset},
                    Way{"batch_1_windows_of_4", true, 2, 1, 4, kMemoryOfPreset},
                    Way{"memory_64_mib", false, 1, 256, 2048, kSmall},
                    Way{"memory_4_gib", false, 1, 256, 2048, kLarge}),
    [](const auto& tested) { return tested.param.name; });

TEST(OtherWays, applyEndsInOneState) {
  const TempDir folder;
  Store store = open_store(buffered(folder / "store"));
  const FleetFiles& files = fleet_files();
  read_spans(files.binary, 0, 100, [&](std::vector<Event> events, std::uint64_t first) {
    apply(store, events, files.id, first);
  });
  expect_fleet(store);
}

/// Each thread submits the events of its share of the hosts as a source of its own. What is about
/// the whole fleet waits until all before it is done, and is waited for.
class Submitters {
 public:
  explicit Submitters(Store& store) : store_(store) {}

  void take(Event event) {
    const auto host = core::host_of(event);
    if (host) {
      shares_[std::hash<std::string_view>()(*host) % kThreads].push_back(std::move(event));
      if (++gathered_ >= kGathered) flush();
      return;
    }
    flush();
    std::vector<Event> one;
    one.push_back(std::move(event));
    submit("operators", numbers_[kThreads], std::move(one));
    wait();
  }

  /// Submits all shares from all threads at once and waits for the answers.
  void flush() {
    gathered_ = 0;
    std::vector<std::thread> threads;
    for (std::size_t share = 0; share < kThreads; ++share) {
      if (shares_[share].empty()) continue;
      threads.emplace_back([this, share] {
        std::vector<Event>& events = shares_[share];
        for (std::size_t at = 0; at < events.size(); at += kSpan) {
          const std::size_t end = std::min(events.size(), at + kSpan);
          const auto begin = std::make_move_iterator(events.begin());
          submit("share " + std::to_string(share), numbers_[share],
                 std::vector<Event>(begin + static_cast<std::ptrdiff_t>(at),
                                    begin + static_cast<std::ptrdiff_t>(end)));
        }
        events.clear();
      });
    }
    for (std::thread& thread : threads) thread.join();
    wait();
  }

  std::uint64_t answered_events() const { return answered_events_; }

 private:
  static constexpr std::size_t kThreads = 8;
  static constexpr std::size_t kSpan = 16;
  static constexpr std::size_t kGathered = 20'000;

  void submit(const std::string& source, std::uint64_t& number, std::vector<Event> events) {
    const std::uint64_t first = number + 1;
    const std::size_t count = events.size();
    number += count;
    {
      const std::lock_guard lock(mutex_);
      ++waiting_;
    }
    require_ok(store_.submit(std::move(events), SourcePosition{source, first},
                             [this, count](const Result<Applied>& applied) {
                               EXPECT_TRUE(applied.ok()) << applied.status().to_string();
                               const std::lock_guard lock(mutex_);
                               answered_events_ += count;
                               if (--waiting_ == 0) idle_.notify_all();
                             }),
               "submit");
  }
  void wait() {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return waiting_ == 0; });
  }

  Store& store_;
  std::array<std::vector<Event>, kThreads> shares_;
  std::array<std::uint64_t, kThreads + 1> numbers_{};
  std::size_t gathered_ = 0;
  std::mutex mutex_;
  std::condition_variable idle_;
  std::size_t waiting_ = 0;
  std::uint64_t answered_events_ = 0;
};

TEST(OtherWays, submitFromEightThreadsEndsInOneState) {
  const TempDir folder;
  Store store = open_store(buffered(folder / "store"));
  Submitters submitters(store);
  const FleetFiles& files = fleet_files();
  read_spans(files.binary, 0, 1000, [&](std::vector<Event> events, std::uint64_t) {
    for (Event& event : events) submitters.take(std::move(event));
  });
  submitters.flush();
  EXPECT_EQ(submitters.answered_events(), files.events);
  expect_fleet(store);
}

TEST(OtherWays, recorderSegmentsEndInOneState) {
  const TempDir folder;
  StoreOptions options = buffered(folder / "store");
  options.recorder.emplace();
  options.recorder->segment_bytes = 1u << 20;
  const FleetFiles& files = fleet_files();
  {
    Store store = open_store(options);
    read_spans(files.binary, 0, 64, [&](std::vector<Event> events, std::uint64_t first) {
      apply(store, events, files.id, first);
    });
    expect_fleet(store);
    require_ok(store.close(), "close");
  }
  std::vector<fs::path> segments;
  for (const auto& entry : fs::directory_iterator(folder / "store" / "recorder")) {
    if (entry.path().extension() == ".mrec") segments.push_back(entry.path());
  }
  std::sort(segments.begin(), segments.end());
  std::cout << segments.size() << " segments\n";
  Store copy = open_store(buffered(folder / "copy"));
  replay_into(copy, segments, {});
  expect_fleet(copy);
}

}  // namespace
}  // namespace muster::test
