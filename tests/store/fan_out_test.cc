// Events that change many hosts, cut off between their windows: whoever opens the store next ends
// where an uninterrupted run does.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/files.h"
#include "tests/support/hooked_env.h"
#include "tests/support/sanitized.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kImageDistance = kSanitized ? 12 : 5;
constexpr int kFleetHosts = 160;
constexpr const char* kSource = "fleet";

std::string host_uuid(int number) {
  return "H" + std::to_string(1000 + number * 37 % 997);
}

Event scoped_profile(std::int64_t seconds, const std::string& uuid, Scope scope = Scope::kSystem) {
  ProfileUploaded event;
  event.profile_uuid = uuid;
  event.identifier = event.name = "com.example." + uuid;
  event.scope = scope;
  event.uploaded_at = at(seconds);
  return {at(seconds), event};
}

/// Copies of a store's folder as they were before every so many-th write to its log.
class CrashImages {
 public:
  CrashImages(HookedEnv& env, fs::path store, fs::path images, std::size_t distance)
      : env_(env), store_(std::move(store)), images_(std::move(images)), distance_(distance) {
    env_.set_hook([this](LogCall, const std::string& log) {
      // One thread syncs while another appends.
      const std::lock_guard lock(mutex_);
      if (calls_ % distance_ == 0) take(fs::path(log).filename());
      ++calls_;
      return true;
    });
  }
  CrashImages(const CrashImages&) = delete;
  CrashImages& operator=(const CrashImages&) = delete;
  ~CrashImages() { env_.set_hook({}); }
  /// For when nothing is written any more.
  const std::vector<fs::path>& taken() const { return taken_; }

 private:
  void take(const fs::path& log);

  HookedEnv& env_;
  const fs::path store_;
  const fs::path images_;
  const std::size_t distance_;
  std::mutex mutex_;
  std::size_t calls_ = 0;
  std::vector<fs::path> taken_;
};

/// Every second image is cut within its last record, and has no watermark: it would tell where that
/// record was acknowledged. Nothing may be thrown through RocksDB.
void CrashImages::take(const fs::path& log) {
  const fs::path image = images_ / std::to_string(calls_);
  EXPECT_TRUE(copy_store(store_, image)) << image;
  std::error_code error;
  const fs::path copied = image / "data" / log;
  const auto size = fs::file_size(copied, error);
  if (!error && calls_ / distance_ % 2 == 1 && size > 11) {
    fs::resize_file(copied, size - 11, error);
    fs::remove(image / "watermark");
  }
  EXPECT_FALSE(error) << image << ": " << error.message();
  taken_.push_back(image);
}

StoreOptions synced(const fs::path& path) {
  StoreOptions options = buffered(path);
  options.durability = muster::Durability::kSync;
  return options;
}

store::Tuning windows_over(HookedEnv& env) {
  store::Tuning tuning = small_windows();
  tuning.env = env.env();
  return tuning;
}

class FanOut : public testing::Test {
 protected:
  void SetUp() override {
    StoreOptions options = buffered(folder_ / "base");
    options.policy = Policy();
    options.policy->max_retries_apple = 0;
    Store store = open_store(options);
    apply(store, scoped_profile(1, "p1"));
    apply(store, scoped_profile(1, "p2", Scope::kUser));
    apply(store, scoped_profile(1, "p3"));
    for (int i = 0; i < kFleetHosts; ++i) {
      HostAdded host;
      host.host_uuid = host_uuid(i);
      host.platform = i % 5 == 0 ? Platform::kIos : Platform::kDarwin;
      host.user_channel = i % 3 == 0;
      apply(store, {at(2 + i), host});
    }
    apply(store, {at(300), Reconciled()});
    command_ = command_of(store, host_uuid(0), "p1");
    for (int i = 0; i < kFleetHosts; ++i) {
      CommandResult result;
      result.host_uuid = host_uuid(i);
      result.command_uuid = command_;
      result.status = i % 3 == 0 ? "Acknowledged" : "Error";
      if (i % 3 != 1) apply(store, {at(400), result});
    }
    require_ok(store.close(), "close");
  }

  void apply(Store& store, const Event& event) {
    const Applied applied = test::apply(store, std::vector{event}, kSource, ++number_);
    EXPECT_EQ(refusal_of(applied.results.at(0).outcome), Refusal::kNone)
        << type_name(event) << " " << applied.results[0].detail;
  }
  static std::string command_of(const Store& store, const std::string& host,
                                const std::string& profile_uuid) {
    for (const ProfileState& row : StoreView(store).rows(host)) {
      if (row.profile_uuid == profile_uuid) return row.command_uuid;
    }
    return "";
  }

  /// Applies `before`, then the fan-out while images are taken, and tries every image.
  void sweep(const std::vector<Event>& before, const Event& fan_out, std::size_t windows_min);
  void try_image(const fs::path& image, const Event& fan_out);

  TempDir folder_;
  std::string command_;
  std::uint64_t number_ = 0;

  // Of the sweep.
  std::string digest_before_;
  std::string digest_after_;
  int running_ = 0;
  int not_begun_ = 0;
};

void FanOut::sweep(const std::vector<Event>& before, const Event& fan_out,
                   std::size_t windows_min) {
  const fs::path work = folder_ / "work";
  fs::copy(folder_ / "base", work, fs::copy_options::recursive);
  HookedEnv env;
  Store store = open_store(synced(work), windows_over(env));
  for (const Event& event : before) apply(store, event);
  digest_before_ = digest_of(store);
  const std::uint64_t groups = require(store.stats(), "stats").commit_groups;
  const CrashImages images(env, work, folder_ / "images", kImageDistance);
  apply(store, fan_out);
  digest_after_ = digest_of(store);
  EXPECT_NE(digest_after_, digest_before_);
  const StoreStats stats = require(store.stats(), "stats");
  EXPECT_GE(stats.commit_groups - groups, windows_min);
  EXPECT_FALSE(stats.fan_out_running);
  EXPECT_EQ(to_text(findings_of(store)), "");
  for (const fs::path& image : images.taken()) {
    try_image(image, fan_out);
    fs::remove_all(image);
    if (HasFailure()) FAIL() << image;
  }
  EXPECT_GE(not_begun_, 1);
  EXPECT_GE(running_, static_cast<int>(windows_min / kImageDistance));
  std::cout << images.taken().size() << " images, " << running_ << " within the fan-out, "
            << not_begun_ << " before it\n";
}

void FanOut::try_image(const fs::path& image, const Event& fan_out) {
  bool running = false;
  Sequence sequence = 0;
  {
    const Store reader = open_store(read_only(image));
    const StoreStats stats = require(reader.stats(), "stats");
    running = stats.fan_out_running;
    sequence = stats.sequence;
    running_ += running ? 1 : 0;
    EXPECT_EQ(to_text(findings_of(reader)), "") << "as the crash left it";
    EXPECT_TRUE(sequence == number_ || sequence == number_ - 1) << sequence;
    if (sequence < number_) {
      ++not_begun_;
      EXPECT_FALSE(running);
      EXPECT_EQ(digest_of(reader), digest_before_);
    }
  }
  Store store = open_store(buffered(image), small_windows());
  EXPECT_EQ(digest_of(store), sequence < number_ ? digest_before_ : digest_after_);
  EXPECT_EQ(to_text(findings_of(store)), "");
  EXPECT_FALSE(require(store.stats(), "stats").fan_out_running);
  const Applied again = test::apply(store, std::vector{fan_out}, kSource, number_);
  EXPECT_EQ(again.results.at(0).outcome == Outcome::kDuplicate, sequence == number_);
  EXPECT_EQ(digest_of(store), digest_after_);
  require_ok(store.close(), "close");
  const Store reader = open_store(read_only(image));
  EXPECT_EQ(digest_of(reader), digest_after_);
  EXPECT_FALSE(require(reader.stats(), "stats").fan_out_running);
}

TEST_F(FanOut, APassOverEveryHost) {
  sweep({scoped_profile(500, "p4")}, {at(501), Reconciled()}, 30);
}

TEST_F(FanOut, APassOverHostsThatAreDue) {
  std::vector<Event> transfers;
  for (int i = 0; i < 60; ++i) {
    transfers.push_back({at(500), HostTransferred{host_uuid(i), 1}});
  }
  sweep(transfers, {at(501), Reconciled()}, 10);
}

TEST_F(FanOut, APassOverHostsWhoseTimeHasCome) {
  sweep({}, {at(8000), Reconciled()}, 10);
}

TEST_F(FanOut, APassOverARange) {
  Reconciled range;
  range.after = "H1100";
  range.through = "H1900";
  sweep({scoped_profile(500, "p4")}, {at(501), range}, 20);
}

TEST_F(FanOut, APassThatListsItsCommands) {
  Reconciled pass;
  pass.commands.emplace();
  for (int i = 0; i < kFleetHosts; ++i) {
    const std::string uuid = "listed-" + std::to_string(i / 10);
    if (i % 10 == 0) pass.commands->push_back({Operation::kInstall, "p4", uuid, {}});
    pass.commands->back().hosts.push_back(host_uuid(i));
  }
  sweep({scoped_profile(500, "p4")}, {at(501), pass}, 30);
}

TEST_F(FanOut, AProfileDeleted) {
  sweep({}, {at(500), ProfileDeleted{"p1"}}, 30);
}

TEST_F(FanOut, AProfileSentAgainWhereItFailed) {
  sweep({}, {at(500), ProfileBatchResent{"p1", "failed"}}, 10);
}

TEST_F(FanOut, ACommandNotSent) {
  sweep({}, {at(500), CommandNotSent{command_, {}}}, 10);
}

TEST_F(FanOut, ACommandNotSentToListedHosts) {
  CommandNotSent event{command_, std::vector<std::string>{"no such host"}};
  for (int i = 0; i < kFleetHosts; i += 2) event.hosts->push_back(host_uuid(i));
  sweep({}, {at(500), event}, 15);
}

TEST_F(FanOut, TwoInOneSpan) {
  const fs::path work = folder_ / "work";
  fs::copy(folder_ / "base", work, fs::copy_options::recursive);
  const std::vector<Event> span = {{at(500), ProfileDeleted{"p1"}},
                                   {at(501), HostTransferred{host_uuid(7), 1}},
                                   {at(502), Reconciled()},
                                   {at(503), HostDeleted{host_uuid(8)}}};
  std::map<Sequence, std::string> digests;
  {
    const fs::path serial = folder_ / "serial";
    fs::copy(folder_ / "base", serial, fs::copy_options::recursive);
    Store store = open_store(buffered(serial));
    digests[number_] = digest_of(store);
    for (std::size_t i = 0; i < span.size(); ++i) {
      test::apply(store, std::vector{span[i]}, kSource, number_ + 1 + i);
      digests[number_ + 1 + i] = digest_of(store);
    }
  }
  HookedEnv env;
  Store store = open_store(synced(work), windows_over(env));
  const CrashImages images(env, work, folder_ / "images", 8);
  const Applied applied = test::apply(store, span, kSource, number_ + 1);
  EXPECT_EQ(applied.results.size(), 4u);
  EXPECT_EQ(applied.sequence, number_ + 4);
  EXPECT_EQ(digest_of(store), digests[number_ + 4]);
  for (const fs::path& image : images.taken()) {
    Store left = open_store(buffered(image), small_windows());
    const Sequence sequence = require(left.stats(), "stats").sequence;
    EXPECT_EQ(digest_of(left), digests[sequence]) << image;
    EXPECT_EQ(require(left.last_position(kSource), "position")->event, sequence);
    EXPECT_EQ(to_text(findings_of(left)), "");
  }
  EXPECT_GE(images.taken().size(), 10u);
}

/// Host events of other callers between the windows, and a crash at any of them.
TEST_F(FanOut, OtherCallersGoOnMeanwhile) {
  struct Applying {
    Event event;
    std::string source;
    std::uint64_t number;
  };
  const fs::path work = folder_ / "work";
  fs::copy(folder_ / "base", work, fs::copy_options::recursive);
  HookedEnv env;
  Store store = open_store(synced(work), windows_over(env));
  std::map<Sequence, Applying> order;
  std::mutex mutex;
  const auto run = [&](const std::string& source, std::uint64_t first,
                       const std::vector<Event>& events) {
    for (std::size_t i = 0; i < events.size(); ++i) {
      const Applied applied = test::apply(store, std::vector{events[i]}, source, first + i);
      const std::lock_guard lock(mutex);
      const bool fresh =
          order.emplace(applied.sequence, Applying{events[i], source, first + i}).second;
      EXPECT_TRUE(fresh) << "two events have sequence " << applied.sequence;
    }
  };
  std::vector<std::vector<Event>> hosts(2);
  for (int i = 0; i < 120; ++i) {
    const std::string uuid = host_uuid(i * 7 % kFleetHosts);
    hosts[static_cast<std::size_t>(i) % 2].push_back(
        i % 3 == 0   ? Event{at(600 + i), HostTransferred{uuid, static_cast<TeamId>(i % 2)}}
        : i % 3 == 1 ? Event{at(600 + i), ProfileResent{uuid, "p1"}}
                     : Event{at(600 + i), CommandResult{uuid, command_, "Acknowledged", {}, {}}});
  }
  const std::vector<Event> fan_outs = {scoped_profile(500, "p4"),
                                       {at(501), Reconciled()},
                                       {at(502), ProfileBatchResent{"p1", "failed"}},
                                       {at(503), ProfileDeleted{"p1"}},
                                       {at(504), Reconciled()}};
  const CrashImages images(env, work, folder_ / "images", 12);
  std::thread first([&] { run("h0", 1, hosts[0]); });
  std::thread second([&] { run("h1", 1, hosts[1]); });
  run(kSource, number_ + 1, fan_outs);
  first.join();
  second.join();

  Store serial = open_store(buffered(folder_ / "base"));
  std::map<Sequence, std::string> digests = {{number_, digest_of(serial)}};
  for (const auto& [sequence, applying] : order) {
    const Applied applied =
        test::apply(serial, std::vector{applying.event}, applying.source, applying.number);
    ASSERT_EQ(applied.sequence, sequence);
    digests[sequence] = digest_of(serial);
  }
  EXPECT_EQ(digest_of(store), digest_of(serial));
  int running = 0;
  for (const fs::path& image : images.taken()) {
    running += require(open_store(read_only(image)).stats(), "stats").fan_out_running ? 1 : 0;
    Store left = open_store(buffered(image), small_windows());
    const Sequence sequence = require(left.stats(), "stats").sequence;
    EXPECT_EQ(digest_of(left), digests.at(sequence)) << image << ", sequence " << sequence;
    EXPECT_EQ(to_text(findings_of(left)), "");
  }
  std::cout << images.taken().size() << " images, " << running << " within a fan-out\n";
  EXPECT_GE(running, 3);
}

/// A write that fails stops the store; what was acknowledged stays.
TEST_F(FanOut, AWriteThatFailsStopsTheStore) {
  for (const int failing : {0, 1, 8, 33}) {
    const fs::path work = folder_ / ("work" + std::to_string(failing));
    fs::copy(folder_ / "base", work, fs::copy_options::recursive);
    // The store keeps the environment of a database that could not be closed.
    static auto* const kept = new std::vector<std::unique_ptr<HookedEnv>>;
    HookedEnv& env = *kept->emplace_back(std::make_unique<HookedEnv>());
    Store store = open_store(synced(work), windows_over(env));
    const std::string before = digest_of(store);
    int left = failing;
    env.set_hook([&left](LogCall, const std::string&) { return left-- > 0; });
    const std::vector<Event> event = {{at(500), ProfileDeleted{"p1"}}};
    const SourcePosition position{kSource, number_ + 1};
    const Status failed = store.apply(event, position).status();
    EXPECT_EQ(failed.code(), StatusCode::kIoError) << failed.to_string();
    const Status after = store.apply(event, position).status();
    EXPECT_EQ(after.code(), StatusCode::kIoError) << after.to_string();
    EXPECT_NE(after.message().find("earlier error"), std::string::npos) << after.to_string();
    EXPECT_TRUE(store.snapshot().ok()) << "reading goes on";
    if (failing == 0) {
      EXPECT_EQ(digest_of(store), before);
    }
    EXPECT_FALSE(store.close().ok());
    EXPECT_EQ(store.apply(event, position).status().code(), StatusCode::kClosed);
    env.set_hook({});
    const fs::path copy = folder_ / ("copy" + std::to_string(failing));
    ASSERT_TRUE(copy_store(work, copy));
    Store again = open_store(buffered(copy), small_windows());
    const Applied applied = test::apply(again, event, kSource, number_ + 1);
    EXPECT_EQ(refusal_of(applied.results.at(0).outcome), Refusal::kNone);
    EXPECT_EQ(require(again.stats(), "stats").sequence, number_ + 1);
    EXPECT_EQ(to_text(findings_of(again)), "");
  }
}

}  // namespace
}  // namespace muster::test
