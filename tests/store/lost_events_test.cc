// A store that comes back with less than it had acknowledged says so, whatever took it away.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/support/files.h"
#include "tests/support/fleet.h"
#include "tests/support/raw_store.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

using Files = std::map<std::string, std::string>;

Files files_of(const fs::path& folder) {
  Files files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().filename() != "muster.lock") {
      files[entry.path().lexically_relative(folder).string()] = read_bytes(entry.path());
    }
  }
  return files;
}

/// Where records of RocksDB's log format begin; files of one block.
std::vector<std::size_t> records_of(const std::string& log) {
  std::vector<std::size_t> begins;
  for (std::size_t at = 0; at + 7 <= log.size();) {
    begins.push_back(at);
    at += 7 + static_cast<unsigned char>(log[at + 4]) +
          256 * static_cast<std::size_t>(static_cast<unsigned char>(log[at + 5]));
  }
  return begins;
}

class LostEvents : public testing::Test {
 protected:
  StoreOptions options(const std::string& name) const {
    StoreOptions options = buffered(folder_ / name);
    options.durability = durability_;
    if (records_) options.recorder.emplace();
    options.log = [this](LogLevel, std::string_view text) { notes_ += std::string(text) + '\n'; };
    return options;
  }

  /// "killed": a store that was opened twice and then killed.
  void make_killed() {
    const std::vector<Event> events = fleet_events({5, 20, 2}, 60);
    const std::size_t half = events.size() / 2;
    Store first = open_store(options("store"));
    apply_all(first, {events.begin(), events.begin() + static_cast<std::ptrdiff_t>(half)}, "fleet",
              8);
    require_ok(first.close(), "close");
    Store store = open_store(options("store"));
    for (std::size_t i = half; i < events.size(); ++i) {
      apply(store, std::span(events).subspan(i, 1), "fleet", i + 1);
    }
    ASSERT_TRUE(copy_store(folder_ / "store", folder_ / "killed"));
    if (records_) {
      fs::copy(folder_ / "store" / "recorder", folder_ / "killed" / "recorder");
    }
    events_ = events.size();
    digest_ = digest_of(store);
    require_ok(store.close(), "close");
  }

  fs::path only(const std::string& begin, const std::string& end) const {
    fs::path found;
    for (const auto& entry : fs::directory_iterator(folder_ / "killed" / "data")) {
      const std::string name = entry.path().filename().string();
      if (!name.starts_with(begin) || !name.ends_with(end)) continue;
      EXPECT_TRUE(found.empty()) << found << " and " << entry.path();
      found = entry.path();
    }
    EXPECT_FALSE(found.empty());
    return found;
  }
  fs::path log() const { return only("", ".log"); }
  fs::path manifest() const { return only("MANIFEST-", ""); }

  /// Opens "killed" read-only. "": all that was acknowledged is there and whole; else why not.
  std::string look() const {
    StoreOptions look_only = options("killed");
    look_only.read_only = true;
    const Result<Store> store = Store::open(look_only);
    if (!store.ok()) return std::string(name_of(store.status().code()));
    const auto findings = store->check([](const Finding&) { return true; });
    if (!findings.ok()) return std::string(name_of(findings.status().code()));
    if (*findings > 0) return "findings";
    return digest_of(*store) == digest_ ? "" : "ANOTHER STATE, AND NOT A WORD";
  }

  void damage(const fs::path& file, const std::function<std::string(std::string)>& change) {
    write_file(file, change(read_bytes(file)));
  }
  Result<Store> open_killed(bool accept = false) {
    StoreOptions open_options = options("killed");
    open_options.accept_lost_events = accept;
    return Store::open(open_options);
  }
  std::string digest_of_killed() {
    Store store = require(open_killed(), "open");
    EXPECT_EQ(to_text(findings_of(store)), "");
    const std::string digest = digest_of(store);
    require_ok(store.close(), "close");
    return digest;
  }

  TempDir folder_;
  Durability durability_ = Durability::kSync;
  bool records_ = false;
  std::size_t events_ = 0;
  std::string digest_;
  mutable std::string notes_;
};

std::string half_as_long(std::string bytes) {
  bytes.resize(bytes.size() / 2);
  return bytes;
}

TEST_F(LostEvents, aKilledStoreHasThemAll) {
  make_killed();
  EXPECT_EQ(look(), "");
  EXPECT_EQ(digest_of_killed(), digest_);
}

TEST_F(LostEvents, aBitOfTheLog) {
  make_killed();
  const std::string whole = read_bytes(log());
  std::map<std::string, int> found;
  for (std::size_t bit = 3; bit < whole.size() * 8; bit += whole.size() * 8 / 40) {
    write_file(log(), with_bit_flipped(whole, bit));
    ++found[look()];
  }
  EXPECT_GE(found["events_lost"], 38) << ::testing::PrintToString(found);
  EXPECT_EQ(found["ANOTHER STATE, AND NOT A WORD"], 0);
}

TEST_F(LostEvents, aBitOfALengthInTheManifest) {
  make_killed();
  const std::string whole = read_bytes(manifest());
  std::map<std::string, int> found;
  // Another bit of each length.
  std::size_t bit = 0;
  for (const std::size_t record : records_of(whole)) {
    write_file(manifest(), with_bit_flipped(whole, 8 * (record + 4) + bit++ % 16));
    ++found[look()];
  }
  EXPECT_EQ(found["ANOTHER STATE, AND NOT A WORD"], 0) << ::testing::PrintToString(found);
  EXPECT_GT(found["corruption"] + found["events_lost"], 0) << ::testing::PrintToString(found);
}

TEST_F(LostEvents, areNamedAndNothingIsTouched) {
  make_killed();
  damage(log(), half_as_long);
  const Files before = files_of(folder_ / "killed");
  const Result<Store> opened = open_killed();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(name_of(opened.status().code()), "events_lost");
  EXPECT_THAT(std::string(opened.status().message()),
              AllOf(HasSubstr("events "), HasSubstr(" to " + std::to_string(events_)),
                    HasSubstr("docs/backup.md")));
  EXPECT_EQ(files_of(folder_ / "killed"), before);
  EXPECT_THAT(notes_, HasSubstr("are no records"));
}

TEST_F(LostEvents, aLogThatIsGone) {
  make_killed();
  fs::remove(log());
  EXPECT_EQ(look(), "events_lost");
  EXPECT_EQ(name_of(open_killed().status().code()), "events_lost");
}

TEST_F(LostEvents, canBeAccepted) {
  make_killed();
  damage(log(), half_as_long);
  Store store = require(open_killed(true), "open");
  EXPECT_THAT(notes_, HasSubstr("the store goes on without them"));
  EXPECT_EQ(to_text(findings_of(store)), "");
  const std::string digest = digest_of(store);
  require_ok(store.close(), "close");
  EXPECT_NE(digest, digest_);
  EXPECT_EQ(digest_of_killed(), digest);
}

/// The log as it was is all that is left of them.
TEST_F(LostEvents, areKeptWhereTheyAreAccepted) {
  make_killed();
  damage(log(), half_as_long);
  const std::string torn = read_bytes(log());
  const fs::path kept = log().string() + ".torn";
  StoreOptions look_only = options("killed");
  look_only.read_only = look_only.accept_lost_events = true;
  require_ok(require(Store::open(look_only), "open").close(), "close");
  EXPECT_FALSE(fs::exists(kept)) << "a reader writes nothing";
  require_ok(require(open_killed(true), "open").close(), "close");
  EXPECT_EQ(read_bytes(kept), torn);
}

TEST_F(LostEvents, comeBackBehindATornManifest) {
  records_ = true;
  make_killed();
  damage(log(), half_as_long);
  damage(manifest(), [](const std::string& bytes) { return bytes + "noise"; });
  const fs::path kept = log().string() + ".torn";
  const fs::path kept_manifest = manifest().string() + ".torn";
  EXPECT_EQ(look(), "events_lost") << "nobody writes here";
  EXPECT_EQ(digest_of_killed(), digest_);
  EXPECT_TRUE(fs::exists(kept));
  EXPECT_TRUE(fs::exists(kept_manifest));
  EXPECT_EQ(look(), "");
}

TEST_F(LostEvents, canBeAcceptedBehindATornManifest) {
  make_killed();
  damage(log(), half_as_long);
  damage(manifest(), [](const std::string& bytes) { return bytes + "noise"; });
  const fs::path kept = log().string() + ".torn";
  const Files before = files_of(folder_ / "killed");
  EXPECT_EQ(name_of(open_killed().status().code()), "events_lost");
  EXPECT_EQ(files_of(folder_ / "killed"), before);
  require_ok(require(open_killed(true), "open").close(), "close");
  EXPECT_TRUE(fs::exists(kept));
  EXPECT_NE(digest_of_killed(), digest_);
}

/// Only an open that writes looks into them.
TEST_F(LostEvents, areSaidToBeMissingInSegmentsThatWereReadAlone) {
  records_ = true;
  make_killed();
  damage(log(), half_as_long);
  damage(manifest(), [](const std::string& bytes) { return bytes + "noise"; });
  const auto said = [&](bool read_only) {
    StoreOptions open_options = options("killed");
    open_options.read_only = read_only;
    const Status status = Store::open(open_options).status();
    EXPECT_EQ(name_of(status.code()), "events_lost");
    return std::string(status.message());
  };
  EXPECT_THAT(said(true), AllOf(HasSubstr("open the store for writing with its recorder"),
                                Not(HasSubstr("segments"))));
  fs::remove_all(folder_ / "killed" / "recorder");
  EXPECT_THAT(said(false), HasSubstr("the recorder's segments do not have them all"));
}

TEST_F(LostEvents, comeBackFromTheRecorder) {
  records_ = true;
  make_killed();
  damage(log(), half_as_long);
  EXPECT_EQ(look(), "events_lost") << "nobody writes here";
  EXPECT_EQ(digest_of_killed(), digest_);
  EXPECT_EQ(look(), "");
}

TEST_F(LostEvents, comeBackFromTheRecorderEvenIfItsTailIsToBeDiscarded) {
  records_ = true;
  make_killed();
  damage(log(), half_as_long);
  StoreOptions discarding = options("killed");
  discarding.recorder->unacknowledged = Unacknowledged::kDiscard;
  Store store = require(Store::open(discarding), "open");
  EXPECT_EQ(digest_of(store), digest_);
  require_ok(store.close(), "close");
}

TEST_F(LostEvents, thatTheRecorderHasNotEither) {
  records_ = true;
  make_killed();
  damage(log(), half_as_long);
  fs::remove_all(folder_ / "killed" / "recorder");
  for (int again = 0; again < 2; ++again) {
    EXPECT_EQ(name_of(open_killed().status().code()), "events_lost");
  }
}

TEST_F(LostEvents, ofWhichTheRecorderHasAPart) {
  records_ = true;
  make_killed();
  damage(log(), half_as_long);
  fs::path last;
  for (const auto& entry : fs::directory_iterator(folder_ / "killed" / "recorder")) {
    if (entry.path().extension() == ".mrec") last = std::max(last, entry.path());
  }
  const std::string whole = read_bytes(last);
  write_file(last, whole.substr(0, whole.size() - 20));
  // What came back stays, in more groups than there were: the rest is missing all the same.
  for (int again = 0; again < 3; ++again) {
    const Status status = open_killed().status();
    EXPECT_EQ(name_of(status.code()), "events_lost");
    EXPECT_THAT(std::string(status.message()),
                HasSubstr("events " + std::to_string(events_) + " to " + std::to_string(events_)));
  }
}

TEST_F(LostEvents, ofAStoreWhoseFirstRecordIsDamaged) {
  Store store = open_store(options("store"));
  apply_all(store, fleet_events({5, 20, 2}, 60), "fleet", 8);
  ASSERT_TRUE(copy_store(folder_ / "store", folder_ / "killed"));
  const std::string whole = read_bytes(log());
  damage(log(), [](const std::string& bytes) { return with_bit_flipped(bytes, 100); });
  EXPECT_EQ(look(), "events_lost");
  const Files before = files_of(folder_ / "killed");
  for (int again = 0; again < 2; ++again) {
    EXPECT_EQ(name_of(open_killed().status().code()), "events_lost");
  }
  EXPECT_EQ(files_of(folder_ / "killed"), before);
  fs::remove(folder_ / "killed" / "data" / "CURRENT");
  for (int again = 0; again < 2; ++again) {
    EXPECT_EQ(name_of(open_killed().status().code()), "corruption");
  }
  fs::remove_all(folder_ / "killed" / "data");
  EXPECT_NE(look(), "");
  EXPECT_EQ(name_of(open_killed().status().code()), "events_lost");
}

TEST_F(LostEvents, noiseBehindTheManifest) {
  make_killed();
  const std::string whole = read_bytes(manifest());
  for (const std::string& noise : {std::string("noise"), std::string(64, '\0'),
                                   std::string("\x11\x22\x33\x44\x40\x00\x01", 7)}) {
    write_file(manifest(), whole + noise);
    EXPECT_EQ(look(), "") << noise.size();
  }
  const std::string name = manifest().filename().string();
  EXPECT_EQ(digest_of_killed(), digest_);
  EXPECT_THAT(notes_, HasSubstr(name + ": 7 bytes behind byte " + std::to_string(whole.size())));
  EXPECT_TRUE(fs::exists(folder_ / "killed" / "data" / (name + ".torn")));
}

TEST_F(LostEvents, nobodyIsToldOfUnsyncedOnes) {
  durability_ = Durability::kBuffered;
  make_killed();
  damage(log(), half_as_long);
  Store store = require(open_killed(), "open");
  EXPECT_EQ(to_text(findings_of(store)), "");
  require_ok(store.close(), "close");
}

TEST_F(LostEvents, aWatermarkThatIsDamagedIsLower) {
  make_killed();
  const fs::path watermark = folder_ / "killed" / "watermark";
  const std::string whole = read_bytes(watermark);
  ASSERT_GT(whole.size(), 96U);
  for (const std::string& bytes :
       {whole + "noise", whole.substr(0, whole.size() - 5), with_bit_flipped(whole, 77),
        with_bit_flipped(whole, 8 * whole.size() - 3), whole.substr(0, 31), std::string()}) {
    write_file(watermark, bytes);
    EXPECT_EQ(look(), "") << bytes.size();
  }
  // The last record is damaged, and so are the log's last events.
  write_file(watermark, with_bit_flipped(whole, 8 * whole.size() - 3));
  damage(log(), half_as_long);
  EXPECT_EQ(look(), "events_lost");
  fs::remove(watermark);
  EXPECT_EQ(look(), "ANOTHER STATE, AND NOT A WORD") << "nothing else knows";
}

TEST_F(LostEvents, aWatermarkOfAnotherStoreSaysNothing) {
  make_killed();
  Store other = open_store(options("other"));
  apply_all(other, fleet_events({6, 40, 2}, 200), "other", 1);
  require_ok(other.close(), "close");
  fs::copy_file(folder_ / "other" / "watermark", folder_ / "killed" / "watermark",
                fs::copy_options::overwrite_existing);
  EXPECT_EQ(look(), "");
}

}  // namespace
}  // namespace muster::test
