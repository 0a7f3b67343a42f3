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
#include "store/io_status.h"
#include "store/log_files.h"
#include "store/log_walk.h"
#include "store/private_files.h"
#include "store/recorder.h"

namespace muster::store {
namespace {

namespace fs = std::filesystem;
using LiveTables = std::vector<rocksdb::LiveFileMetaData>;

/// A writer may be in the middle of a record at each of them.
constexpr int kLooks = 5;
constexpr int kMicrosBetweenLooks = 100'000;
/// Between two requests to the limiter, and between two calls of the caller's.
constexpr std::uint64_t kBytesAtOnce = 256U << 10;
constexpr std::int64_t kRefillMicros = 100'000;
constexpr std::uint64_t kRateMin = 64U << 10;
constexpr std::uint64_t kRateMax = 1ULL << 40;

std::uint64_t bytes_of(rocksdb::Env& env, const fs::path& path) {
  std::uint64_t bytes = 0;
  return env.GetFileSize(path.string(), &bytes).ok() ? bytes : 0;
}

/// The numbers of a segment's first and last events, as far as it was read; 0: of none.
struct SegmentEvents {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

class Scrub {
 public:
  struct Calls {
    const std::function<bool(const Finding&)>& visit;
    const std::function<bool(const ScrubProgress&)>& go_on;
    std::function<bool()> is_open;
  };

  Scrub(std::uint64_t bytes_per_second, Calls calls) : calls_(std::move(calls)) {
    if (bytes_per_second == 0) return;
    const auto rate = std::clamp(bytes_per_second, kRateMin, kRateMax);
    limiter_.reset(rocksdb::NewGenericRateLimiter(static_cast<std::int64_t>(rate), kRefillMicros,
                                                  10, rocksdb::RateLimiter::Mode::kReadsOnly));
  }

  void read_tables(const Database& database, bool writer);
  void read_logs(rocksdb::Env& env, const Database& database, bool writer);
  void read_segments(rocksdb::Env& env, const fs::path& recorder, bool writer);
  void check_records(const View& view);

  ScrubReport report() const {
    ScrubReport report = report_;
    report.complete = !stopped_;
    return report;
  }

 private:
  void read_table(const Database& database, const rocksdb::LiveFileMetaData& table, bool writer);
  std::optional<std::string> fault_of_table(rocksdb::Env& env, const fs::path& path);
  std::vector<TornLog> torn_logs(rocksdb::Env& env, const Database& database, bool writer);
  void compare_with_next(rocksdb::Env& env, const fs::path& segment, const SegmentEvents& events,
                         const fs::path& next);
  void find(std::string family, std::string key, std::string what);
  void count_file(std::uint64_t bytes);
  bool took(std::uint64_t bytes, bool at_once = false);

  const Calls calls_;
  std::unique_ptr<rocksdb::RateLimiter> limiter_;  ///< null: no limit
  ScrubReport report_;
  ScrubProgress progress_;
  std::uint64_t raw_bytes_ = 0;  ///< of the records in tables
  std::uint64_t not_waited_ = 0;
  bool stopped_ = false;
};

void Scrub::find(std::string family, std::string key, std::string what) {
  if (stopped_) return;
  ++report_.findings;
  if (!calls_.visit) return;
  stopped_ = !calls_.visit({std::move(family), std::move(key), std::move(what)});
}

void Scrub::count_file(std::uint64_t bytes) {
  ++report_.files;
  report_.file_bytes += bytes;
  took(bytes, true);
}

/// Waits until so much may have been read. False: no more.
bool Scrub::took(std::uint64_t bytes, bool at_once) {
  progress_.bytes_read += bytes;
  not_waited_ += bytes;
  if (not_waited_ < kBytesAtOnce && !at_once) return !stopped_;
  for (std::uint64_t left = limiter_ == nullptr ? 0 : not_waited_; left > 0 && calls_.is_open();) {
    const auto some = std::min(left, static_cast<std::uint64_t>(limiter_->GetSingleBurstBytes()));
    limiter_->Request(static_cast<std::int64_t>(some), rocksdb::Env::IO_USER, nullptr,
                      rocksdb::RateLimiter::OpType::kRead);
    left -= some;
  }
  not_waited_ = 0;
  progress_.bytes_total = std::max(progress_.bytes_total, progress_.bytes_read);
  if (!calls_.is_open() || (calls_.go_on && !calls_.go_on(progress_))) stopped_ = true;
  return !stopped_;
}

void Scrub::read_tables(const Database& database, bool writer) {
  LiveTables tables;
  database.engine().GetLiveFilesMetaData(&tables);
  // The records come behind them; how many bytes they have is known then.
  for (const auto& table : tables) progress_.bytes_total += 2 * table.size;
  for (const auto& table : tables) {
    if (stopped_) return;
    read_table(database, table, writer);
  }
  progress_.bytes_total = progress_.bytes_read + raw_bytes_;
}

/// Whether a compaction deleted the table meanwhile. A reader had it open: one that is not there
/// any more was deleted, and its writer knows whether it should be.
bool is_replaced(const Database& database, const rocksdb::LiveFileMetaData& table, bool writer) {
  if (!writer) return database.env()->FileExists(table.db_path + table.name).IsNotFound();
  LiveTables now;
  database.engine().GetLiveFilesMetaData(&now);
  return std::none_of(now.begin(), now.end(), [&](const auto& other) {
    return other.name == table.name && other.db_path == table.db_path;
  });
}

void Scrub::read_table(const Database& database, const rocksdb::LiveFileMetaData& table,
                       bool writer) {
  const std::optional<std::string> fault =
      fault_of_table(*database.env(), table.db_path + table.name);
  count_file(table.size);
  if (!fault || is_replaced(database, table, writer)) return;
  find(table.column_family_name, table.name.substr(1), *fault);
}

std::optional<std::string> Scrub::fault_of_table(rocksdb::Env& env, const fs::path& path) {
  forget_cached(env, path);
  rocksdb::Options options;
  options.env = &env;
  rocksdb::SstFileReader reader(options);
  rocksdb::Status read = reader.Open(path.string());
  if (read.ok()) read = reader.VerifyChecksum();
  if (!read.ok()) return read.ToString();
  const auto properties = reader.GetTableProperties();
  raw_bytes_ += properties->raw_key_size + properties->raw_value_size;
  return std::nullopt;
}

/// Files whose end is no record. Logs are looked at by their writer alone: a crash's trace in them
/// is no damage, and openings tell the two apart.
std::vector<TornLog> Scrub::torn_logs(rocksdb::Env& env, const Database& database, bool writer) {
  std::vector<TornLog> torn;
  auto manifest = find_torn_manifest(env, database.path());
  if (!manifest.ok()) find("logs", "MANIFEST", std::string(manifest.status().message()));
  if (manifest.ok() && *manifest) torn.push_back(**std::move(manifest));
  if (!writer) return torn;
  auto logs = walk_logs(env, database.path());
  // Busy: the writer flushed all the while.
  const bool outrun = logs.status().code() == StatusCode::kBusy;
  if (!logs.ok() && !outrun) find("logs", "*.log", std::string(logs.status().message()));
  if (logs.ok()) torn.insert(torn.end(), logs->torn.begin(), logs->torn.end());
  return torn;
}

/// A record that is being written is no damage: it grows or ends while it is looked at again.
void Scrub::read_logs(rocksdb::Env& env, const Database& database, bool writer) {
  const Result<std::vector<std::string>> names = names_in(env, database.path());
  if (!names.ok()) return find("logs", "data", std::string(names.status().message()));
  for (const std::string& name : *names) {
    const bool log = writer && name.ends_with(".log");
    if (stopped_ || (!log && !name.starts_with("MANIFEST-"))) continue;
    forget_cached(env, database.path() / name);
    count_file(bytes_of(env, database.path() / name));
  }
  if (stopped_) return;
  std::vector<TornLog> torn = torn_logs(env, database, writer);
  for (int look = 1; look < kLooks && !torn.empty() && !stopped_; ++look) {
    env.SleepForMicroseconds(kMicrosBetweenLooks);
    const std::vector<TornLog> now = torn_logs(env, database, writer);
    std::erase_if(torn, [&](const TornLog& before) {
      return std::none_of(now.begin(), now.end(), [&](const TornLog& log) {
        return before.path == log.path && before.whole_bytes == log.whole_bytes &&
               before.file_bytes == log.file_bytes;
      });
    });
  }
  for (const TornLog& log : torn) find("logs", log.path.filename().string(), log.to_string());
}

Status read_segment(const fs::path& segment, SegmentEvents& events, bool begin_alone) {
  Result<RecordingReader> reader = RecordingReader::open(segment);
  while (reader.ok()) {
    const Result<RecordedEvent*> event = reader->next();
    if (!event.ok() || *event == nullptr) return event.status();
    events.last = (*event)->number;
    if (events.first == 0) events.first = events.last;
    if (begin_alone) return {};
  }
  return reader.status();
}

/// A frame that is being written grows or ends while it is looked at again. One that a crash has
/// cut is no damage until a writer has opened the store: that one cuts it off.
Status fault_of_last(rocksdb::Env& env, const fs::path& segment, bool writer) {
  std::optional<Recorder::Damage> before;
  for (int look = 0; look < kLooks; ++look) {
    if (look > 0) env.SleepForMicroseconds(kMicrosBetweenLooks);
    const auto damage = Recorder::find_damage(env, segment);
    if (!damage.ok() && env.FileExists(segment.string()).IsNotFound()) {
      return {StatusCode::kNotFound, segment.string() + " is gone"};
    }
    if (!damage.ok() || !*damage) return damage.status();
    const std::string where = "damaged at byte " + std::to_string((*damage)->at);
    if ((*damage)->is_followed) {
      return {StatusCode::kCorruption, where + ", before frames that are whole"};
    }
    if ((*damage)->is_cut && !writer) return {};
    if (look > 0 && before != *damage) return {};
    before = *damage;
  }
  return {StatusCode::kCorruption,
          "damaged at byte " + std::to_string(before->at) + ": what stands there is no frame"};
}

void Scrub::read_segments(rocksdb::Env& env, const fs::path& recorder, bool writer) {
  const Result<std::vector<fs::path>> segments = Recorder::segments_in(env, recorder);
  if (!segments.ok()) {
    return find("recorder", recorder.string(), std::string(segments.status().message()));
  }
  for (std::size_t i = 0; i < segments->size() && !stopped_; ++i) {
    const fs::path& segment = (*segments)[i];
    const bool grows = i + 1 == segments->size();
    forget_cached(env, segment);
    const std::uint64_t bytes = bytes_of(env, segment);
    SegmentEvents events;
    Status whole = read_segment(segment, events, grows);
    if (grows) whole = fault_of_last(env, segment, writer);
    count_file(bytes);
    const std::string name = segment.filename().string();
    if (const std::uint64_t named = *Recorder::first_event_of(name);
        events.first != 0 && events.first != named) {
      find("recorder", name,
           "it begins with event " + std::to_string(events.first) +
               ": it is not the file that was written there");
      continue;
    }
    // The store drops old segments.
    const bool dropped = whole.code() == StatusCode::kNotFound;
    if (!whole.ok() && !dropped) find("recorder", name, std::string(whole.message()));
    if (whole.ok() && !grows) compare_with_next(env, segment, events, (*segments)[i + 1]);
  }
}

/// A segment's name says with which event it begins.
void Scrub::compare_with_next(rocksdb::Env& env, const fs::path& segment,
                              const SegmentEvents& events, const fs::path& next) {
  const std::string name = segment.filename().string();
  const std::string next_name = next.filename().string();
  const std::uint64_t expected =
      events.first == 0 ? *Recorder::first_event_of(name) : events.last + 1;
  const std::uint64_t found = *Recorder::first_event_of(next_name);
  if (found == expected) return;
  const std::string missing = Recorder::segment_name(expected);
  if (found < expected) {
    return find("recorder", next_name,
                "it begins with event " + std::to_string(found) + ", and " + name +
                    " before it ends with event " + std::to_string(expected - 1));
  }
  // Made since the folder was listed.
  if (missing != name && env.FileExists((segment.parent_path() / missing).string()).ok()) return;
  find("recorder", missing,
       "events " + std::to_string(expected) + " to " + std::to_string(found - 1) + ", between " +
           name + " and " + next_name +
           ", are in no segment: a file is missing or was cut, or the store was open without its "
           "recorder");
}

void Scrub::check_records(const View& view) {
  const auto note = [this](const Finding& finding) {
    find(finding.family, finding.key, finding.what);
    return !stopped_;
  };
  Implied implied;
  const auto findings =
      check(view, {note, {}, [this](std::uint64_t bytes) { return took(bytes); }}, &implied);
  report_.records = implied.records;
  if (!findings.ok()) {
    find("records", "the check ended early", std::string(findings.status().message()));
  }
}

}  // namespace

Result<ScrubReport> Engine::scrub(const ScrubOptions& options,
                                  const std::function<bool(const Finding&)>& visit,
                                  const std::function<bool(const ScrubProgress&)>& go_on) {
  {
    const std::lock_guard lock(state_mutex_);
    if (closed_ || scrubs_end_) return Status(StatusCode::kClosed, "the store is closed");
    ++scrubs_;
  }
  const auto end = [](Engine* engine) {
    const std::lock_guard lock(engine->state_mutex_);
    --engine->scrubs_;
    engine->scrub_ended_.notify_all();
  };
  // Goes behind everything that holds the database: close() waits for it.
  const std::unique_ptr<Engine, decltype(end)> running(this, end);
  const auto is_open = [this] {
    const std::lock_guard lock(state_mutex_);
    return !scrubs_end_;
  };
  std::shared_ptr<Database> database;
  {
    const std::lock_guard lock(state_mutex_);
    database = database_;
  }
  const bool writer = !options_.read_only;
  // As the files are, also where this store was opened without a MANIFEST's torn end.
  const std::unique_ptr<rocksdb::Env> plain = make_private_env();
  rocksdb::Env& env = options_.tuning.env != nullptr ? *options_.tuning.env : *plain;
  Scrub scrub(options.bytes_per_second, {visit, go_on, is_open});
  scrub.read_tables(*database, writer);
  if (scrub.report().complete) scrub.read_logs(env, *database, writer);
  if (scrub.report().complete) {
    const bool records = writer && options_.recorder;
    const fs::path usual = database->path().parent_path() / "recorder";
    scrub.read_segments(env, records ? options_.recorder->directory : usual, records);
  }
  if (scrub.report().complete) {
    // Only now: a view that lives keeps what is deleted meanwhile on the disk.
    const Result<View> seen = view();
    if (!seen.ok()) return seen.status();
    scrub.check_records(*seen);
  }
  if (!is_open()) return Status(StatusCode::kClosed, "the store was closed meanwhile");
  return scrub.report();
}

}  // namespace muster::store
