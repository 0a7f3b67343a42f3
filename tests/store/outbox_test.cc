// The outbox against a server of commands that loses nothing and believes every entry: whatever
// happens, devices are asked for exactly what rows wait for.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/support/files.h"
#include "tests/support/fleet.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

namespace fs = std::filesystem;

constexpr Timestamp kNow{1'748'736'000'000'000};

/// Queues of commands by host, as an MDM server keeps them.
class CommandServer {
 public:
  explicit CommandServer(std::uint64_t seed) : random_(seed) {}

  /// Takes what the outbox has. Some entries are confirmed only the next time, some sends fail.
  void drain(Store& store, Timestamp now) {
    OutboxId after = 0;
    for (;;) {
      const auto entries = require(store.pending_commands(after, 3), "pending_commands");
      if (entries.empty()) return;
      for (const PendingCommand& entry : entries) {
        after = entry.id;
        EXPECT_FALSE(entry.hosts.empty());
        EXPECT_FALSE(entry.profile_uuid.empty());
        if (!taken_.contains(entry.id) && entry.kind == PendingCommand::Kind::kSend &&
            random_() % 8 == 0) {
          fail_some(store, entry, now);
          continue;
        }
        take(entry, entry.hosts);
        if (random_() % 4 == 0) continue;
        EXPECT_EQ(require(store.command_sent(std::span(&entry.id, 1)), "command_sent"), 1U);
      }
    }
  }
  bool has(const std::string& host, const std::string& command) const {
    const auto at = queues_.find(host);
    return at != queues_.end() && at->second.contains(command);
  }
  void done(const std::string& host, const std::string& command) { queues_[host].erase(command); }
  const std::map<std::string, std::set<std::string>>& queues() const { return queues_; }
  int cancelled() const { return cancelled_; }
  int failed() const { return failed_; }

 private:
  void take(const PendingCommand& entry, const std::vector<std::string>& hosts) {
    if (!taken_.insert(entry.id).second) return;
    for (const std::string& host : hosts) {
      if (entry.kind == PendingCommand::Kind::kSend) {
        queues_[host].insert(entry.command_uuid);
      } else {
        cancelled_ += static_cast<int>(queues_[host].erase(entry.command_uuid));
      }
    }
  }
  void fail_some(Store& store, const PendingCommand& entry, Timestamp now) {
    std::vector<std::string> reached;
    std::vector<std::string> not_reached;
    for (const std::string& host : entry.hosts) {
      (random_() % 2 == 0 ? reached : not_reached).push_back(host);
    }
    take(entry, not_reached.empty() ? std::vector<std::string>() : reached);
    const std::vector<std::string> stranger = {"a host of no entry"};
    EXPECT_EQ(store.command_not_sent(entry.id, now, stranger).code(), StatusCode::kInvalidArgument);
    const Status status = store.command_not_sent(entry.id, now, not_reached);
    EXPECT_TRUE(status.ok()) << status.to_string();
    ++failed_;
  }

  std::mt19937_64 random_;
  std::map<std::string, std::set<std::string>> queues_;
  std::set<OutboxId> taken_;
  int cancelled_ = 0;
  int failed_ = 0;
};

class OutboxFleet : public testing::TestWithParam<std::uint64_t> {
 protected:
  void run(int steps);
  bool apply(const Event& event);
  void pass(Timestamp now);
  void crash();
  void check();

  std::uint64_t seed_ = seed_or(GetParam());
  std::mt19937_64 random_{seed_};
  TempDir folder_;
  int stores_ = 0;
  std::optional<Store> store_ = open_store(buffered(folder_.path() / "0"), small_windows());
  CommandServer server_{seed_};
  std::uint64_t commands_ = 0;
  std::uint64_t windows_ = 0;
};

/// False: the event makes no sense here and was not applied.
bool OutboxFleet::apply(const Event& event) {
  if (std::holds_alternative<Reconciled>(event.body)) {
    pass(event.at);
    return true;
  }
  // The server itself says what could not be sent, and devices answer only what they were sent.
  if (std::holds_alternative<CommandNotSent>(event.body)) return false;
  if (std::holds_alternative<InstallResult>(event.body)) return false;
  const auto* result = std::get_if<CommandResult>(&event.body);
  if (result != nullptr && !server_.has(result->host_uuid, result->command_uuid)) return false;
  require(store_->apply(std::span(&event, 1)), "apply");
  if (result != nullptr && (result->status == "Acknowledged" || result->status == "Error" ||
                            result->status == "CommandFormatError")) {
    server_.done(result->host_uuid, result->command_uuid);
  }
  return true;
}

void OutboxFleet::pass(Timestamp now) {
  const PassReport report = require(store_->reconcile(
                                        now, [this] { return "c" + std::to_string(++commands_); },
                                        [this](const PassReport&) { return random_() % 8 != 0; }),
                                    "reconcile");
  windows_ = std::max(windows_, report.windows);
}

void OutboxFleet::crash() {
  const fs::path from = folder_.path() / std::to_string(stores_);
  const fs::path to = folder_.path() / std::to_string(++stores_);
  ASSERT_TRUE(copy_store(from, to));
  store_.reset();
  fs::remove_all(from);
  store_.emplace(open_store(buffered(to), small_windows()));
}

void OutboxFleet::check() {
  const Snapshot snapshot = require(store_->snapshot(), "snapshot");
  std::map<std::string, std::set<std::string>> waiting;
  const Status visited =
      snapshot.visit_rows({}, [&](const HostState& host, const ProfileState& row) {
        if (row.command_uuid.empty()) return true;
        if (row.status == DeliveryStatus::kPending) {
          waiting[host.host_uuid].insert(row.command_uuid);
        } else {
          // Whatever the device did, it is done with the command.
          server_.done(host.host_uuid, row.command_uuid);
        }
        return true;
      });
  ASSERT_TRUE(visited.ok());
  auto queues = server_.queues();
  std::erase_if(queues, [](const auto& queue) { return queue.second.empty(); });
  EXPECT_EQ(queues, waiting) << "MUSTER_SEED=" << seed_;
}

void OutboxFleet::run(int steps) {
  StoreView view(*store_);
  Fleet fleet({seed_, 40, 3}, view);
  Timestamp now = kNow;
  for (int step = 0; step < steps && !HasFailure(); ++step) {
    const Event event = fleet.next();
    now = std::max(now, event.at);
    if (!apply(event)) continue;
    server_.drain(*store_, now);
    if (step > 100) check();
    if (step % 250 == 249) {
      ASSERT_EQ(findings_of(*store_).size(), 0U) << to_text(findings_of(*store_));
      crash();
    }
  }
  std::cout << "MUSTER_SEED=" << seed_ << ": " << commands_ << " commands, " << server_.cancelled()
            << " cancelled, " << server_.failed() << " not sent, " << windows_
            << " windows in the largest pass\n";
  EXPECT_GT(commands_, 50U);
  EXPECT_GT(server_.cancelled(), 0);
  EXPECT_GT(server_.failed(), 0);
  EXPECT_GT(windows_, 3U);
}

TEST_P(OutboxFleet, DevicesAreAskedForWhatRowsWaitFor) {
  run(1'500);
}

INSTANTIATE_TEST_SUITE_P(Seeds, OutboxFleet, testing::Values(1, 2, 3, 4));

}  // namespace
}  // namespace muster::test
