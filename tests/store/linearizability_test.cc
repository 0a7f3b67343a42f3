// Linearizability: eight callers write and read a few hosts at once. Every answer is the one that
// a model gives in the order of the sequences, and that order keeps what callers saw: whoever was
// answered before somebody else began stands before them. Also where an answer and a view wait for
// a sync that serves several groups.
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <iostream>
#include <iterator>
#include <latch>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "tests/support/files.h"
#include "tests/support/hooked_env.h"
#include "tests/support/sanitized.h"
#include "tests/support/store_tools.h"
#include "tests/support/tally.h"

namespace muster::test {
namespace {

constexpr int kCallers = 8;
constexpr int kCallsEach = 6;
constexpr int kHosts = 3;
/// In each of two stores.
constexpr int kHistories = kSanitized ? 20 : 100;
/// How long a sync takes; memory would not make anyone wait.
constexpr int kYieldsASync = 2;

/// What the model knows of a host that is there.
struct ModelHost {
  TeamId team = 0;
  bool user_channel = false;
  friend bool operator==(const ModelHost&, const ModelHost&) = default;
};
using Model = std::map<std::string, ModelHost>;

/// A call with the moments between which it took effect.
struct Call {
  std::uint64_t began = 0;
  std::uint64_t ended = 0;
  Sequence sequence = 0;  ///< of the event; of a read: of its snapshot
  // A write.
  std::optional<Event> event;
  Outcome outcome = Outcome::kUnchanged;
  // A read.
  std::string host;
  std::optional<ModelHost> seen;
};

Outcome apply_to_model(Model& model, const Event& event) {
  const auto judged = [](bool changed) {
    return changed ? Outcome::kApplied : Outcome::kUnchanged;
  };
  if (const auto* added = std::get_if<HostAdded>(&event.body)) {
    const auto [at, fresh] = model.try_emplace(added->host_uuid, ModelHost{added->team_id, false});
    const bool changed = fresh || at->second.team != added->team_id;
    at->second.team = added->team_id;
    return judged(changed);
  }
  const auto& uuid = std::visit(
      [](const auto& body) -> const std::string& {
        static const std::string kNone;
        if constexpr (requires { body.host_uuid; }) return body.host_uuid;
        return kNone;
      },
      event.body);
  const auto at = model.find(uuid);
  if (at == model.end()) return Outcome::kUnknownHost;
  ModelHost& host = at->second;
  if (const auto* moved = std::get_if<HostTransferred>(&event.body)) {
    return judged(std::exchange(host.team, moved->team_id) != moved->team_id);
  }
  if (const auto* channel = std::get_if<UserChannelChanged>(&event.body)) {
    return judged(std::exchange(host.user_channel, channel->user_channel) != channel->user_channel);
  }
  model.erase(at);
  return Outcome::kApplied;
}

EventBody random_body(std::mt19937_64& random, const std::string& uuid) {
  const auto team = static_cast<TeamId>(random() % 4);
  switch (random() % 6) {
    case 0:
      return HostDeleted{uuid};
    case 1:
      return UserChannelChanged{uuid, random() % 2 == 0};
    case 2:
    case 3:
      return HostTransferred{uuid, team};
    default: {
      HostAdded added;
      added.host_uuid = uuid;
      added.team_id = team;
      return added;
    }
  }
}

class Histories : public testing::Test {
 protected:
  Histories() { std::cout << "MUSTER_SEED=" << seed_ << '\n'; }

  void open(Durability durability) {
    StoreOptions options = buffered(folder_ / "store");
    options.durability = durability;
    store::Tuning tuning = small_windows();
    tuning.env = env_.env();
    env_.set_hook([this](LogCall call, const std::string&) {
      if (call != LogCall::kSync) return true;
      syncing_ = true;
      for (int i = 0; i < kYieldsASync; ++i) std::this_thread::yield();
      syncing_ = false;
      return true;
    });
    store_ = open_store(options, tuning);
  }

  Call write(const std::string& source, std::uint64_t number, EventBody body) {
    Call call;
    call.event = Event{Timestamp{1'748'736'000'000'000 + static_cast<std::int64_t>(number)},
                       std::move(body)};
    call.began = clock_++;
    const Applied applied = apply(*store_, std::span(&*call.event, 1), source, number);
    call.ended = clock_++;
    call.sequence = applied.sequence;
    call.outcome = applied.results.at(0).outcome;
    return call;
  }
  Call read(const std::string& uuid) {
    Call call;
    call.host = uuid;
    call.began = clock_++;
    if (syncing_) ++reads_while_syncing_;
    const Snapshot snapshot = require(store_->snapshot(), "snapshot");
    call.ended = clock_++;
    call.sequence = snapshot.sequence();
    const auto host = require(snapshot.find_host(uuid), "host");
    if (host) call.seen = ModelHost{host->team_id, host->user_channel};
    return call;
  }

  /// One history: calls of all callers, about hosts that no other history has.
  std::vector<Call> run(int number) {
    const std::string name = "h" + std::to_string(number);
    std::vector<std::vector<Call>> calls(kCallers);
    std::latch begin(kCallers);
    std::vector<std::jthread> callers;
    for (int caller = 0; caller < kCallers; ++caller) {
      callers.emplace_back([&, caller] {
        std::mt19937_64 random(seed_ * 1'000'003 + static_cast<std::uint64_t>(number) * kCallers +
                               static_cast<std::uint64_t>(caller));
        const std::string source = name + " caller " + std::to_string(caller);
        std::uint64_t written = 0;
        begin.arrive_and_wait();
        for (int i = 0; i < kCallsEach; ++i) {
          const std::string uuid = name + "-" + std::to_string(random() % kHosts);
          auto& mine = calls[static_cast<std::size_t>(caller)];
          if (random() % 3 == 0) {
            mine.push_back(read(uuid));
          } else {
            mine.push_back(write(source, ++written, random_body(random, uuid)));
          }
        }
      });
    }
    callers.clear();
    std::vector<Call> all;
    for (auto& some : calls) std::move(some.begin(), some.end(), std::back_inserter(all));
    return all;
  }

  void expect_all_linear();

  const std::uint64_t seed_ = seed_or(71);
  TempDir folder_;
  HookedEnv env_;
  std::atomic<bool> syncing_{false};
  std::atomic<int> reads_while_syncing_{0};
  std::atomic<std::uint64_t> clock_{0};
  std::optional<Store> store_;
};

/// By sequence; a read behind the write that it is the first to see.
void sort_by_effect(std::vector<Call>& calls) {
  std::sort(calls.begin(), calls.end(), [](const Call& a, const Call& b) {
    if (a.sequence != b.sequence) return a.sequence < b.sequence;
    if (a.event.has_value() != b.event.has_value()) return a.event.has_value();
    return a.began < b.began;
  });
}

void expect_linear(std::vector<Call> calls) {
  sort_by_effect(calls);
  Model model;
  std::uint64_t latest_begin = 0;
  Sequence last_written = 0;
  for (const Call& call : calls) {
    // Something that stands before it began only after it had ended.
    ASSERT_LT(latest_begin, call.ended) << "sequence " << call.sequence << " is out of order";
    latest_begin = std::max(latest_begin, call.began);
    if (call.event) {
      ASSERT_GT(call.sequence, last_written) << "two events have one sequence";
      last_written = call.sequence;
      ASSERT_EQ(call.outcome, apply_to_model(model, *call.event))
          << "sequence " << call.sequence << " " << type_name(*call.event);
    } else {
      const auto at = model.find(call.host);
      const auto expected = at == model.end() ? std::nullopt : std::optional(at->second);
      ASSERT_TRUE(call.seen == expected) << call.host << " as of sequence " << call.sequence;
    }
  }
}

void Histories::expect_all_linear() {
  // Fan-outs run meanwhile, in windows of four hosts.
  std::jthread passes([&](const std::stop_token& stop) {
    for (std::uint64_t number = 1; !stop.stop_requested(); ++number) {
      const Event pass{Timestamp{1'748'736'000'000'000}, Reconciled()};
      apply(*store_, std::span(&pass, 1), "passes", number);
    }
  });
  for (int number = 0; number < kHistories && !HasFailure(); ++number) {
    expect_linear(run(number));
    tally("histories", 1);
  }
}

TEST_F(Histories, areLinear) {
  open(Durability::kBuffered);
  expect_all_linear();
}

TEST_F(Histories, areLinearWhereCommitsAreSynced) {
  open(Durability::kSync);
  expect_all_linear();
  const StoreMetrics metrics = store_->metrics();
  std::cout << metrics.commits << " commits, " << metrics.syncs << " syncs, "
            << reads_while_syncing_ << " reads while a sync was under way\n";
  EXPECT_LT(metrics.syncs, metrics.commits) << "no sync served two groups";
  EXPECT_GT(reads_while_syncing_, 0) << "no view had to wait";
}

Call written(std::uint64_t began, std::uint64_t ended, Sequence sequence, TeamId team,
             Outcome outcome) {
  HostAdded added;
  added.host_uuid = "H";
  added.team_id = team;
  Call call;
  call.began = began;
  call.ended = ended;
  call.sequence = sequence;
  call.event = Event{{}, added};
  call.outcome = outcome;
  return call;
}
Call seen(std::uint64_t began, std::uint64_t ended, Sequence sequence, TeamId team) {
  Call call;
  call.began = began;
  call.ended = ended;
  call.sequence = sequence;
  call.host = "H";
  call.seen = ModelHost{team, false};
  return call;
}

/// Each is the good history with one thing wrong.
TEST(Linearity, isToldFromItsOpposite) {
  const std::vector<Call> good = {written(0, 3, 1, 1, Outcome::kApplied),
                                  written(1, 2, 2, 2, Outcome::kApplied), seen(4, 5, 2, 2)};
  expect_linear(good);
  const auto wrong = [&](std::size_t index, const Call& call) {
    std::vector<Call> calls = good;
    calls[index] = call;
    return calls;
  };
  static std::vector<Call> calls;
  calls = wrong(1, written(1, 2, 2, 2, Outcome::kUnchanged));
  EXPECT_FATAL_FAILURE(expect_linear(calls), "host_added");
  calls = wrong(1, written(4, 5, 1, 2, Outcome::kApplied));
  EXPECT_FATAL_FAILURE(expect_linear(calls), "one sequence");
  calls = wrong(2, seen(4, 5, 1, 1));
  EXPECT_FATAL_FAILURE(expect_linear(calls), "out of order");
  calls = wrong(2, seen(4, 5, 2, 1));
  EXPECT_FATAL_FAILURE(expect_linear(calls), "as of sequence");
}

}  // namespace
}  // namespace muster::test
