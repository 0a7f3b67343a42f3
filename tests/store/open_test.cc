// Opening, closing, and what is said when a directory cannot be a store.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/meta_records.h"
#include "store/store_directory.h"
#include "tests/support/files.h"
#include "tests/support/raw_store.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

namespace fs = std::filesystem;

std::vector<Event> some_events(int first, int count) {
  std::vector<Event> events;
  for (int i = first; i < first + count; ++i) {
    HostAdded host;
    host.host_uuid = "H" + std::to_string(i);
    events.push_back({Timestamp{1'748'736'000'000'000 + i}, host});
  }
  return events;
}

/// Names, kinds and contents below a directory.
std::map<std::string, std::string> tree_of(const fs::path& directory) {
  std::map<std::string, std::string> tree;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    tree[entry.path().string()] = entry.is_directory() ? "directory" : read_file(entry.path());
  }
  return tree;
}

mode_t mode_of(const fs::path& path) {
  struct stat info = {};
  EXPECT_EQ(::stat(path.c_str(), &info), 0) << path;
  return info.st_mode & 07777;
}

class Open : public testing::Test {
 protected:
  void expect_refused(const StoreOptions& options, StatusCode code, const std::string& words) {
    const Status status = Store::open(options).status();
    EXPECT_EQ(status.code(), code) << status.to_string();
    EXPECT_NE(status.message().find(words), std::string::npos) << status.to_string();
    EXPECT_NE(status.message().find(options.path.string()), std::string::npos)
        << "the place is not named: " << status.to_string();
  }
  Store new_store() {
    Store store = open_store(buffered(path_));
    apply(store, some_events(0, 10), "s", 1);
    return store;
  }
  void close(Store& store) { require_ok(store.close(), "close"); }

  /// What a child process with nobody's rights is told, or its process id where it is asked for.
  static Status as_child(const std::function<Status()>& call, bool as_nobody) {
    int ends[2] = {};
    EXPECT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      constexpr uid_t kNobody = 65534;
      if (as_nobody && ::geteuid() == 0 && (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0)) {
        ::_exit(2);
      }
      const Status status = call();
      const std::string text =
          std::string(1, static_cast<char>(status.code())) + std::string(status.message());
      const bool sent = ::write(ends[1], text.data(), text.size()) > 0;
      ::_exit(sent ? 0 : 1);
    }
    ::close(ends[1]);
    std::string text(4096, '\0');
    const ssize_t got = ::read(ends[0], text.data(), text.size());
    ::close(ends[0]);
    int ended = 0;
    EXPECT_EQ(::waitpid(child, &ended, 0), child);
    EXPECT_EQ(ended, 0);
    if (got <= 0) return {StatusCode::kLimit, "the child said nothing"};
    text.resize(static_cast<std::size_t>(got));
    return text[0] == 0 ? Status() : Status(static_cast<StatusCode>(text[0]), text.substr(1));
  }

  TempDir folder_;
  const fs::path path_ = folder_ / "store";
};

TEST_F(Open, ANewStoreIsPrivate) {
  Store store = new_store();
  const auto expect_private = [&] {
    EXPECT_EQ(mode_of(path_), 0700u);
    std::size_t files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(path_)) {
      EXPECT_EQ(mode_of(entry.path()), entry.is_directory() ? 0700u : 0600u) << entry.path();
      files += entry.is_directory() ? 0 : 1;
    }
    EXPECT_GE(files, 7u);
  };
  expect_private();
  close(store);
  expect_private();
  Store again = open_store(buffered(path_));
  expect_private();
}

TEST_F(Open, AnEmptyDirectoryBecomesAPrivateStore) {
  fs::create_directory(path_);
  ASSERT_EQ(::chmod(path_.c_str(), 0755), 0);
  Store store = new_store();
  EXPECT_EQ(mode_of(path_), 0700u);
}

TEST_F(Open, AMakingThatWasCutOffIsMadeAnew) {
  fs::create_directories(path_ / "data");
  std::ofstream(path_ / "MUSTER.new") << "format";
  Store store = new_store();
  EXPECT_EQ(mode_of(path_ / "data"), 0700u);
}

TEST_F(Open, ANewStoreHasAnIdOfItsOwn) {
  Store store = new_store();
  const std::string id = require(store.stats(), "stats").store_id;
  EXPECT_EQ(id.size(), 32u);
  EXPECT_EQ(require(store.stats(), "stats").format_version, 1u);
  close(store);
  EXPECT_EQ(require(open_store(buffered(path_)).stats(), "stats").store_id, id);
  const Store other = open_store(buffered(folder_ / "other"));
  EXPECT_NE(require(other.stats(), "stats").store_id, id);
}

TEST_F(Open, AMissingParentIsNamed) {
  StoreOptions options = buffered(folder_ / "no" / "store");
  const Status status = Store::open(options).status();
  EXPECT_EQ(status.code(), StatusCode::kNotFound) << status.to_string();
  EXPECT_NE(status.message().find((folder_ / "no").string()), std::string::npos);
  EXPECT_FALSE(fs::exists(folder_ / "no"));
}

TEST_F(Open, ASlashMayEndThePath) {
  for (int again = 0; again < 2; ++again) {
    Store store = open_store(buffered(path_ / ""));
    close(store);
  }
  EXPECT_TRUE(fs::exists(path_ / "MUSTER"));
}

/// Its user may make names in it, and not list them.
TEST_F(Open, AParentThatMayNotBeRead) {
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0733), 0);
  const Status made = as_child([&] { return store::make_private_directory(path_); }, true);
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0700), 0);
  EXPECT_TRUE(made.ok()) << made.to_string();
  EXPECT_EQ(mode_of(path_), 0700u);
}

TEST_F(Open, NoPath) {
  EXPECT_EQ(Store::open(StoreOptions()).status().code(), StatusCode::kInvalidArgument);
}

TEST_F(Open, AFileIsNoStore) {
  write_file(path_, "text");
  expect_refused(buffered(path_), StatusCode::kNotAStore, "is a file");
  expect_refused(read_only(path_), StatusCode::kNotAStore, "is a file");
  EXPECT_EQ(read_file(path_), "text");
  expect_refused(buffered(path_ / "below"), StatusCode::kIoError, "Not a directory");
}

TEST_F(Open, AForeignDirectoryStaysAsItIs) {
  fs::create_directory(path_);
  write_file(path_ / "notes.txt", "mine");
  ASSERT_EQ(::chmod(path_.c_str(), 0755), 0);
  const auto before = tree_of(path_);
  expect_refused(buffered(path_), StatusCode::kNotAStore, "notes.txt");
  expect_refused(read_only(path_), StatusCode::kNotAStore, "notes.txt");
  EXPECT_EQ(tree_of(path_), before);
  EXPECT_EQ(mode_of(path_), 0755u);
}

TEST_F(Open, ANewerMarkerIsRefusedAndLeftAlone) {
  Store store = new_store();
  close(store);
  write_file(path_ / "MUSTER", "format 2\nsomething else\n");
  const auto before = tree_of(path_);
  for (const StoreOptions& options : {buffered(path_), read_only(path_)}) {
    expect_refused(options, StatusCode::kFormatTooNew, "format 2");
    expect_refused(options, StatusCode::kFormatTooNew, "reads up to 1");
  }
  EXPECT_EQ(tree_of(path_), before);
}

TEST_F(Open, ANewerFormatRecordIsRefused) {
  Store store = new_store();
  close(store);
  {
    RawStore raw(path_);
    raw.put("meta", "format", store::encode_format({2, "an id"}));
  }
  for (const StoreOptions& options : {buffered(path_), read_only(path_)}) {
    const Status status = Store::open(options).status();
    EXPECT_EQ(status.code(), StatusCode::kFormatTooNew) << status.to_string();
    EXPECT_NE(status.message().find("format 2"), std::string::npos) << status.to_string();
    EXPECT_NE(status.message().find("up to 1"), std::string::npos) << status.to_string();
  }
}

TEST_F(Open, ADamagedMarkerIsNamed) {
  Store store = new_store();
  close(store);
  for (const std::string text :
       {"", "f", "format", "format x\nid a\n", "form 1\nid a\n", "format 1\n", "format 1\nid\n",
        "format 1\nname a\n", "format 99999999999999999999\nid a\n", "format -1\nid a\n"}) {
    write_file(path_ / "MUSTER", text);
    const Status status = Store::open(buffered(path_)).status();
    EXPECT_TRUE(status.code() == StatusCode::kCorruption ||
                status.code() == StatusCode::kFormatTooNew)
        << text << ": " << status.to_string();
    EXPECT_NE(status.message().find(path_.string()), std::string::npos) << status.to_string();
  }
}

TEST_F(Open, AMarkerWithoutItsStoreIsFinishedByAWriter) {
  fs::create_directory(path_);
  write_file(path_ / "MUSTER", "format 1\nid 00112233445566778899aabbccddeeff\n");
  EXPECT_FALSE(Store::open(read_only(path_)).ok());
  Store store = open_store(buffered(path_));
  EXPECT_EQ(require(store.stats(), "stats").store_id, "00112233445566778899aabbccddeeff");
}

TEST_F(Open, ASecondWriterIsToldWhoHasTheStore) {
  Store store = new_store();
  const std::string pid = "process " + std::to_string(::getpid());
  expect_refused(buffered(path_), StatusCode::kBusy, pid);
  const auto open = [&] { return Store::open(buffered(path_)).status(); };
  const Status status = as_child(open, false);
  EXPECT_EQ(status.code(), StatusCode::kBusy) << status.to_string();
  EXPECT_NE(status.message().find(pid), std::string::npos) << status.to_string();
  apply(store, some_events(10, 1), "s", 11);
  close(store);
  Store next = open_store(buffered(path_));
  EXPECT_EQ(require(next.stats(), "stats").hosts, 11u);
}

TEST_F(Open, AStoreThatIsDestroyedIsReleased) {
  std::optional<Store> store(new_store());
  store.reset();
  EXPECT_EQ(require(open_store(buffered(path_)).stats(), "stats").hosts, 10u);
}

TEST_F(Open, AMissingStoreIsNotMadeForReaders) {
  expect_refused(read_only(path_), StatusCode::kNotFound, "there is no store");
  StoreOptions options = buffered(path_);
  options.create_if_missing = false;
  expect_refused(options, StatusCode::kNotFound, "there is no store");
  EXPECT_FALSE(fs::exists(path_));
  fs::create_directory(path_);
  expect_refused(options, StatusCode::kNotFound, "there is no store");
  EXPECT_TRUE(fs::is_empty(path_));
}

TEST_F(Open, AReaderBesideTheWriterSeesWhatWasCommitted) {
  Store store = new_store();
  const Store early = open_store(read_only(path_));
  EXPECT_EQ(digest_of(early), digest_of(store));
  apply(store, some_events(10, 5), "s", 11);
  EXPECT_EQ(require(early.stats(), "stats").hosts, 10u) << "a reader keeps its state";
  const Store late = open_store(read_only(path_));
  EXPECT_EQ(require(late.stats(), "stats").hosts, 15u);
  EXPECT_EQ(require(late.last_position("s"), "position")->event, 15u);
  EXPECT_EQ(digest_of(late), digest_of(store));
  close(store);
  EXPECT_EQ(digest_of(open_store(read_only(path_))), digest_of(late));
}

TEST_F(Open, AReaderWritesNothing) {
  Store store = new_store();
  close(store);
  const auto before = tree_of(path_);
  {
    Store reader = open_store(read_only(path_));
    findings_of(reader);
    const auto refused = reader.apply(some_events(20, 1));
    EXPECT_EQ(refused.status().code(), StatusCode::kReadOnly);
    EXPECT_EQ(reader.apply(some_events(20, 1), {"s", 11}).status().code(), StatusCode::kReadOnly);
    close(reader);
  }
  EXPECT_EQ(tree_of(path_), before);
}

TEST_F(Open, AfterCloseEveryCallSaysSo) {
  for (const bool reader : {false, true}) {
    Store store = reader ? open_store(read_only(path_)) : new_store();
    close(store);
    EXPECT_TRUE(store.close().ok()) << "closing twice is fine";
    if (!reader) {
      EXPECT_EQ(store.apply(some_events(20, 1)).status().code(), StatusCode::kClosed);
      EXPECT_EQ(store.apply(some_events(20, 1), {"s", 11}).status().code(), StatusCode::kClosed);
    }
    EXPECT_EQ(store.snapshot().status().code(), StatusCode::kClosed);
    EXPECT_EQ(store.stats().status().code(), StatusCode::kClosed);
    EXPECT_EQ(store.last_position("s").status().code(), StatusCode::kClosed);
    EXPECT_EQ(store.check([](const Finding&) { return true; }).status().code(),
              StatusCode::kClosed);
  }
}

TEST_F(Open, ASnapshotOutlivesItsStore) {
  std::optional<Store> store(new_store());
  std::optional<Snapshot> snapshot(require(store->snapshot(), "snapshot"));
  const std::string digest = digest_of(*store);
  close(*store);
  EXPECT_EQ(to_string(require(snapshot->content_digest(), "digest")), digest);
  store.reset();
  EXPECT_EQ(to_string(require(snapshot->content_digest(), "digest")), digest);
  EXPECT_TRUE(require(snapshot->find_host("H3"), "host").has_value());
  const Snapshot copy = *snapshot;
  snapshot.reset();
  EXPECT_EQ(to_string(require(copy.content_digest(), "digest")), digest);
}

TEST_F(Open, AStoreWhoseSnapshotLivesIsBusy) {
  Store store = new_store();
  std::optional<Snapshot> snapshot(require(store.snapshot(), "snapshot"));
  close(store);
  const Status status = Store::open(buffered(path_)).status();
  EXPECT_TRUE(status.ok() || status.code() == StatusCode::kBusy) << status.to_string();
  snapshot.reset();
  EXPECT_EQ(require(open_store(buffered(path_)).stats(), "stats").hosts, 10u);
}

TEST_F(Open, ThePolicyOfANewStore) {
  StoreOptions options = buffered(path_);
  Policy policy;
  policy.max_retries_apple = 3;
  policy.grace_seconds = 60;
  policy.macos_only_profile_names = {"One name"};
  options.policy = policy;
  Store store = open_store(options);
  EXPECT_EQ(store.policy(), policy);
  close(store);
  EXPECT_EQ(open_store(options).policy(), policy);
  EXPECT_EQ(open_store(buffered(path_)).policy(), policy);
  EXPECT_EQ(open_store(read_only(path_)).policy(), policy);
  EXPECT_EQ(open_store(buffered(folder_ / "other")).policy(), Policy());
}

TEST_F(Open, AnotherPolicyIsRefusedNamingBoth) {
  Store store = new_store();
  close(store);
  StoreOptions options = buffered(path_);
  options.policy = Policy::fleet_current();
  for (const bool reader : {false, true}) {
    options.read_only = reader;
    const Status status = Store::open(options).status();
    EXPECT_EQ(status.code(), StatusCode::kPolicyMismatch);
    EXPECT_NE(status.message().find(to_string(Policy())), std::string::npos) << status.to_string();
    EXPECT_NE(status.message().find(to_string(Policy::fleet_current())), std::string::npos);
  }
  options.policy = Policy();
  options.policy->macos_only_profile_names.clear();
  EXPECT_EQ(Store::open(options).status().code(), StatusCode::kPolicyMismatch);
}

TEST_F(Open, APolicyChangedByAnEventIsTheStoresPolicy) {
  Store store = new_store();
  PolicyChanged change;
  change.max_retries_apple = 3;
  apply(store, std::vector<Event>{{Timestamp{1'748'736'100'000'000}, change}}, "s", 11);
  EXPECT_EQ(store.policy(), Policy::fleet_current());
  close(store);
  StoreOptions options = buffered(path_);
  options.policy = Policy();
  EXPECT_EQ(Store::open(options).status().code(), StatusCode::kPolicyMismatch);
  options.policy = Policy::fleet_current();
  EXPECT_TRUE(Store::open(options).ok());
}

TEST_F(Open, APolicyOutOfRangeMakesNoStore) {
  std::vector<Policy> wrong(7);
  wrong[0].max_retries_apple = -1;
  wrong[1].max_retries_apple = kRetriesMax + 1;
  wrong[2].grace_seconds = -1;
  wrong[3].grace_seconds = kPolicySecondsMax + 1;
  wrong[4].user_channel_wait_seconds = -1;
  wrong[5].user_channel_wait_seconds = kPolicySecondsMax + 1;
  wrong[6].late_results = LateResults{};
  for (const Policy& policy : wrong) {
    StoreOptions options = buffered(path_);
    options.policy = policy;
    EXPECT_EQ(Store::open(options).status().code(), StatusCode::kInvalidArgument)
        << to_string(policy);
    EXPECT_FALSE(fs::exists(path_)) << to_string(policy);
  }
}

TEST_F(Open, ADirectoryThatMayNotBeWritten) {
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0555), 0);
  const auto open = [&] { return Store::open(buffered(path_)).status(); };
  const Status made = as_child(open, true);
  EXPECT_EQ(made.code(), StatusCode::kIoError) << made.to_string();
  EXPECT_NE(made.message().find(path_.string()), std::string::npos) << made.to_string();
  EXPECT_NE(made.message().find("choose a directory"), std::string::npos) << made.to_string();
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0700), 0);
}

TEST_F(Open, AStoreOfAnotherUser) {
  if (::geteuid() != 0) return;
  Store store = new_store();
  close(store);
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
  for (const StoreOptions& options : {buffered(path_), read_only(path_)}) {
    const Status status = as_child([&] { return Store::open(options).status(); }, true);
    EXPECT_EQ(status.code(), StatusCode::kIoError) << status.to_string();
    EXPECT_NE(status.message().find(path_.string()), std::string::npos) << status.to_string();
  }
}

TEST_F(Open, AFileSystemThatTakesNoStores) {
  const Status status = Store::open(buffered("/proc/muster-store")).status();
  EXPECT_EQ(status.code(), StatusCode::kIoError) << status.to_string();
  EXPECT_NE(status.message().find("/proc/muster-store"), std::string::npos);
}

TEST_F(Open, AReaderNeedsNoRightToWrite) {
  Store store = new_store();
  const std::string digest = digest_of(store);
  close(store);
  for (const auto& entry : fs::recursive_directory_iterator(path_)) {
    ASSERT_EQ(::chmod(entry.path().c_str(), entry.is_directory() ? 0555 : 0444), 0);
  }
  ASSERT_EQ(::chmod(path_.c_str(), 0555), 0);
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
  EXPECT_EQ(digest_of(open_store(read_only(path_))), digest);
  ASSERT_EQ(::chmod(path_.c_str(), 0700), 0);
  ASSERT_EQ(::chmod((path_ / "data").c_str(), 0700), 0);
}

}  // namespace
}  // namespace muster::test
