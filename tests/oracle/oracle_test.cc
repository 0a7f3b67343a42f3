// The store against the naive engine on random fleets: any group size, any window, reopened or not.
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <thread>

#include "core/step.h"
#include "muster/recording.h"
#include "tests/oracle/recorded_fleet.h"
#include "tests/support/sanitized.h"
#include "tests/support/scenario_run.h"
#include "tests/support/store_subject.h"
#include "tests/support/tally.h"

namespace muster::test {
namespace {

std::string event_text(const Event& event) {
  if (std::holds_alternative<Unreadable>(event.body)) return "unreadable";
  return to_canonical_line(event);
}

void expect_same(const Readings& expected, const Readings& got, const std::string& where) {
  EXPECT_TRUE(expected.rows == got.rows) << where << difference(expected.rows, got.rows);
  EXPECT_TRUE(expected.hosts == got.hosts) << where << difference(expected.hosts, got.hosts);
  EXPECT_EQ(expected.summaries, got.summaries) << where;
  for (const auto& [uuid, counts] : expected.counts) {
    EXPECT_EQ(counts, got.counts.at(uuid)) << where << "profile " << uuid;
  }
}

void expect_clean(StoreSubject& subject, const std::string& where) {
  EXPECT_THAT(subject.findings(), ::testing::IsEmpty()) << where;
  const std::string rows = subject.export_rows();
  subject.reopen();
  EXPECT_THAT(subject.findings(), ::testing::IsEmpty()) << where << "after opening again";
  EXPECT_TRUE(rows == subject.export_rows()) << where << "after opening again";
}

/// Applies the recording in groups of `group` events; a group ends early where readings are due.
void expect_agreement(const RecordedFleet& fleet, StoreSubject& subject, std::size_t group) {
  const std::string hint = replay_hint(fleet.options);
  std::size_t done = 0;
  for (const auto& [stop, expected] : fleet.readings) {
    while (done < stop) {
      const std::size_t end = std::min(stop, done + group);
      const std::vector<Event> events(fleet.events.begin() + static_cast<std::ptrdiff_t>(done),
                                      fleet.events.begin() + static_cast<std::ptrdiff_t>(end));
      const std::vector<Judged> judged = subject.apply(events, done + 1);
      ASSERT_EQ(judged.size(), events.size());
      for (std::size_t i = 0; i < judged.size(); ++i) {
        ASSERT_EQ(fleet.judged[done + i], judged[i])
            << hint << "event " << done + i + 1 << " " << event_text(events[i]) << "\nexpected "
            << name_of(fleet.judged[done + i].outcome) << " " << fleet.judged[done + i].detail
            << ", divergences " << fleet.judged[done + i].divergences << "; got "
            << name_of(judged[i].outcome) << " " << judged[i].detail << ", divergences "
            << judged[i].divergences;
      }
      done = end;
    }
    std::vector<std::string> profiles;
    for (const auto& [uuid, counts] : expected.counts) profiles.push_back(uuid);
    expect_same(expected, read_all(subject, profiles, fleet.options.teams),
                hint + "after event " + std::to_string(done) + "\n");
    if (::testing::Test::HasFailure()) return;
  }
  expect_clean(subject, hint);
}

struct Way {
  const char* name;
  std::uint64_t seed;
  std::size_t hosts;
  std::size_t events;
  std::size_t group;
  std::uint32_t window;
  std::uint64_t fold_bytes;
};

std::ostream& operator<<(std::ostream& out, const Way& way) {
  return out << way.name;
}

class Oracle : public ::testing::TestWithParam<Way> {};

TEST_P(Oracle, agrees) {
  const Way& way = GetParam();
  RecordingPlan plan;
  plan.fleet.seed = seed_or(way.seed);
  plan.fleet.hosts = way.hosts;
  plan.events = way.events;
  plan.readings = 8;
  const RecordedFleet fleet = record_fleet(plan);
  ASSERT_FALSE(HasFailure());

  StoreSetUp set_up;
  set_up.tuning.window_hosts = way.window;
  set_up.tuning.fold_bytes_min = way.fold_bytes;
  StoreSubject subject(Policy(), kFleetSource, set_up);
  expect_agreement(fleet, subject, way.group);
  tally("model_events", fleet.events.size());
}

constexpr std::uint64_t kUsualFold = 4u << 20;
/// Small fleets are cheap; all ways together have 100,000 events.
constexpr std::size_t kDeepEvents = kSanitized ? 12'000 : 45'000;
constexpr std::size_t kTinyEvents = kSanitized ? 8'000 : 35'000;

INSTANTIATE_TEST_SUITE_P(fleets, Oracle,
                         ::testing::Values(Way{"one_by_one", 1, 1000, 5000, 1, 2048, kUsualFold},
                                           Way{"sevens", 2, 1000, 6000, 7, 2048, 1 << 14},
                                           Way{"windows_of_64", 3, 1000, 6000, 64, 64, kUsualFold},
                                           Way{"windows_of_4", 4, 1000, 4000, 256, 4, 1 << 12},
                                           Way{"small_and_deep", 5, 40, kDeepEvents, 64, 4,
                                               1 << 12},
                                           Way{"tiny_and_deep", 6, 6, kTinyEvents, 7, 2048, 1}),
                         [](const auto& tested) { return tested.param.name; });

struct Numbered {
  Event event;
  Judged expected;
};

/// Host events of one time, by thread; those of one host stay with one thread.
void expect_threads_agree(StoreSubject& subject, const std::vector<std::vector<Numbered>>& shares,
                          const std::string& hint) {
  std::vector<std::vector<Judged>> judged(shares.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    threads.emplace_back([&, i] {
      for (const Numbered& one : shares[i]) {
        judged[i].push_back(subject.apply_live({one.event}).at(0));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < shares.size(); ++i) {
    for (std::size_t k = 0; k < shares[i].size(); ++k) {
      EXPECT_EQ(shares[i][k].expected, judged[i][k])
          << hint << event_text(shares[i][k].event) << " got " << name_of(judged[i][k].outcome);
    }
  }
}

// Between two passes every host's events come from one of four threads; catalog events and passes
// come from one recording.
TEST(Oracle, agreesWithFourThreads) {
  FleetOptions options;
  options.seed = seed_or(7);
  options.hosts = 300;
  const std::string hint = replay_hint(options);
  NaiveEngine engine(Policy(), kFleetSource);
  const EngineView view(engine);
  Fleet source(options, view);
  StoreSetUp set_up;
  set_up.tuning.window_hosts = 16;
  StoreSubject subject(Policy(), kFleetSource, set_up);

  std::uint64_t number = 0;
  Timestamp now;
  for (int block = 0; block < 40; ++block) {
    std::vector<std::vector<Numbered>> shares(4);
    std::vector<Event> serial;
    for (int i = 0; i < 150; ++i) {
      Event event = source.next();
      const auto host = core::host_of(event);
      if (!host) {
        if (event.at >= now) serial.push_back(event);
        continue;
      }
      // The founding hosts are added before anything else happens to them.
      event.at = now;
      const Judged expected = engine.apply(event, 0);
      shares[std::hash<std::string_view>()(*host) % shares.size()].push_back({event, expected});
    }
    expect_threads_agree(subject, shares, hint);
    for (Event& event : serial) {
      now = std::max(now, event.at);
      event.at = now;
      ++number;
      const Judged expected = engine.apply(event, number);
      EXPECT_EQ(expected, subject.apply({event}, number).at(0)) << hint << event_text(event);
    }
    const std::vector<std::string> profiles = known_profiles(engine);
    expect_same(read_all(engine, profiles, options.teams),
                read_all(subject, profiles, options.teams),
                hint + "block " + std::to_string(block) + "\n");
    if (HasFailure()) return;
  }
  expect_clean(subject, hint);
}

}  // namespace
}  // namespace muster::test
