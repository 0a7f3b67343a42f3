#include "store/log_walk.h"

#include <rocksdb/env.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "store/io_status.h"
#include "store/manifest.h"

namespace muster::store {
namespace {

namespace fs = std::filesystem;

/// At the begin of a write batch: the sequence number of its first change, and how many there are.
constexpr std::size_t kBatchHeadBytes = 12;
/// A writer flushes meanwhile, each time.
constexpr int kWalksMax = 20;

struct LogFile {
  std::uint64_t number = 0;
  fs::path path;
};

Result<std::vector<LogFile>> list_logs(rocksdb::Env& env, const fs::path& data,
                                       std::uint64_t first) {
  const Result<std::vector<std::string>> names = names_in(env, data);
  if (!names.ok()) return names.status();
  std::vector<LogFile> logs;
  for (const std::string& name : *names) {
    LogFile log{0, data / name};
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), log.number);
    if (error != std::errc() || std::string_view(end) != ".log" || log.number < first) continue;
    logs.push_back(std::move(log));
  }
  std::sort(logs.begin(), logs.end(),
            [](const LogFile& a, const LogFile& b) { return a.number < b.number; });
  return logs;
}

class LogWalker {
 public:
  explicit LogWalker(const LogNeeds& needs) : needs_(needs) {}

  Status walk(rocksdb::Env& env, const LogFile& log) {
    const bool before_gap = !walk_.stop_before;
    const auto visit = [&](std::uint64_t at, std::string_view head) { add(log, at, head); };
    if (before_gap) {
      Result<std::optional<TornLog>> torn =
          find_torn(env, log.path, LogScan(visit, kBatchHeadBytes));
      if (!torn.ok()) return torn.status();
      if (goes_back_at_) return goes_back(log);
      if (*torn && !walk_.stop_before) walk_.torn.push_back(*std::move(*torn));
    }
    return walk_.stop_before ? leave_out(env, log) : Status();
  }

  /// Of a hole in the middle: tables cannot be put back to where the logs end.
  Status find_hole(const fs::path& data) const {
    const bool unknown = !next_ && needs_.begins_there;
    const std::uint64_t next = next_.value_or(needs_.next);
    const bool hole = unknown ? needs_.current_log > needs_.first_log : needs_.in_tables >= next;
    if (!hole) return {};
    return {StatusCode::kCorruption,
            data.string() +
                ": tables hold changes that came after some that the write-ahead logs have lost: " +
                (walk_.torn.empty() ? "a log was cut or is gone" : walk_.torn.front().to_string()) +
                "; restore a backup"};
  }
  LogWalk result() && { return std::move(walk_); }

 private:
  void add(const LogFile& log, std::uint64_t at, std::string_view head) {
    if (head.size() < kBatchHeadBytes || walk_.stop_before || goes_back_at_) return;
    std::uint64_t sequence = 0;
    std::uint32_t count = 0;
    std::memcpy(&sequence, head.data(), sizeof sequence);
    std::memcpy(&count, head.data() + sizeof sequence, sizeof count);
    if (!next_) next_ = begin_of(log, sequence);
    if (next_ == sequence) {
      *next_ += count;
    } else if (next_ && sequence < *next_) {
      goes_back_at_ = at;
    } else {
      walk_.stop_before = sequence;
      gap_at_ = at;
    }
  }

  /// Where the first batch has to begin. Nothing: not in this log.
  std::optional<std::uint64_t> begin_of(const LogFile& log, std::uint64_t sequence) const {
    const bool first = log.number == needs_.first_log;
    if (!needs_.begins_there) return first ? std::min(sequence, needs_.next) : needs_.next;
    return first ? std::optional(sequence) : std::nullopt;
  }

  Status goes_back(const LogFile& log) const {
    return {StatusCode::kCorruption,
            log.path.string() + ": at byte " + std::to_string(*goes_back_at_) +
                " stands an older commit than before it: the file is not what was written "
                "there; restore a backup"};
  }

  Status leave_out(rocksdb::Env& env, const LogFile& log) {
    TornLog left{log.path, std::exchange(gap_at_, 0), 0, true};
    const rocksdb::Status read = env.GetFileSize(log.path.string(), &left.file_bytes);
    if (is_missing(read)) return {};
    if (read.ok() && left.file_bytes > 0) walk_.torn.push_back(std::move(left));
    return io_status(read, log.path, "reading its size");
  }

  const LogNeeds needs_;
  LogWalk walk_;
  std::optional<std::uint64_t> next_;  ///< where the next batch has to begin
  std::uint64_t gap_at_ = 0;           ///< in the log in hand
  std::optional<std::uint64_t> goes_back_at_;
};

/// As the MANIFEST was when `needs` were read.
Result<LogWalk> walk_once(rocksdb::Env& env, const fs::path& data, const LogNeeds& needs) {
  const Result<std::vector<LogFile>> logs = list_logs(env, data, needs.first_log);
  if (!logs.ok()) return logs.status();
  LogWalker walker(needs);
  for (const LogFile& log : *logs) {
    if (Status status = walker.walk(env, log); !status.ok()) return status;
  }
  if (Status status = walker.find_hole(data); !status.ok()) return status;
  return std::move(walker).result();
}

}  // namespace

Result<LogWalk> walk_logs(rocksdb::Env& env, const fs::path& data) {
  Result<std::optional<LogNeeds>> needs = read_log_needs(env, data);
  for (int walks = 0; walks < kWalksMax; ++walks) {
    if (!needs.ok()) return needs.status();
    if (!*needs) return LogWalk();
    Result<LogWalk> walk = walk_once(env, data, **needs);
    if (walk.ok() && !walk->stop_before) return walk;
    // A log that is gone was deleted by a writer if no table lacks anything of it now.
    Result<std::optional<LogNeeds>> now = read_log_needs(env, data);
    if (now.ok() && *now == *needs) return walk;
    needs = std::move(now);
  }
  return Status(StatusCode::kBusy, data.string() +
                                       ": its writer replaces logs faster than they "
                                       "can be read: try again when it has less to do");
}

}  // namespace muster::store
