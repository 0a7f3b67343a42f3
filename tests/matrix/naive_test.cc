// The store against the naive engine on a generated fleet that is too large to be kept.
#include <gtest/gtest.h>

#include <iostream>
#include <string>
#include <vector>

#include "muster/recording.h"
#include "muster/snapshot.h"
#include "tests/matrix/fleet_files.h"
#include "tests/support/naive_engine.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

constexpr std::size_t kSpanEvents = 512;

class Agreement : public testing::Test {
 protected:
  void take(const std::vector<Event>& events) {
    const Applied applied = apply(store_, events, generator_.recording_id(), taken_ + 1);
    for (std::size_t i = 0; i < events.size(); ++i) {
      const Judged expected = naive_.apply(events[i], taken_ + 1 + i);
      const EventResult& got = applied.results[i];
      ASSERT_EQ(expected.outcome, got.outcome) << where(i) << to_canonical_line(events[i]);
      ASSERT_EQ(expected.divergences, got.divergences ? got.divergences->total() : 0)
          << where(i) << to_canonical_line(events[i]);
    }
    taken_ += events.size();
  }
  std::string where(std::size_t index) const {
    return matrix_hint() + ": event " + std::to_string(taken_ + 1 + index) + " ";
  }

  void compare_summaries() {
    const Snapshot snapshot = require(store_.snapshot(), "snapshot");
    for (const TeamId team : snapshot.teams()) {
      EXPECT_EQ(snapshot.summary(team), naive_.summary(team)) << where(0) << "team " << team;
    }
  }

  void compare_exports() {
    const Snapshot snapshot = require(store_.snapshot(), "snapshot");
    for (const bool rows : {true, false}) {
      const std::string expected = rows ? naive_.export_rows() : naive_.export_hosts();
      std::size_t at = 0;
      const auto compare = [&](std::string_view line) {
        EXPECT_EQ(expected.substr(at, line.size()), line) << matrix_hint();
        at += line.size();
        return !HasFailure();
      };
      require_ok(rows ? snapshot.export_rows(compare) : snapshot.export_hosts(compare), "export");
      EXPECT_EQ(at, expected.size());
    }
  }

  const muster::FleetOptions options_ = matrix_fleet_options();
  FleetGenerator generator_ = require(FleetGenerator::make(options_), "generate");
  TempDir folder_;
  Store store_ = open_store(buffered(folder_ / "store"));
  NaiveEngine naive_{Policy(), generator_.recording_id()};
  std::uint64_t taken_ = 0;
};

TEST_F(Agreement, ofStoreAndNaiveEngine) {
  std::cout << matrix_hint() << '\n';
  constexpr std::int64_t kSixHours = 6 * 3'600'000'000LL;
  std::int64_t compared = options_.start.micros;
  std::vector<Event> events;
  while (auto event = generator_.next()) {
    const bool due = event->at.micros >= compared + kSixHours;
    events.push_back(std::move(*event));
    if (events.size() < kSpanEvents && !due) continue;
    ASSERT_NO_FATAL_FAILURE(take(events));
    if (due) {
      compared = events.back().at.micros;
      compare_summaries();
      std::cout << to_string(events.back().at) << ": " << taken_ << " events\n" << std::flush;
    }
    events.clear();
  }
  ASSERT_NO_FATAL_FAILURE(take(events));
  compare_summaries();
  compare_exports();
  EXPECT_EQ(findings_of(store_).size(), 0U) << to_text(findings_of(store_));
}

}  // namespace
}  // namespace muster::test
