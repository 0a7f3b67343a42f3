#include "muster/scrub.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/metadata.h>
#include <rocksdb/rate_limiter.h>
#include <rocksdb/sst_file_reader.h>

#include <algorithm>
#include <filesystem>

#include "muster/recording.h"
#include "store/check.h"
#include "store/engine.h"
#include "store/log_files.h"
#include "store/recorder.h"

namespace muster::store {
namespace {

namespace fs = std::filesystem;

/// A writer may be in the middle of a record at each of them.
constexpr int kLooks = 3;
/// Between two requests to the limiter, and between two calls of the caller's.
constexpr std::uint64_t kBytesAtOnce = 256U << 10;
constexpr std::int64_t kRefillMicros = 100'000;

class Scrub {
 public:
  using Visit = std::function<bool(const Finding&)>;
  using GoOn = std::function<bool(const ScrubProgress&)>;

  Scrub(const ScrubOptions& options, const Visit& visit, const GoOn& go_on)
      : visit_(visit), go_on_(go_on) {
    if (options.bytes_per_second == 0) return;
    const auto rate = static_cast<std::int64_t>(
        std::min<std::uint64_t>(options.bytes_per_second, std::uint64_t{1} << 40));
    limiter_.reset(rocksdb::NewGenericRateLimiter(rate, kRefillMicros, 10,
                                                  rocksdb::RateLimiter::Mode::kReadsOnly));
  }

  void read_tables(const Database& database);
  Status read_logs(Database& database, bool writer);
  Status read_segments(rocksdb::Env& env, const fs::path& recorder);
  Status check_records(const View& view);

  bool stopped() const { return stopped_; }
  ScrubReport report() const {
    ScrubReport report = report_;
    report.complete = !stopped_;
    return report;
  }

 private:
  void read_table(const Database& database, const rocksdb::LiveFileMetaData& table);
  std::optional<std::string> fault_of_table(rocksdb::Env& env, const fs::path& path);
  Status read_segment(const fs::path& segment);
  void find(std::string family, std::string key, std::string what);
  void count_file(std::uint64_t bytes);
  bool took(std::uint64_t bytes);
  void wait_for(std::uint64_t bytes);

  const Visit& visit_;
  const GoOn& go_on_;
  std::shared_ptr<rocksdb::RateLimiter> limiter_;  ///< null: no limit
  ScrubReport report_;
  ScrubProgress progress_;
  std::uint64_t raw_bytes_ = 0;  ///< of the records in tables
  std::uint64_t not_waited_ = 0;
  bool stopped_ = false;
};

void Scrub::find(std::string family, std::string key, std::string what) {
  if (stopped_) return;
  ++report_.findings;
  stopped_ = !visit_({std::move(family), std::move(key), std::move(what)});
}

void Scrub::count_file(std::uint64_t bytes) {
  wait_for(bytes);
  ++report_.files;
  report_.file_bytes += bytes;
  progress_.bytes_read += bytes;
  progress_.bytes_total = std::max(progress_.bytes_total, progress_.bytes_read);
  if (go_on_ && !go_on_(progress_)) stopped_ = true;
}

void Scrub::wait_for(std::uint64_t bytes) {
  while (limiter_ != nullptr && bytes > 0) {
    const auto some =
        std::min<std::int64_t>(static_cast<std::int64_t>(bytes), limiter_->GetSingleBurstBytes());
    limiter_->Request(some, rocksdb::Env::IO_USER, nullptr, rocksdb::RateLimiter::OpType::kRead);
    bytes -= static_cast<std::uint64_t>(some);
  }
}

bool Scrub::took(std::uint64_t bytes) {
  ++report_.records;
  progress_.bytes_read += bytes;
  not_waited_ += bytes;
  if (not_waited_ < kBytesAtOnce) return true;
  wait_for(not_waited_);
  not_waited_ = 0;
  progress_.bytes_total = std::max(progress_.bytes_total, progress_.bytes_read);
  return !go_on_ || go_on_(progress_);
}

void Scrub::read_tables(const Database& database) {
  std::vector<rocksdb::LiveFileMetaData> tables;
  database.engine().GetLiveFilesMetaData(&tables);
  // The records come behind them; how many bytes they have is known then.
  for (const auto& table : tables) progress_.bytes_total += 2 * table.size;
  for (const auto& table : tables) {
    if (stopped_) return;
    read_table(database, table);
  }
  progress_.bytes_total = progress_.bytes_read + raw_bytes_;
}

void Scrub::read_table(const Database& database, const rocksdb::LiveFileMetaData& table) {
  const std::optional<std::string> fault =
      fault_of_table(*database.env(), table.db_path + table.name);
  count_file(table.size);
  if (!fault) return;
  // A compaction may have deleted it meanwhile.
  std::vector<rocksdb::LiveFileMetaData> now;
  database.engine().GetLiveFilesMetaData(&now);
  const bool lives = std::any_of(now.begin(), now.end(), [&](const auto& other) {
    return other.name == table.name && other.db_path == table.db_path;
  });
  if (lives) find(table.column_family_name, table.name.substr(1), *fault);
}

std::optional<std::string> Scrub::fault_of_table(rocksdb::Env& env, const fs::path& path) {
  // What the system has of the file in memory says nothing about the disk.
  std::unique_ptr<rocksdb::RandomAccessFile> file;
  if (env.NewRandomAccessFile(path.string(), &file, rocksdb::EnvOptions()).ok()) {
    file->InvalidateCache(0, 0).PermitUncheckedError();
  }
  rocksdb::Options options;
  options.env = &env;
  rocksdb::SstFileReader reader(options);
  rocksdb::Status read = reader.Open(path.string());
  if (read.ok()) read = reader.VerifyChecksum();
  if (!read.ok() && env.FileExists(path.string()).IsNotFound()) {
    return "it is missing; a writer in another process may just have deleted it: scrub again";
  }
  if (!read.ok()) return read.ToString();
  const auto properties = reader.GetTableProperties();
  raw_bytes_ += properties->raw_key_size + properties->raw_value_size;
  return std::nullopt;
}

/// A record that a writer is about to finish is no damage: what is still there behind a sync, which
/// waits for it, is. Logs are looked at by their writer alone: to others a crash's trace is none.
Status Scrub::read_logs(Database& database, bool writer) {
  std::vector<TornLog> torn;
  for (int look = 0; look < kLooks; ++look) {
    std::vector<TornLog> now;
    auto manifest = find_torn_manifest(*database.env(), database.path());
    if (!manifest.ok()) return manifest.status();
    if (*manifest) now.push_back(**std::move(manifest));
    if (writer) {
      auto logs = find_torn_logs(*database.env(), database.path());
      if (!logs.ok() && logs.status().code() != StatusCode::kNotFound) return logs.status();
      if (logs.ok()) now.insert(now.end(), logs->begin(), logs->end());
    }
    if (look > 0) {
      std::erase_if(now, [&](const TornLog& log) {
        return std::none_of(torn.begin(), torn.end(), [&](const TornLog& before) {
          return before.path == log.path && before.whole_bytes == log.whole_bytes;
        });
      });
    }
    torn = std::move(now);
    if (torn.empty()) break;
    if (!writer) continue;
    if (Status synced = database.sync(); !synced.ok()) return synced;
  }
  for (const TornLog& log : torn) find("logs", log.path.filename().string(), log.to_string());
  count_file(0);
  return {};
}

Status Scrub::read_segments(rocksdb::Env& env, const fs::path& recorder) {
  const Result<std::vector<fs::path>> segments = Recorder::segments_in(env, recorder);
  if (!segments.ok()) return segments.status();
  // The last one is being written.
  for (std::size_t i = 0; i + 1 < segments->size() && !stopped_; ++i) {
    if (Status status = read_segment((*segments)[i]); !status.ok()) return status;
  }
  return {};
}

Status Scrub::read_segment(const fs::path& segment) {
  Result<RecordingReader> reader = RecordingReader::open(segment);
  Status status = reader.status();
  while (status.ok()) {
    const Result<RecordedEvent*> event = reader->next();
    status = event.status();
    if (status.ok() && *event == nullptr) break;
  }
  // The store drops old segments.
  if (status.code() == StatusCode::kNotFound) return {};
  if (status.code() == StatusCode::kIoError) return status;
  if (!status.ok()) find("recorder", segment.filename().string(), std::string(status.message()));
  const std::uint64_t bytes = reader.ok() ? reader->bytes_total() : 0;
  count_file(bytes);
  return {};
}

Status Scrub::check_records(const View& view) {
  const auto note = [this](const Finding& finding) {
    find(finding.family, finding.key, finding.what);
    return !stopped_;
  };
  const auto walked = [this](std::uint64_t bytes) {
    stopped_ = !took(bytes) || stopped_;
    return !stopped_;
  };
  return check(view, {note, {}, walked}).status();
}

}  // namespace

Result<ScrubReport> Engine::scrub(const ScrubOptions& options,
                                  const std::function<bool(const Finding&)>& visit,
                                  const std::function<bool(const ScrubProgress&)>& go_on) {
  Scrub scrub(options, visit, go_on);
  std::shared_ptr<Database> database;
  {
    const std::lock_guard lock(state_mutex_);
    if (closed_) return Status(StatusCode::kClosed, "the store is closed");
    database = database_;
  }
  scrub.read_tables(*database);
  Status status;
  if (!scrub.stopped()) status = scrub.read_logs(*database, !options_.read_only);
  if (status.ok() && !scrub.stopped()) {
    const fs::path own = database->path().parent_path() / "recorder";
    status = scrub.read_segments(*database->env(),
                                 options_.recorder ? options_.recorder->directory : own);
  }
  if (!status.ok() || scrub.stopped())
    return status.ok() ? scrub.report() : Result<ScrubReport>(status);
  // Only now: a view that lives keeps what is deleted meanwhile on the disk.
  const Result<View> seen = view();
  if (!seen.ok()) return seen.status();
  if (status = scrub.check_records(*seen); !status.ok()) return status;
  return scrub.report();
}

}  // namespace muster::store
