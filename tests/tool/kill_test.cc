// Kills the program at random moments of a long replay and resumes it: the end must be the same.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "muster/recording.h"
#include "muster/snapshot.h"
#include "muster/store.h"
#include "tests/support/places.h"
#include "tests/support/tally.h"
#include "tests/tool/tool_run.h"

namespace muster::tool_test {
namespace {

using nlohmann::json;

constexpr int kRounds = 12;
constexpr int kKills = 20;
constexpr std::uint64_t kBatch = 64;
constexpr std::int64_t kDay = 86'400'000'000;

std::uint64_t seed() {
  const char* given = std::getenv("MUSTER_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
}

std::vector<Event> demo_events() {
  auto reader = RecordingReader::open(test::source_dir() + "/tests/data/demo.ndjson");
  EXPECT_TRUE(reader.ok()) << reader.status().to_string();
  std::vector<Event> events;
  while (true) {
    auto next = reader->next();
    EXPECT_TRUE(next.ok()) << next.status().to_string();
    if (!next.ok() || *next == nullptr) return events;
    events.push_back((*next)->event);
  }
}

// The same event some days later. Passes find out for themselves which commands they need.
Event later(Event event, std::int64_t days, int round) {
  event.at.micros += days * kDay;
  if (auto* report = std::get_if<ProfilesReported>(&event.body)) {
    report->detail_updated_at.micros += days * kDay;
  } else if (auto* upload = std::get_if<ProfileUploaded>(&event.body)) {
    upload->uploaded_at.micros += days * kDay;
    upload->checksum[0] = static_cast<std::uint8_t>(round);
  } else if (auto* pass = std::get_if<Reconciled>(&event.body)) {
    pass->commands.reset();
  }
  return event;
}

// The demo fleet's three days, again and again with new content. Returns the number of events.
std::uint64_t write_long_recording(const std::string& path) {
  const std::vector<Event> events = demo_events();
  std::ofstream out(path, std::ios::binary);
  out << R"({"type":"header","version":1,"id":"long"})" << '\n';
  for (int round = 0; round < kRounds; ++round) {
    for (const Event& event : events) {
      out << to_canonical_line(round == 0 ? event : later(event, round * 4, round)) << '\n';
    }
  }
  return kRounds * events.size();
}

struct Seen {
  std::uint64_t cursor = 0;
  Sequence sequence = 0;
};

/// What a reader sees beside the writer; nothing as long as there is no store.
std::optional<Seen> look(const std::string& db) {
  StoreOptions options;
  options.path = db;
  options.read_only = true;
  options.create_if_missing = false;
  const Result<Store> store = Store::open(options);
  if (!store.ok()) return std::nullopt;
  const Result<std::optional<Cursor>> cursor = store->last_position("long");
  const Result<Snapshot> snapshot = store->snapshot();
  if (!cursor.ok() || !snapshot.ok()) return std::nullopt;
  return Seen{cursor->has_value() ? (*cursor)->event : 0, snapshot->sequence()};
}

json json_of(const Arguments& arguments) {
  Arguments all = arguments;
  all.insert(all.end(), {"--output", "json"});
  const Ran ran = spawn(all);
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  return json::parse(ran.out, nullptr, false);
}

std::string digest_of(const std::string& db) {
  return json_of({"export", "--digest", "--db", db})["digest"].get<std::string>();
}

std::uint64_t largest_group(const std::string& db) {
  return json_of({"stats", "--db", db})["largest_group"].get<std::uint64_t>();
}

/// The reading end of the pipe that `muster replay --acknowledge` writes to.
class Acknowledgements {
 public:
  /// `before`: events that earlier runs committed.
  Acknowledgements(std::string path, std::uint64_t before)
      : path_(std::move(path)), before_(before) {
    ::unlink(path_.c_str());
    EXPECT_EQ(::mkfifo(path_.c_str(), 0600), 0) << path_;
    pipe_ = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    EXPECT_GE(pipe_, 0) << path_;
  }
  Acknowledgements(const Acknowledgements&) = delete;
  Acknowledgements& operator=(const Acknowledgements&) = delete;
  ~Acknowledgements() { ::close(pipe_); }

  const std::string& path() const { return path_; }
  std::uint64_t events() const { return before_ + told_; }

  /// Until there is a line, the writer is gone, or some time has passed.
  void wait() {
    pollfd waited{pipe_, POLLIN, 0};
    ::poll(&waited, 1, 100);
    read_some();
  }
  /// Of a writer that is gone.
  void read_rest() {
    while (read_some()) {
    }
  }

 private:
  bool read_some() {
    std::array<char, 4096> bytes;
    const ::ssize_t size = ::read(pipe_, bytes.data(), bytes.size());
    if (size <= 0) return false;
    line_.append(bytes.data(), static_cast<std::size_t>(size));
    for (std::size_t end = line_.find('\n'); end != std::string::npos; end = line_.find('\n')) {
      const std::uint64_t told = std::stoull(line_.substr(0, end));
      EXPECT_GT(told, told_) << "not in order";
      told_ = told;
      line_.erase(0, end + 1);
    }
    return true;
  }

  const std::string path_;
  const std::uint64_t before_;
  int pipe_ = -1;
  std::string line_;
  std::uint64_t told_ = 0;
};

class Kill : public testing::Test {
 protected:
  void SetUp() override {
    events_ = write_long_recording(recording_);
    ASSERT_GT(events_, 20'000u);
  }

  Arguments replay(const std::string& db, std::uint64_t batch) const {
    return {"replay", "--db", db, "--batch", std::to_string(batch), recording_};
  }

  /// Starts the program and kills it when it has acknowledged `target` events, those of the runs
  /// before with it. Nothing where it ended before it could be killed.
  std::optional<Seen> kill_at(const std::string& db, std::uint64_t target) {
    const std::optional<Seen> before = look(db);
    Acknowledgements acknowledged(scratch_.file("acknowledgements"), before ? before->cursor : 0);
    Arguments arguments = replay(db, kBatch);
    arguments.insert(arguments.end(), {"--acknowledge", acknowledged.path()});
    Process process(arguments, scratch_.file("out"), scratch_.file("err"));
    while (acknowledged.events() < target && !process.poll()) acknowledged.wait();
    if (process.poll()) {
      EXPECT_EQ(process.wait(), 0) << read_file(scratch_.file("err"));
      return std::nullopt;
    }
    process.kill();
    acknowledged.read_rest();
    const std::optional<Seen> left = look(db);
    EXPECT_TRUE(left.has_value()) << "no store after a kill";
    if (!left) return std::nullopt;
    EXPECT_GE(left->cursor, acknowledged.events()) << "what was acknowledged is gone";
    test::tally("acknowledged_events", acknowledged.events() - (before ? before->cursor : 0));
    if (left->cursor == events_) return std::nullopt;  // it had only to end
    EXPECT_LE(left->cursor, acknowledged.events() + kBatch) << "more than one commit untold";
    EXPECT_EQ(left->cursor % kBatch, 0u) << "a group was cut";
    EXPECT_EQ(left->sequence, left->cursor) << "events were taken twice";
    return left;
  }

  /// Resumes to the end; the run takes exactly what is missing behind the cursor.
  void finish(const std::string& db, const std::string& digest) {
    const std::optional<Seen> before = look(db);
    const std::uint64_t cursor = before ? before->cursor : 0;
    const json report = json_of(replay(db, kBatch));
    EXPECT_EQ(report["already_applied"], cursor);
    EXPECT_EQ(report["events"], events_ - cursor);
    const std::optional<Seen> after = look(db);
    ASSERT_TRUE(after.has_value());
    EXPECT_EQ(after->cursor, events_);
    EXPECT_EQ(after->sequence, events_);
    EXPECT_EQ(digest_of(db), digest);
    EXPECT_EQ(largest_group(db), kBatch);
    EXPECT_EQ(spawn({"check", "--db", db}).exit_code, 0);
  }

  ScratchDir scratch_;
  std::string recording_ = scratch_.file("long.ndjson");
  std::uint64_t events_ = 0;
};

TEST_F(Kill, EveryBatchAndEveryKillEndsInTheSameState) {
  std::map<std::uint64_t, std::string> digests;
  for (const std::uint64_t batch : {1U, 64U, 1024U}) {
    const std::string db = scratch_.file("batch" + std::to_string(batch));
    Arguments arguments = replay(db, batch);
    if (batch == 1) arguments.insert(arguments.end(), {"--durability", "buffered"});
    const Ran ran = spawn(arguments);
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_EQ(largest_group(db), batch);
    digests[batch] = digest_of(db);
  }
  EXPECT_EQ(digests[1], digests[64]);
  EXPECT_EQ(digests[1], digests[1024]);

  const std::uint64_t used_seed = seed();
  std::cout << "MUSTER_SEED=" << used_seed << '\n';
  std::mt19937_64 random(used_seed);
  int kills = 0;
  for (int store = 0; kills < kKills && store < 4 * kKills; ++store) {
    const std::string db = scratch_.file("killed" + std::to_string(store));
    std::uint64_t cursor = 0;
    while (kills < kKills && cursor < events_ * 4 / 5) {
      const std::uint64_t target = std::uniform_int_distribution<std::uint64_t>(
          std::max(cursor + kBatch, events_ / 20),
          std::min(cursor + events_ / 4, events_ * 9 / 10))(random);
      const std::optional<Seen> left = kill_at(db, target);
      if (!left || HasFailure()) break;
      cursor = left->cursor;
      const bool counts = cursor >= events_ / 20 && cursor <= events_ * 19 / 20;
      if (counts) ++kills;
      test::tally("kills", 1);
      std::cout << (counts ? "kill " + std::to_string(kills) : std::string("not counted"))
                << ": wanted " << target << ", cursor " << cursor << " of " << events_ << '\n';
    }
    finish(db, digests[1]);
    ASSERT_FALSE(HasFailure()) << "store " << store;
    std::filesystem::remove_all(db);
  }
  EXPECT_EQ(kills, kKills);
}

}  // namespace
}  // namespace muster::tool_test
