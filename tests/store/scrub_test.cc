// A scrub reads what nobody else reads, and names what is damaged there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/metadata.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "codec/recording_frame.h"
#include "muster/backup.h"
#include "muster/scrub.h"
#include "store/database.h"
#include "store/store_directory.h"
#include "tests/support/files.h"
#include "tests/support/fleet.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr ScrubOptions kUnbounded{0};
/// Of a table: has bytes that nothing reads.
constexpr std::size_t kFooterBytes = 53;

struct Scrubbed {
  ScrubReport report;
  std::vector<Finding> findings;
};

Scrubbed scrub(const Store& store) {
  Scrubbed scrubbed;
  const auto note = [&](const Finding& finding) {
    scrubbed.findings.push_back(finding);
    return true;
  };
  scrubbed.report = require(store.scrub(kUnbounded, note), "scrub");
  return scrubbed;
}

void flip_bit(const fs::path& file, std::size_t at) {
  std::string bytes = read_bytes(file);
  bytes.at(at) = static_cast<char>(bytes.at(at) ^ 16);
  write_file(file, bytes);
}

class Scrubs : public testing::Test {
 protected:
  /// A store with tables and a log.
  void make() {
    const std::vector<Event> events = fleet_events({17, 120, 3}, 900);
    const std::size_t half = events.size() / 2;
    {
      Store store = open_store(options());
      apply(store, std::span(events).first(half), "fleet", 1);
      require(store.backup(folder_ / "backups"), "backup");  // flushes
      require_ok(store.close(), "close");
    }
    store_.emplace(open_store(options()));
    apply(*store_, std::span(events).subspan(half), "fleet", half + 1);
  }
  /// A store with many segments, each of several frames.
  void make_segments() {
    store_.emplace(open_store(options()));
    apply_all(*store_, fleet_events({17, 120, 3}, 900), "fleet", 8);
  }
  StoreOptions options() const {
    StoreOptions options = buffered(folder_ / "store");
    options.recorder.emplace();
    options.recorder->segment_bytes = 4'096;
    return options;
  }
  std::vector<fs::path> files(const std::string& folder, const std::string& end) const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(folder_ / "store" / folder)) {
      if (entry.path().filename().string().ends_with(end)) found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    EXPECT_FALSE(found.empty()) << folder << end;
    return found;
  }

  /// The live ones, once no compaction is under way; what was compacted away may still stand there.
  std::vector<fs::path> tables() const {
    std::vector<fs::path> last;
    int alike = 0;
    for (int tries = 0; tries < 2'000 && alike < 10; ++tries) {
      std::vector<fs::path> now = tables_now();
      alike = !now.empty() && now == last ? alike + 1 : 0;
      last = std::move(now);
    }
    EXPECT_EQ(alike, 10) << "compactions do not end";
    return last;
  }
  std::vector<fs::path> tables_now() const {
    store::DatabaseOptions options;
    options.path = store::data_path(folder_ / "store");
    options.read_only = true;
    const auto database = store::Database::open(options);
    std::vector<fs::path> found;
    if (!database.ok()) return found;
    std::vector<rocksdb::LiveFileMetaData> live;
    (*database)->engine().GetLiveFilesMetaData(&live);
    for (const auto& table : live) found.push_back(options.path / table.name.substr(1));
    return found;
  }

  fs::path manifest() const {
    fs::path found;
    for (const fs::path& file : files("data", "")) {
      if (!file.filename().string().starts_with("MANIFEST-")) continue;
      EXPECT_TRUE(found.empty());
      found = file;
    }
    return found;
  }

  TempDir folder_;
  std::optional<Store> store_;
};

TEST_F(Scrubs, findNothingInASoundStore) {
  make();
  const Scrubbed scrubbed = scrub(*store_);
  EXPECT_EQ(to_text(scrubbed.findings), "");
  EXPECT_TRUE(scrubbed.report.complete);
  EXPECT_EQ(scrubbed.report.findings, 0U);
  const StoreStats stats = require(store_->stats(), "stats");
  EXPECT_GT(scrubbed.report.records, stats.hosts + stats.commands);
  EXPECT_GT(scrubbed.report.files, tables().size());
}

/// Flushes, compactions, logs and segments that go: nothing of that is damage, neither to the
/// writer's scrub nor to a reader's beside it.
TEST_F(Scrubs, workBesideWriters) {
  StoreOptions options = this->options();
  options.recorder->keep_bytes = 64 << 10;
  store::Tuning tuning;
  tuning.write_buffer_bytes = 512 << 10;
  tuning.fold_bytes_min = 1 << 10;
  Store store = open_store(options, tuning);
  const std::vector<Event> events = fleet_events({18, 200, 3}, 4'000);
  std::atomic<bool> done = false;
  std::jthread writer([&] {
    for (std::size_t at = 0; at < events.size(); at += 16) {
      apply(store, std::span(events).subspan(at, std::min<std::size_t>(16, events.size() - at)),
            "fleet", at + 1);
    }
    done = true;
  });
  int scrubs = 0;
  for (; !done; ++scrubs) {
    EXPECT_EQ(to_text(scrub(store).findings), "");
    StoreOptions look = options;
    look.read_only = true;
    const Result<Store> reader = Store::open(look);
    ASSERT_TRUE(reader.ok()) << reader.status().to_string();
    EXPECT_EQ(to_text(scrub(*reader).findings), "");
  }
  EXPECT_GT(scrubs, 0);
}

/// Reads go on from the cache meanwhile; the disk says something else.
TEST_F(Scrubs, nameDamagedTables) {
  make();
  for (const fs::path& table : tables()) {
    const std::string whole = read_bytes(table);
    const std::size_t checked = whole.size() - kFooterBytes;
    for (std::size_t at = 0; at < checked; at += 1 + checked / 6) {
      flip_bit(table, at);
      const Scrubbed scrubbed = scrub(*store_);
      write_file(table, whole);
      ASSERT_FALSE(scrubbed.findings.empty()) << table << " at " << at << " of " << whole.size();
      EXPECT_EQ(scrubbed.findings.front().key, table.filename());
    }
  }
  EXPECT_EQ(to_text(scrub(*store_).findings), "");
}

/// Nothing is in a cache: what an open does not need is found by the scrub, with the file's name.
TEST_F(Scrubs, nameTablesThatNobodyHasRead) {
  make();
  require_ok(store_->close(), "close");
  std::size_t scrubbed = 0;
  for (const fs::path& table : tables()) {
    flip_bit(table, 10);
    StoreOptions look = options();
    look.read_only = true;
    if (const Result<Store> store = Store::open(look); store.ok()) {
      ++scrubbed;
      const std::vector<Finding> findings = scrub(*store).findings;
      EXPECT_FALSE(findings.empty()) << table;
      EXPECT_EQ(findings.empty() ? std::string() : findings.front().key, table.filename());
    } else {
      EXPECT_EQ(store.status().code(), StatusCode::kCorruption) << store.status().to_string();
    }
    flip_bit(table, 10);
  }
  EXPECT_GT(scrubbed, 1U);
}

TEST_F(Scrubs, nameDamagedLogs) {
  make();
  std::size_t logs = 0;
  for (const fs::path& log : files("data", ".log")) {
    if (fs::file_size(log) < 100) continue;
    ++logs;
    flip_bit(log, 50);
    const Scrubbed scrubbed = scrub(*store_);
    flip_bit(log, 50);
    ASSERT_EQ(scrubbed.findings.size(), 1U) << log;
    EXPECT_EQ(scrubbed.findings[0].family, "logs");
    EXPECT_EQ(scrubbed.findings[0].key, log.filename());
    EXPECT_THAT(scrubbed.findings[0].what, HasSubstr("are no records"));
  }
  EXPECT_GT(logs, 0U);
  flip_bit(manifest(), 20);
  EXPECT_THAT(to_text(scrub(*store_).findings), HasSubstr("MANIFEST-"));
  flip_bit(manifest(), 20);
  EXPECT_EQ(to_text(scrub(*store_).findings), "");
}

/// A reader passes over it when it opens, and says so.
/// Each record of it is whole.
TEST_F(Scrubs, nameALogThatLostItsBegin) {
  store_.emplace(open_store(options()));
  apply_all(*store_, fleet_events({5, 5, 2}, 10), "fleet", 1);
  const std::vector<fs::path> logs = files("data", ".log");
  ASSERT_EQ(logs.size(), 1U);
  const std::string whole = read_bytes(logs.front());
  ASSERT_LT(whole.size(), 32'768U) << "one block";
  const std::size_t first =
      7 + static_cast<unsigned char>(whole[4]) + 256U * static_cast<unsigned char>(whole[5]);
  write_file(logs.front(), whole.substr(first));
  const Scrubbed scrubbed = scrub(*store_);
  ASSERT_EQ(scrubbed.findings.size(), 1U) << to_text(scrubbed.findings);
  EXPECT_EQ(scrubbed.findings.front().key, logs.front().filename());
  EXPECT_THAT(scrubbed.findings.front().what, HasSubstr("byte 0 is missing"));
}

TEST_F(Scrubs, nameNoiseBehindTheManifest) {
  make();
  require_ok(store_->close(), "close");
  write_file(manifest(), read_bytes(manifest()) + std::string(64, 'x'));
  StoreOptions look = options();
  look.read_only = true;
  const Scrubbed scrubbed = scrub(open_store(look));
  ASSERT_EQ(scrubbed.findings.size(), 1U) << to_text(scrubbed.findings);
  EXPECT_EQ(scrubbed.findings[0].key, manifest().filename());
}

TEST_F(Scrubs, nameDamagedSegments) {
  make();
  const std::vector<fs::path> segments = files("recorder", ".mrec");
  ASSERT_GT(segments.size(), 1U);
  flip_bit(segments[0], fs::file_size(segments[0]) / 2);
  const Scrubbed scrubbed = scrub(*store_);
  ASSERT_EQ(scrubbed.findings.size(), 1U);
  EXPECT_EQ(scrubbed.findings[0].family, "recorder");
  EXPECT_EQ(scrubbed.findings[0].key, segments[0].filename());
  EXPECT_EQ(require(store_->scrub(kUnbounded, {}), "scrub").findings, 1U) << "nobody listens";
}

TEST_F(Scrubs, nameADamagedLastSegment) {
  make();
  const fs::path last = files("recorder", ".mrec").back();
  const std::string whole = read_bytes(last);
  const auto expect_named = [&](const Store& store, const std::string& what) {
    const std::vector<Finding> findings = scrub(store).findings;
    ASSERT_EQ(findings.size(), 1U) << to_text(findings);
    EXPECT_EQ(findings[0].key, last.filename());
    EXPECT_THAT(findings[0].what, HasSubstr(what));
  };
  flip_bit(last, 5);
  expect_named(*store_, "damaged at byte 0, before frames");
  write_file(last, whole);
  StoreOptions look = options();
  look.read_only = true;
  const Store reader = open_store(look);
  flip_bit(last, whole.size() - 3);
  expect_named(*store_, "what stands there is no frame");
  expect_named(reader, "what stands there is no frame");
  // A crash may have cut it, if there is no writer.
  write_file(last, whole.substr(0, whole.size() - 3));
  expect_named(*store_, "what stands there is no frame");
  EXPECT_EQ(to_text(scrub(reader).findings), "");
  write_file(last, whole);
  EXPECT_EQ(to_text(scrub(*store_).findings), "");
}

/// Each file is whole in itself.
TEST_F(Scrubs, nameSegmentsThatAreNotWhatTheirNamesSay) {
  make_segments();
  const std::vector<fs::path> segments = files("recorder", ".mrec");
  ASSERT_GT(segments.size(), 4U);
  const std::size_t last = segments.size() - 1;
  const auto swap = [&](std::size_t one, std::size_t other) {
    fs::rename(segments[one], folder_ / "aside");
    fs::rename(segments[other], segments[one]);
    fs::rename(folder_ / "aside", segments[other]);
  };
  const auto expect_named = [&](const std::vector<std::size_t>& named, const std::string& what) {
    const std::vector<Finding> findings = scrub(*store_).findings;
    ASSERT_EQ(findings.size(), named.size()) << to_text(findings);
    for (std::size_t i = 0; i < named.size(); ++i) {
      EXPECT_EQ(findings[i].family, "recorder");
      EXPECT_EQ(findings[i].key, segments[named[i]].filename());
      EXPECT_THAT(findings[i].what, HasSubstr(what));
    }
  };
  fs::rename(segments[2], folder_ / "gone");
  expect_named({2}, segments[1].filename().string());
  fs::rename(folder_ / "gone", segments[2]);
  swap(1, 2);
  expect_named({1, 2}, "begins with event");
  swap(1, 2);
  swap(2, last);
  expect_named({2, last}, "begins with event");
  swap(2, last);
  const std::string whole = read_bytes(segments[2]);
  write_file(segments[2], read_bytes(segments[0]));
  expect_named({2}, "begins with event");
  write_file(segments[2], whole);
  EXPECT_EQ(to_text(scrub(*store_).findings), "");
}

/// As it was before its last frames were written.
TEST_F(Scrubs, nameOlderSegments) {
  make_segments();
  const std::vector<fs::path> segments = files("recorder", ".mrec");
  ASSERT_GT(segments.size(), 3U);
  const std::string whole = read_bytes(segments[1]);
  std::size_t frames = 0;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < whole.size(); ++frames) {
    begin = at;
    at += codec::look_at_frame(std::string_view(whole).substr(at), 1U << 24).bytes;
  }
  ASSERT_GT(frames, 2U) << "a header, and events in two";
  write_file(segments[1], whole.substr(0, begin));
  const std::vector<Finding> findings = scrub(*store_).findings;
  ASSERT_EQ(findings.size(), 1U) << to_text(findings);
  EXPECT_THAT(findings[0].what, HasSubstr(segments[1].filename().string()));
  EXPECT_THAT(findings[0].what, HasSubstr(segments[2].filename().string()));
}

TEST_F(Scrubs, nameMissingTables) {
  make();
  const fs::path table = tables().front();
  fs::rename(table, folder_ / "away");
  const Scrubbed scrubbed = scrub(*store_);
  fs::rename(folder_ / "away", table);
  ASSERT_FALSE(scrubbed.findings.empty());
  EXPECT_EQ(scrubbed.findings[0].key, table.filename());
}

TEST_F(Scrubs, endWhereTheyAreTold) {
  make();
  const auto all = [](const Finding&) { return true; };
  std::uint64_t last = 0;
  const auto not_on = [&](const ScrubProgress& progress) {
    last = progress.bytes_read;
    return false;
  };
  const ScrubReport stopped = require(store_->scrub(kUnbounded, all, not_on), "scrub");
  EXPECT_FALSE(stopped.complete);
  EXPECT_GT(last, 0U);
  EXPECT_EQ(stopped.files, 1U);
  for (const fs::path& table : tables()) flip_bit(table, 10);
  const auto one = [](const Finding&) { return false; };
  const ScrubReport first = require(store_->scrub(kUnbounded, one), "scrub");
  EXPECT_FALSE(first.complete);
  EXPECT_EQ(first.findings, 1U);
}

TEST_F(Scrubs, readNoFasterThanTheyAreTold) {
  make();
  const auto all = [](const Finding&) { return true; };
  std::uint64_t bytes = 0;
  const auto note = [&](const ScrubProgress& progress) {
    bytes = progress.bytes_read;
    return true;
  };
  require(store_->scrub(kUnbounded, all, note), "scrub");
  const auto began = std::chrono::steady_clock::now();
  require(store_->scrub({bytes}, all), "scrub");
  // The first tenth of a second's bytes come at once.
  EXPECT_GT(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(500));
}

/// At the lowest rate: it would take minutes.
TEST_F(Scrubs, endWhenTheStoreIsClosed) {
  make();
  const auto all = [](const Finding&) { return true; };
  std::atomic<bool> begun = false;
  const auto go_on = [&](const ScrubProgress&) { return begun = true; };
  StatusCode code = StatusCode::kOk;
  std::jthread scrubbing([&] { code = store_->scrub({1}, all, go_on).status().code(); });
  while (!begun) std::this_thread::yield();
  require_ok(store_->close(), "close");
  scrubbing.join();
  EXPECT_EQ(code, StatusCode::kClosed);
  EXPECT_EQ(store_->scrub(kUnbounded, all).status().code(), StatusCode::kClosed);
}

}  // namespace
}  // namespace muster::test
