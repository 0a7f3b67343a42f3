// Many callers at once: every event is judged once, in one serial order that the sequences tell.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <iostream>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/files.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

/// Runs `work(thread)` on so many threads and waits for all.
template <typename Work>
void on_threads(int threads, const Work& work) {
  std::vector<std::thread> running;
  for (int i = 0; i < threads; ++i) running.emplace_back([&work, i] { work(i); });
  for (std::thread& thread : running) thread.join();
}

struct Judging {
  std::string source;
  std::uint64_t number = 0;
  Event event;
  Outcome outcome = Outcome::kUnchanged;
  std::string detail;
};

/// What callers were told, by sequence.
class Journal {
 public:
  /// Applies one event as a span of its own.
  void apply(Store& store, const std::string& source, std::uint64_t number, Event event) {
    const Applied applied = test::apply(store, std::span(&event, 1), source, number);
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(applied.results.size(), 1u);
    const EventResult& result = applied.results.at(0);
    const bool fresh = judgings_
                           .emplace(applied.sequence, Judging{source, number, std::move(event),
                                                              result.outcome, result.detail})
                           .second;
    EXPECT_TRUE(fresh) << "two events have sequence " << applied.sequence;
  }

  /// The same events one after the other end in the same state with the same answers.
  void expect_serial(const Store& store, const std::filesystem::path& scratch) const {
    EXPECT_EQ(require(store.stats(), "stats").sequence, judgings_.size());
    Store serial = open_store(buffered(scratch));
    for (const auto& [sequence, judging] : judgings_) {
      const Applied applied =
          test::apply(serial, std::span(&judging.event, 1), judging.source, judging.number);
      ASSERT_EQ(applied.sequence, sequence);
      ASSERT_EQ(applied.results.at(0).outcome, judging.outcome)
          << "sequence " << sequence << " " << type_name(judging.event);
      ASSERT_EQ(applied.results.at(0).detail, judging.detail);
    }
    EXPECT_EQ(digest_of(store), digest_of(serial));
    EXPECT_EQ(to_text(findings_of(store)), "");
    const StoreStats left = require(store.stats(), "stats");
    const StoreStats right = require(serial.stats(), "stats");
    EXPECT_EQ(left.rows, right.rows);
    EXPECT_EQ(left.hosts_due, right.hosts_due);
    EXPECT_EQ(left.commands, right.commands);
    EXPECT_EQ(store.policy(), serial.policy());
  }

  /// The numbers of each source rise with the sequence.
  void expect_sources_in_order() const {
    std::map<std::string, std::uint64_t> last;
    for (const auto& [sequence, judging] : judgings_) {
      EXPECT_EQ(judging.number, ++last[judging.source]) << judging.source;
    }
  }

 private:
  std::mutex mutex_;
  std::map<Sequence, Judging> judgings_;
};

class Concurrency : public testing::Test {
 protected:
  Concurrency() { std::cout << "MUSTER_SEED=" << seed_ << '\n'; }

  /// Every thread is a fleet of its own whose labels, profiles and some hosts are also others'.
  void run_fleets(Store& store, Journal& journal, int threads, std::size_t hosts,
                  std::size_t events) {
    on_threads(threads, [&](int thread) {
      const StoreView view(store);
      FleetOptions options;
      options.seed = seed_ + static_cast<std::uint64_t>(thread);
      options.hosts = hosts;
      options.teams = 3;
      Fleet fleet(options, view);
      const std::string source = "fleet " + std::to_string(thread);
      for (std::uint64_t number = 1; number <= events; ++number) {
        journal.apply(store, source, number, fleet.next());
      }
    });
  }

  const std::uint64_t seed_ = seed_or(31);
  TempDir folder_;
};

Event host_event(std::int64_t micros, EventBody body) {
  return {Timestamp{1'748'736'000'000'000 + micros}, std::move(body)};
}

HostAdded added(const std::string& uuid, TeamId team = 0) {
  HostAdded host;
  host.host_uuid = uuid;
  host.team_id = team;
  return host;
}

TEST_F(Concurrency, TwoThreadsOnOneHost) {
  Store store = open_store(buffered(folder_ / "store"));
  Journal journal;
  journal.apply(store, "setup", 1, host_event(0, added("H")));
  on_threads(2, [&](int thread) {
    for (int i = 0; i < 500; ++i) {
      const auto team = static_cast<TeamId>(1 + 2 * i + thread);
      journal.apply(store, "t" + std::to_string(thread), static_cast<std::uint64_t>(i) + 1,
                    host_event(i, HostTransferred{"H", team}));
    }
  });
  journal.expect_sources_in_order();
  journal.expect_serial(store, folder_ / "serial");
  const Snapshot snapshot = require(store.snapshot(), "snapshot");
  const TeamId last = require(snapshot.find_host("H"), "host")->team_id;
  EXPECT_TRUE(last == 999 || last == 1000) << last;
}

TEST_F(Concurrency, EightThreadsOnFewHosts) {
  Store store = open_store(buffered(folder_ / "store"));
  Journal journal;
  std::atomic<std::uint64_t> answers{0};
  on_threads(8, [&](int thread) {
    std::mt19937_64 random(seed_ + static_cast<std::uint64_t>(thread));
    for (int i = 0; i < 300; ++i) {
      const std::string uuid = "H" + std::to_string(random() % 5);
      const auto team = static_cast<TeamId>(random() % 100);
      const std::uint64_t kind = random() % 8;
      EventBody body = HostTransferred{uuid, team};
      if (kind == 0) body = HostDeleted{uuid};
      if (kind < 3) body = added(uuid, team);
      if (kind == 3) body = HostUnenrolled{uuid};
      if (kind == 4) body = UserChannelChanged{uuid, random() % 2 == 0};
      journal.apply(store, "t" + std::to_string(thread), static_cast<std::uint64_t>(i) + 1,
                    host_event(i, std::move(body)));
      ++answers;
    }
  });
  EXPECT_EQ(answers, 8u * 300u);
  journal.expect_sources_in_order();
  journal.expect_serial(store, folder_ / "serial");
}

TEST_F(Concurrency, SpansAreNotSplit) {
  StoreOptions options = buffered(folder_ / "store");
  Store store = open_store(options);
  std::mutex mutex;
  std::set<Sequence> ends;
  on_threads(6, [&](int thread) {
    for (int i = 0; i < 100; ++i) {
      std::vector<Event> span;
      for (int at = 0; at < 3; ++at) {
        span.push_back(host_event(i, added("H" + std::to_string((thread * 7 + i + at) % 20))));
      }
      const Applied applied = test::apply(store, span, "t" + std::to_string(thread),
                                          static_cast<std::uint64_t>(i) * 3 + 1);
      const std::lock_guard lock(mutex);
      EXPECT_TRUE(ends.insert(applied.sequence).second);
    }
  });
  Sequence expected = 0;
  for (const Sequence end : ends) EXPECT_EQ(end, expected += 3);
  EXPECT_LE(require(store.stats(), "stats").largest_group, 18u);
}

TEST_F(Concurrency, FleetsWithFanOutsInWindowsHaveASerialOrder) {
  Store store = open_store(buffered(folder_ / "store"), small_windows());
  Journal journal;
  run_fleets(store, journal, 5, 25, 400);
  journal.expect_sources_in_order();
  journal.expect_serial(store, folder_ / "serial");
  require_ok(store.close(), "close");
  const Store again = open_store(buffered(folder_ / "store"));
  journal.expect_serial(again, folder_ / "serial again");
}

TEST_F(Concurrency, OneFleetsFanOutsAmongOthersHostEvents) {
  store::Tuning tuning;
  tuning.window_hosts = 1;
  tuning.group_events_max = 2;
  Store store = open_store(buffered(folder_ / "store"), tuning);
  Journal journal;
  std::atomic<int> hosts_running{3};
  on_threads(4, [&](int thread) {
    const std::string source = "t" + std::to_string(thread);
    std::uint64_t number = 0;
    std::int64_t micros = 0;
    const auto apply = [&](EventBody body) {
      journal.apply(store, source, ++number, host_event(++micros * 1'000'000, std::move(body)));
    };
    if (thread == 3) {
      for (int round = 0; hosts_running > 0; ++round) {
        ProfileUploaded profile;
        profile.profile_uuid = profile.identifier = profile.name = "p" + std::to_string(round % 3);
        profile.checksum[0] = static_cast<std::uint8_t>(round);
        apply(profile);
        apply(Reconciled());
        if (round % 4 == 1) apply(ProfileDeleted{profile.profile_uuid});
        if (round % 4 == 2) apply(ProfileBatchResent{profile.profile_uuid, "failed"});
      }
      return;
    }
    const StoreView view(store);
    std::mt19937_64 random(seed_ + static_cast<std::uint64_t>(thread));
    for (int i = 0; i < 250; ++i) {
      // Hosts of its own and hosts of all.
      const std::string uuid = (i % 2 == 0 ? source : "shared") + std::to_string(random() % 15);
      const auto rows = view.rows(uuid);
      EventBody body = added(uuid, random() % 4 == 0 ? 1 : 0);
      if (!rows.empty() && random() % 4 != 0) {
        const bool fails = random() % 2 == 0;
        body = CommandResult{uuid,
                             rows[random() % rows.size()].command_uuid,
                             fails ? "Error" : "Acknowledged",
                             {},
                             {}};
      }
      apply(std::move(body));
    }
    --hosts_running;
  });
  journal.expect_sources_in_order();
  journal.expect_serial(store, folder_ / "serial");
}

/// Counts of hosts by bucket and of rows by status, by a walk over a snapshot.
void expect_consistent(const Snapshot& snapshot) {
  std::map<TeamId, StatusCounts> teams;
  std::map<std::string, StatusCounts> profiles;
  const auto count = [](StatusCounts& counts, DeliveryStatus status) {
    if (status == DeliveryStatus::kFailed) ++counts.failed;
    if (status == DeliveryStatus::kVerifying) ++counts.verifying;
    if (status == DeliveryStatus::kVerified) ++counts.verified;
    if (status == DeliveryStatus::kPending || status == DeliveryStatus::kUnsent) ++counts.pending;
  };
  std::vector<std::string> hosts;
  require_ok(snapshot.visit_hosts({},
                                  [&](const HostState& host) {
                                    hosts.push_back(host.host_uuid);
                                    if (host.status && host.platform != Platform::kWindows) {
                                      count(teams[host.team_id], *host.status);
                                    }
                                    return true;
                                  }),
             "hosts");
  for (const std::string& uuid : hosts) {
    require_ok(snapshot.visit_host(uuid, {},
                                   [&](const ProfileState& row) {
                                     const bool counted = row.operation == Operation::kInstall ||
                                                          row.status == DeliveryStatus::kFailed ||
                                                          row.status == DeliveryStatus::kPending;
                                     if (counted) count(profiles[row.profile_uuid], row.status);
                                     return true;
                                   }),
               "rows");
  }
  for (TeamId team = 0; team < 5; ++team) EXPECT_EQ(snapshot.summary(team), teams[team]);
  for (const auto& [uuid, counts] : profiles) EXPECT_EQ(snapshot.profile_counts(uuid), counts);
}

TEST_F(Concurrency, SnapshotsAreConsistent) {
  Store store = open_store(buffered(folder_ / "store"), small_windows());
  Journal journal;
  std::atomic<bool> done{false};
  std::atomic<int> seen{0};
  std::thread reader([&] {
    Sequence last = 0;
    while (!done || seen < 5) {
      const Snapshot snapshot = require(store.snapshot(), "snapshot");
      EXPECT_GE(snapshot.sequence(), last);
      last = snapshot.sequence();
      expect_consistent(snapshot);
      const auto digest = require(snapshot.content_digest(), "digest");
      EXPECT_EQ(require(snapshot.content_digest(), "digest"), digest);
      ++seen;
    }
  });
  run_fleets(store, journal, 3, 25, 300);
  done = true;
  reader.join();
  journal.expect_serial(store, folder_ / "serial");
  std::cout << seen << " snapshots\n";
}

TEST_F(Concurrency, CloseAnswersEverybody) {
  for (int round = 0; round < 5; ++round) {
    const auto path = folder_ / ("store" + std::to_string(round));
    Store store = open_store(buffered(path), small_windows());
    std::atomic<std::uint64_t> applied{0};
    std::vector<std::uint64_t> done(6, 0);
    std::thread closer([&] {
      while (applied < 200) std::this_thread::yield();
      EXPECT_TRUE(store.close().ok());
    });
    on_threads(6, [&](int thread) {
      const std::string source = "t" + std::to_string(thread);
      for (std::uint64_t number = 1;; ++number) {
        const std::string uuid = source + "-" + std::to_string(number);
        const EventBody body = number % 20 == 0 ? EventBody(Reconciled()) : EventBody(added(uuid));
        const std::vector<Event> span = {host_event(static_cast<std::int64_t>(number), body)};
        const auto result = store.apply(span, {source, number});
        if (!result.ok()) {
          EXPECT_EQ(result.status().code(), StatusCode::kClosed) << result.status().to_string();
          break;
        }
        done[static_cast<std::size_t>(thread)] = number;
        ++applied;
      }
    });
    closer.join();
    const Store again = open_store(buffered(path));
    for (int thread = 0; thread < 6; ++thread) {
      const auto cursor = require(again.last_position("t" + std::to_string(thread)), "position");
      EXPECT_EQ(cursor ? cursor->event : 0, done[static_cast<std::size_t>(thread)]);
    }
    EXPECT_EQ(require(again.stats(), "stats").sequence, applied);
    EXPECT_EQ(to_text(findings_of(again)), "");
  }
}

TEST_F(Concurrency, ManyMayCloseAndRead) {
  for (int round = 0; round < 10; ++round) {
    Store store = open_store(buffered(folder_ / ("store" + std::to_string(round))));
    apply_all(store, {host_event(0, added("H1")), host_event(1, added("H2"))}, "s", 1);
    on_threads(6, [&](int thread) {
      if (thread < 3) {
        EXPECT_TRUE(store.close().ok());
        EXPECT_EQ(store.snapshot().status().code(), StatusCode::kClosed);
        return;
      }
      for (bool open = true; open;) {
        const auto snapshot = store.snapshot();
        open = snapshot.ok();
        if (open) {
          EXPECT_TRUE(snapshot->find_host("H1").ok());
        }
        const auto stats = store.stats();
        EXPECT_TRUE(stats.ok() || stats.status().code() == StatusCode::kClosed);
        const auto found = store.check([](const Finding&) { return true; });
        EXPECT_TRUE(found.ok() ? *found == 0 : found.status().code() == StatusCode::kClosed);
      }
    });
  }
}

}  // namespace
}  // namespace muster::test
