// Segments that do not go on where the store ends are refused, and nothing of them is lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/support/files.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr int kEvents = 40;
constexpr Sequence kOlder = 5;

std::uint64_t first_in(const fs::path& segment) {
  return std::stoull(segment.stem().string());
}

class RecorderHistory : public testing::Test {
 protected:
  /// A restored backup of five events, beside the segments of all forty.
  void SetUp() override {
    const StoreOptions options = recording_to(folder_ / "store", 600);
    Store store = open_store(options);
    add_labels(store, 0, kOlder);
    require_ok(store.close(), "close");
    ASSERT_TRUE(copy_store(options.path, path_));
    Store again = open_store(options);
    add_labels(again, kOlder, kEvents - static_cast<int>(kOlder));
    digest_ = digest_of(again);
    require_ok(again.close(), "close");
    fs::copy(options.path / "recorder", path_ / "recorder");
    ASSERT_GT(segments_of(path_).size(), 5U);
  }

  void move_away(const fs::path& segment) { fs::rename(segment, folder_ / segment.filename()); }
  void put_back(const fs::path& segment) { fs::rename(folder_ / segment.filename(), segment); }
  std::map<fs::path, std::string> segments() const {
    std::map<fs::path, std::string> bytes;
    for (const auto& entry : fs::directory_iterator(path_ / "recorder")) {
      bytes[entry.path()] = read_bytes(entry.path());
    }
    return bytes;
  }
  /// Whatever is to be done with events that the store lacks.
  std::string expect_refused(StatusCode code) {
    const auto before = segments();
    std::string message;
    for (const auto choice : {Unacknowledged::kDiscard, Unacknowledged::kApply}) {
      StoreOptions options = recording_to(path_, 600);
      options.recorder->unacknowledged = choice;
      const Status status = Store::open(options).status();
      EXPECT_EQ(name_of(status.code()), name_of(code)) << status.to_string();
      message = status.message();
    }
    EXPECT_TRUE(segments() == before) << "something was cut";
    EXPECT_EQ(require(open_store(read_only(path_)).stats(), "stats").sequence, kOlder);
    return message;
  }
  Sequence expect_opened() {
    Store store = open_store(recording_to(path_, 600));
    EXPECT_EQ(to_text(findings_of(store)), "");
    const Sequence sequence = require(store.stats(), "stats").sequence;
    if (sequence == kEvents) EXPECT_EQ(digest_of(store), digest_);
    require_ok(store.close(), "close");
    return sequence;
  }

  TempDir folder_;
  fs::path path_ = folder_ / "older";
  std::string digest_;
};

TEST_F(RecorderHistory, OneThatGoesOnIsTaken) {
  EXPECT_EQ(expect_opened(), Sequence{kEvents});
}

TEST_F(RecorderHistory, AGapInTheMiddle) {
  const std::vector<fs::path> all = segments_of(path_);
  const std::size_t gone = all.size() - 2;
  move_away(all[gone]);
  EXPECT_THAT(expect_refused(StatusCode::kEventsLost),
              AllOf(HasSubstr("events " + std::to_string(first_in(all[gone])) + " to " +
                              std::to_string(first_in(all[gone + 1]) - 1)),
                    HasSubstr(all[gone + 1].filename().string())));
  put_back(all[gone]);
  EXPECT_EQ(expect_opened(), Sequence{kEvents});
}

TEST_F(RecorderHistory, AGapAtTheBegin) {
  const std::vector<fs::path> all = segments_of(path_);
  std::size_t gone = 0;
  for (; first_in(all[gone]) <= kOlder + 1; ++gone) move_away(all[gone]);
  EXPECT_THAT(expect_refused(StatusCode::kEventsLost),
              HasSubstr("events " + std::to_string(kOlder + 1) + " to " +
                        std::to_string(first_in(all[gone]) - 1)));
}

TEST_F(RecorderHistory, WithoutThoseBehindTheGapItGoesOn) {
  const std::vector<fs::path> all = segments_of(path_);
  for (std::size_t i = all.size() - 2; i < all.size(); ++i) move_away(all[i]);
  EXPECT_EQ(expect_opened(), first_in(all[all.size() - 2]) - 1);
}

/// Cut between two frames, where it is whole in itself, or within one, or rotten: a crash tears the
/// last segment alone, and no other is cut.
TEST_F(RecorderHistory, ASegmentWithoutItsLastFrame) {
  const std::vector<fs::path> all = segments_of(path_);
  const fs::path& last_but_one = all[all.size() - 2];
  const std::string whole = read_bytes(last_but_one);
  const std::size_t frame = whole.rfind("\xF5Mur");
  std::string rotten = whole;
  rotten.back() = static_cast<char>(rotten.back() ^ 1);
  for (const std::string& bytes : {whole.substr(0, frame), whole.substr(0, frame + 20),
                                   whole.substr(0, whole.size() - 1), rotten}) {
    write_file(last_but_one, bytes);
    EXPECT_THAT(expect_refused(StatusCode::kEventsLost),
                HasSubstr(" to " + std::to_string(first_in(all.back()) - 1)));
  }
}

TEST_F(RecorderHistory, NoiseBehindOneThatIsNotTheLast) {
  const std::vector<fs::path> all = segments_of(path_);
  const std::string noisy = read_bytes(all[all.size() - 2]) + "noise";
  write_file(all[all.size() - 2], noisy);
  EXPECT_EQ(expect_opened(), Sequence{kEvents});
  EXPECT_EQ(read_bytes(all[all.size() - 2]), noisy) << "a writer of another time wrote there";
}

TEST_F(RecorderHistory, OneUnderAnothersName) {
  const std::vector<fs::path> all = segments_of(path_);
  move_away(all[1]);
  fs::rename(all[2], all[1]);
  EXPECT_THAT(expect_refused(StatusCode::kCorruption), HasSubstr(all[1].filename().string()));
}

TEST_F(RecorderHistory, OneThatBeginsWithNoHeader) {
  const fs::path last = segments_of(path_).back();
  const std::string whole = read_bytes(last);
  write_file(last, whole.substr(whole.rfind("\xF5Mur")));
  EXPECT_THAT(expect_refused(StatusCode::kCorruption), HasSubstr("no header"));
}

/// Segments have what changed the policy, and not what the store began with.
TEST_F(RecorderHistory, AStoreThatIsMadeAnewIsToldItsPolicy) {
  fs::remove_all(path_ / "data");
  const Status refused = Store::open(recording_to(path_, 600)).status();
  EXPECT_EQ(name_of(refused.code()), "invalid_argument");
  EXPECT_THAT(std::string(refused.message()), HasSubstr("StoreOptions::policy"));
  StoreOptions options = recording_to(path_, 600);
  options.policy.emplace().grace_seconds = 7;
  Store store = open_store(options);
  EXPECT_EQ(require(store.stats(), "stats").sequence, Sequence{kEvents});
  EXPECT_EQ(store.policy().grace_seconds, 7);
  EXPECT_EQ(digest_of(store), digest_);
}

/// A restored copy went on by itself, and its segments stand among those of the first store.
TEST_F(RecorderHistory, TwoHistoriesOfOneStore) {
  const fs::path copy = folder_ / "copy";
  fs::copy(path_, copy, fs::copy_options::recursive);
  fs::remove_all(copy / "recorder");
  Store store = open_store(recording_to(copy));
  add_labels(store, 100, 20);
  require_ok(store.close(), "close");
  for (const fs::path& segment : segments_of(copy)) {
    fs::copy_file(segment, path_ / "recorder" / segment.filename(),
                  fs::copy_options::overwrite_existing);
  }
  EXPECT_THAT(expect_refused(StatusCode::kCorruption), HasSubstr("two histories"));
}

}  // namespace
}  // namespace muster::test
