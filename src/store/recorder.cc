#include "store/recorder.h"

#include <rocksdb/env.h>

#include <algorithm>
#include <utility>

#include "base/contract.h"
#include "base/time.h"
#include "base/utf8.h"
#include "store/io_status.h"
#include "store/store_directory.h"

namespace muster::store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".mrec";
constexpr std::size_t kDigits = 20;
/// Hidden: `muster replay recorder/*` takes the rest.
constexpr std::string_view kLock = ".lock";
/// A header's frame, with ids as long as they may be.
constexpr std::size_t kHeaderBytesMax = 8 << 10;

bool passed(Timestamp now, Timestamp since, std::int64_t seconds) {
  return seconds > 0 && (now.micros - since.micros) / base::kMicrosPerSecond >= seconds;
}

/// Where a segment stays as it was before its end was cut off. Hidden, too.
fs::path torn_copy_of(const fs::path& segment) {
  return segment.parent_path() / ("." + segment.filename().string() + ".torn");
}

/// Segments of another store, or under another's name, would be taken for this one's events. One
/// that has no whole header was cut by a crash, or is damaged, which shows when it is read.
Status check_owner(rocksdb::Env& env, const fs::path& segment, const std::string& store_id) {
  std::unique_ptr<rocksdb::SequentialFile> file;
  std::string begin(kHeaderBytesMax, '\0');
  rocksdb::Slice got;
  rocksdb::Status read = env.NewSequentialFile(segment.string(), &file, rocksdb::EnvOptions());
  if (read.ok()) read = file->Read(begin.size(), &got, begin.data());
  if (!read.ok()) return io_status(read, segment, "reading it");
  const RecordingLimits limits;
  const auto frame = codec::look_at_frame({got.data(), got.size()}, limits.frame_bytes_max);
  if (frame.state != codec::FrameState::kWhole) return {};
  Result<RecordingHeader> header = Status(StatusCode::kCorruption, "it begins with no header");
  if (frame.kind == codec::FrameKind::kHeader) {
    header = codec::FrameDecoder(limits).decode_header(frame);
  }
  if (header.ok() && header->id != store_id) {
    return {StatusCode::kInvalidArgument, segment.string() + ": is of the recording " + header->id +
                                              ", not of this store (" + store_id +
                                              "): give each store a recorder directory of its own"};
  }
  const auto named = Recorder::first_event_of(segment.filename().string());
  if (header.ok() && header->first_event == named) return {};
  const std::string what = header.ok() ? "its header says that it begins with event " +
                                             std::to_string(header->first_event)
                                       : std::string(header.status().message());
  return {StatusCode::kCorruption, segment.string() + ": " + what +
                                       ": it is not the file that was written there; put that "
                                       "back, or move this one away"};
}

}  // namespace

/// What a segment holds behind some event.
struct Recorder::Contents {
  std::string bytes;
  std::vector<codec::FrameView> frames;  ///< of these bytes, behind the event
  std::uint64_t whole_bytes = 0;         ///< up to the end of the last whole frame before damage
  std::uint64_t behind_bytes = 0;        ///< up to the first frame behind the asked event
  std::uint64_t file_bytes = 0;
  std::uint64_t last_event_behind_damage = 0;
  std::uint64_t last_event = 0;  ///< of the last whole frame before damage
  Timestamp last_time{INT64_MIN};
};

Recorder::Recorder(Options options) : options_(std::move(options)) {}

Recorder::~Recorder() {
  // Whoever cares has called close().
  static_cast<void>(close());
}

Result<std::unique_ptr<Recorder>> Recorder::open(Options options, Sequence sequence,
                                                 const Apply& apply) {
  std::unique_ptr<Recorder> recorder(new Recorder(std::move(options)));
  if (Status status = recorder->lock(); !status.ok()) return status;
  if (Status status = recorder->list_segments(); !status.ok()) return status;
  if (Status status = recorder->recover(sequence, apply); !status.ok()) return status;
  return recorder;
}

std::string Recorder::segment_name(std::uint64_t first_event) {
  std::string digits = std::to_string(first_event);
  return std::string(kDigits - digits.size(), '0') + digits + std::string(kSuffix);
}

std::optional<std::uint64_t> Recorder::first_event_of(std::string_view name) {
  if (name.size() != kDigits + kSuffix.size() || !name.ends_with(kSuffix)) return std::nullopt;
  std::uint64_t number = 0;
  for (const char digit : name.substr(0, kDigits)) {
    if (digit < '0' || digit > '9') return std::nullopt;
    number = number * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  return number;
}

Status Recorder::lock() {
  const fs::path& directory = options_.recorder.directory;
  rocksdb::Env& env = *options_.env;
  const Result<bool> there = is_there(env, directory);
  if (!there.ok()) return there.status();
  if (!*there) {
    const rocksdb::Status made = env.CreateDirIfMissing(directory.string());
    if (!made.ok()) return io_status(made, directory, "making it");
    made_directory_ = true;
  }
  const rocksdb::Status locked = env.LockFile((directory / kLock).string(), &lock_);
  if (locked.ok()) return {};
  if (locked.ToString().find("open a file for lock") != std::string::npos) {
    return io_status(locked, directory / kLock, "locking it");
  }
  return {StatusCode::kBusy, directory.string() +
                                 ": another store records there: give each store a recorder "
                                 "directory of its own"};
}

Result<std::vector<fs::path>> Recorder::segments_in(rocksdb::Env& env, const fs::path& directory) {
  std::vector<fs::path> segments;
  const Result<std::vector<std::string>> names = names_in(env, directory);
  if (!names.ok()) return names.status();
  // Their numbers have one length.
  for (const std::string& name : *names) {
    if (first_event_of(name)) segments.push_back(directory / name);
  }
  return segments;
}

Result<bool> Recorder::holds_segments(rocksdb::Env& env, const fs::path& directory,
                                      const std::string& store_id) {
  const Result<std::vector<fs::path>> found = segments_in(env, directory);
  if (!found.ok()) return found.status();
  for (const fs::path& segment : *found) {
    if (Status status = check_owner(env, segment, store_id); !status.ok()) return status;
  }
  return !found->empty();
}

Status Recorder::list_segments() {
  rocksdb::Env& env = *options_.env;
  const Result<std::vector<fs::path>> found = segments_in(env, options_.recorder.directory);
  if (!found.ok()) return found.status();
  for (const fs::path& path : *found) {
    Segment segment{*first_event_of(path.filename().string()), path, 0, Timestamp{INT64_MIN}};
    Status status =
        io_status(env.GetFileSize(path.string(), &segment.bytes), path, "reading its size");
    if (status.ok()) status = check_owner(env, path, options_.store_id);
    if (!status.ok()) return status;
    segments_.push_back(std::move(segment));
  }
  return segments_.empty() ? sync_own_name() : Status();
}

/// Whoever made the directory may have been killed before its name was on the disk. Where it was
/// there, its parent may be one that cannot be read or synced.
Status Recorder::sync_own_name() const {
  Status synced = sync_names(parent_of(options_.recorder.directory));
  return made_directory_ ? synced : Status();
}

Status Recorder::sync_names(const fs::path& directory) const {
  std::unique_ptr<rocksdb::Directory> names;
  rocksdb::Status synced = options_.env->NewDirectory(directory.string(), &names);
  if (synced.ok()) synced = names->Fsync();
  return io_status(synced, directory, "syncing its names");
}

Result<std::optional<Recorder::Damage>> Recorder::find_damage(rocksdb::Env& env,
                                                              const fs::path& segment) {
  std::string bytes;
  Status status =
      io_status(rocksdb::ReadFileToString(&env, segment.string(), &bytes), segment, "reading it");
  if (!status.ok()) return status;
  const std::size_t frame_bytes_max = RecordingLimits().frame_bytes_max;
  std::optional<Damage> damage;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto frame = codec::look_at_frame(std::string_view(bytes).substr(at), frame_bytes_max);
    const bool whole = frame.state == codec::FrameState::kWhole;
    if (damage && whole) {
      damage->is_followed = true;
      break;
    }
    if (!damage && !whole) {
      damage = {at, bytes.size(), frame.state == codec::FrameState::kCut, false};
    }
    at = whole ? at + frame.bytes : codec::find_frame(bytes, at + 1);
  }
  return damage;
}

Result<Recorder::Contents> Recorder::read(const Segment& segment, Sequence behind) {
  Contents contents;
  std::string& bytes = contents.bytes;
  Status status = io_status(rocksdb::ReadFileToString(options_.env, segment.path.string(), &bytes),
                            segment.path, "reading it");
  if (!status.ok()) return status;
  const RecordingLimits limits;
  contents.file_bytes = bytes.size();
  bool damaged = false;
  std::optional<codec::FrameView> last_whole;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto frame =
        codec::look_at_frame(std::string_view(bytes).substr(at), limits.frame_bytes_max);
    if (frame.state != codec::FrameState::kWhole) {
      damaged = true;
      at = codec::find_frame(bytes, at + 1);
      continue;
    }
    at += frame.bytes;
    if (frame.kind != codec::FrameKind::kEvents) continue;
    const std::uint64_t last = frame.first_event + frame.events - 1;
    if (damaged) {
      contents.last_event_behind_damage = std::max(contents.last_event_behind_damage, last);
      continue;
    }
    contents.whole_bytes = at;
    last_whole = frame;
    if (last <= behind) {
      contents.behind_bytes = at;
      continue;
    }
    contents.frames.push_back(frame);
  }
  if (last_whole) {
    codec::FrameDecoder decoder(limits);
    const Result<std::vector<codec::FrameEntry>> entries = decoder.decode_events(*last_whole);
    if (!entries.ok()) return entries.status();
    contents.last_event = last_whole->first_event + last_whole->events - 1;
    contents.last_time = entries->back().event.at;
  }
  return contents;
}

Status Recorder::recover(Sequence sequence, const Apply& apply) {
  // From the last segment back to the one that holds the store's last event.
  std::size_t from = segments_.size();
  while (from > 0 && segments_[from - 1].first_event > sequence + 1) --from;
  if (from > 0) --from;
  if (Status status = check_history(from, sequence); !status.ok()) return status;
  const bool discard = options_.recorder.unacknowledged == Unacknowledged::kDiscard;
  Status status;
  if (discard) {
    // From the last one on: what is left by a crash meanwhile has no gap.
    for (std::size_t i = segments_.size(); i > from && status.ok(); --i) {
      const Result<Contents> contents = read(segments_[i - 1], sequence);
      status = contents.ok() ? keep(segments_[i - 1], *contents, sequence) : contents.status();
    }
  } else {
    for (std::size_t i = from; i < segments_.size() && status.ok(); ++i) {
      status = take(segments_[i], sequence, apply);
    }
  }
  std::erase_if(segments_, [](const Segment& segment) { return segment.bytes == 0; });
  return status;
}

/// Before anything is changed: do the segments go on where the store ends, and where each other do?
Status Recorder::check_history(std::size_t from, Sequence sequence) {
  std::uint64_t held = sequence;
  for (std::size_t i = from; i < segments_.size(); ++i) {
    const Segment& segment = segments_[i];
    if (segment.first_event > held + 1) {
      return {StatusCode::kEventsLost,
              "events " + std::to_string(held + 1) + " to " +
                  std::to_string(segment.first_event - 1) + " are neither in the store nor in " +
                  options_.recorder.directory.string() + ", and " +
                  segment.path.filename().string() +
                  " goes on behind them: put the segments back that are missing, or restore a "
                  "newer backup, or move this one and those behind it away to go on without their "
                  "events; docs/backup.md"};
    }
    if (i > from && segment.first_event <= held) {
      return {StatusCode::kCorruption,
              segment.path.string() + ": begins with an event that " +
                  segments_[i - 1].path.filename().string() +
                  " has, too: they are of two histories of the store; move those of the one that "
                  "is not this store's away"};
    }
    const Result<Contents> contents = read(segment, sequence);
    if (!contents.ok()) return contents.status();
    if (contents->last_event_behind_damage > sequence) {
      return {StatusCode::kCorruption,
              segment.path.string() + ": damaged at byte " + std::to_string(contents->whole_bytes) +
                  ", and events up to " + std::to_string(contents->last_event_behind_damage) +
                  " behind it are not in the store, whose last is " + std::to_string(sequence) +
                  ": move the file away to go on without them"};
    }
    held = std::max(held, contents->last_event);
  }
  return {};
}

/// Applies what the store has not.
Status Recorder::take(Segment& segment, Sequence& held, const Apply& apply) {
  const Result<Contents> contents = read(segment, held);
  if (!contents.ok()) return contents.status();
  if (Status status = keep(segment, *contents, held); !status.ok()) return status;
  codec::FrameDecoder decoder{RecordingLimits()};
  for (const codec::FrameView& view : contents->frames) {
    Result<std::vector<codec::FrameEntry>> entries = decoder.decode_events(view);
    if (!entries.ok()) return entries.status();
    Tail frame{view.first_event, *std::move(entries)};
    // An opening that was interrupted has applied the begin of a frame.
    if (frame.first_event <= held && &view == &contents->frames.front()) {
      const auto applied = static_cast<std::ptrdiff_t>(held + 1 - frame.first_event);
      frame.entries.erase(frame.entries.begin(), frame.entries.begin() + applied);
      frame.first_event = held + 1;
    }
    if (frame.first_event != held + 1) {
      return {StatusCode::kCorruption, segment.path.string() + ": event " +
                                           std::to_string(frame.first_event) + " follows event " +
                                           std::to_string(held) + " of the store"};
    }
    held += frame.entries.size();
    if (Status applied = apply(frame); !applied.ok()) return applied;
  }
  return {};
}

/// A crash leaves part of a frame whose events the store has not.
Status Recorder::keep_torn(const Segment& segment, const Contents& contents,
                           Sequence sequence) const {
  const fs::path copy = torn_copy_of(segment.path);
  const Status written =
      io_status(rocksdb::WriteStringToFile(options_.env, contents.bytes, copy.string(), true), copy,
                "writing it");
  if (!written.ok()) return written;
  const std::string what = segment.path.string() + ": " +
                           std::to_string(contents.file_bytes - contents.whole_bytes) +
                           " bytes behind byte " + std::to_string(contents.whole_bytes) +
                           " are no frame and are cut off; the file as it was is " + copy.string();
  if (std::max(contents.last_event, segment.first_event - 1) < sequence) {
    options_.notes->warning(what +
                            "; the store goes on behind it: it was damaged, or the store was open "
                            "without its recorder");
  } else {
    options_.notes->info(what);
  }
  return {};
}

/// Leaves of the segment what is whole and, where that is asked for, in the store. Only the last
/// one can have been torn by a crash. What the store is about to apply from it has to last.
Status Recorder::keep(Segment& segment, const Contents& contents, Sequence sequence) {
  const bool discard = options_.recorder.unacknowledged == Unacknowledged::kDiscard;
  const std::uint64_t kept = discard ? contents.behind_bytes : contents.whole_bytes;
  last_time_ = std::max(last_time_, contents.last_time);
  recorded_through_ = std::max(recorded_through_, contents.last_event);
  segment.last_time = contents.last_time;
  const bool torn = contents.whole_bytes < contents.file_bytes && &segment == &segments_.back();
  const bool cuts = torn || kept < contents.whole_bytes;
  if (contents.last_event_behind_damage == 0 && cuts) {
    bytes_.clear();
    if (torn) {
      if (Status status = keep_torn(segment, contents, sequence); !status.ok()) return status;
    }
    if (discard && !contents.frames.empty() && contents.frames.front().first_event <= sequence) {
      const codec::FrameView& cut_through = contents.frames.front();
      const auto entries = codec::FrameDecoder{RecordingLimits()}.decode_events(cut_through);
      if (!entries.ok()) return entries.status();
      const std::size_t applied = sequence + 1 - cut_through.first_event;
      Status status = encode(std::span(*entries).first(applied), cut_through.first_event);
      if (!status.ok()) return status;
    }
    segment.bytes = kept + bytes_.size();
    return cut(segment, kept);
  }
  if (contents.frames.empty()) return {};
  std::unique_ptr<rocksdb::WritableFile> file;
  rocksdb::Status synced =
      options_.env->ReopenWritableFile(segment.path.string(), &file, rocksdb::EnvOptions());
  if (synced.ok()) synced = file->Sync();
  if (synced.ok()) synced = file->Close();
  return io_status(synced, segment.path, "syncing it");
}

/// The file's first `bytes` and bytes_ take its place; nothing is left of a cut that was cut off
/// itself.
Status Recorder::cut(const Segment& segment, std::uint64_t bytes) {
  rocksdb::Env& env = *options_.env;
  if (segment.bytes == 0) {
    return io_status(env.DeleteFile(segment.path.string()), segment.path, "deleting it");
  }
  std::string left;
  rocksdb::Status status = rocksdb::ReadFileToString(&env, segment.path.string(), &left);
  if (status.ok()) {
    left.resize(bytes);
    left += bytes_;
    const std::string copy = segment.path.string() + ".cut";
    status = rocksdb::WriteStringToFile(&env, left, copy, true);
    if (status.ok()) status = env.RenameFile(copy, segment.path.string());
  }
  return io_status(status, segment.path, "cutting off its torn end");
}

std::optional<std::string> Recorder::find_obstacle(const Event& event) {
  if (codec::packed_bytes_bound(event) + kIdBytesMax >= RecordingLimits().frame_bytes_max) {
    return "is too large for the recorder";
  }
  const auto* report = std::get_if<ProfilesReported>(&event.body);
  for (std::size_t i = 0; report != nullptr && i < report->profiles.size(); ++i) {
    const ReportedProfile profile = report->profiles[i];
    if (base::is_utf8(profile.identifier) && base::is_utf8(profile.display_name)) continue;
    return "profiles[" + std::to_string(i) + "] is not UTF-8";
  }
  return std::nullopt;
}

void Recorder::add(Sequence sequence, Event event, std::optional<EventOrigin> origin) {
  if (group_.empty()) group_first_ = sequence;
  MUSTER_ASSERT(sequence == group_first_ + group_.size());
  last_time_ = std::max(last_time_, event.at);
  group_.push_back({std::move(event), std::move(origin)});
}

/// As few frames as hold the entries.
Status Recorder::encode(std::span<const codec::FrameEntry> entries, std::uint64_t first_event) {
  const Status status =
      encoder_.append_events(bytes_, first_event, entries, codec::FrameCompression::kZstd);
  if (status.code() != StatusCode::kLimit || entries.size() == 1) return status;
  const std::size_t half = entries.size() / 2;
  if (Status first = encode(entries.first(half), first_event); !first.ok()) return first;
  return encode(entries.subspan(half), first_event + half);
}

Status Recorder::write() {
  if (group_.empty()) return {};
  const Timestamp first_time = group_.front().event.at;
  if (file_ != nullptr && (segments_.back().bytes >= options_.recorder.segment_bytes ||
                           passed(first_time, segment_began_, options_.recorder.segment_seconds))) {
    if (Status status = end_segment(); !status.ok()) return status;
  }
  bytes_.clear();
  if (file_ == nullptr) {
    if (Status status = begin_segment(group_first_, first_time); !status.ok()) return status;
    encoder_.append_header(bytes_, {options_.store_id, "muster recorder", group_first_});
  }
  if (Status status = encode(group_, group_first_); !status.ok()) return status;
  Segment& segment = segments_.back();
  rocksdb::Status written = file_->Append(bytes_);
  if (written.ok()) written = options_.sync ? file_->Sync() : file_->Flush();
  if (!written.ok()) return io_status(written, segment.path, "recording");
  segment.bytes += bytes_.size();
  segment.last_time = last_time_;
  bytes_written_ += bytes_.size();
  group_.clear();
  return {};
}

Status Recorder::begin_segment(std::uint64_t first_event, Timestamp first_time) {
  const fs::path& directory = options_.recorder.directory;
  const fs::path path = directory / segment_name(first_event);
  // First, so that a file that is open is one of them, whatever fails.
  segments_.push_back({first_event, path, 0, first_time});
  // Acknowledged events follow: the name has to last.
  const rocksdb::Status made =
      options_.env->NewWritableFile(path.string(), &file_, rocksdb::EnvOptions());
  if (!made.ok()) return io_status(made, path, "making it");
  if (Status synced = sync_names(directory); !synced.ok()) return synced;
  segment_began_ = first_time;
  return drop_old_segments();
}

Status Recorder::end_segment() {
  rocksdb::Status status = file_->Sync();
  const rocksdb::Status closed = file_->Close();
  file_.reset();
  if (status.ok()) status = closed;
  return io_status(status, segments_.back().path, "closing it");
}

/// Those of a time before this opening are read for it. INT64_MIN: nothing in it can be read.
Result<Timestamp> Recorder::last_time_of(Segment& segment) {
  if (segment.last_time.micros == INT64_MIN) {
    const Result<Contents> contents = read(segment, UINT64_MAX);
    if (!contents.ok()) return contents.status();
    segment.last_time = contents->last_time;
  }
  return segment.last_time;
}

/// A segment that does not tell is as old as the next one.
Result<bool> Recorder::is_too_old() {
  if (options_.recorder.keep_seconds == 0) return false;
  for (Segment& segment : segments_) {
    const Result<Timestamp> last = last_time_of(segment);
    if (!last.ok()) return last.status();
    if (last->micros == INT64_MIN) continue;
    return passed(last_time_, *last, options_.recorder.keep_seconds);
  }
  return false;
}

/// Closed segments that are too many or too old. The store has what they hold on the device first:
/// behind a power loss what follows them would not fit.
Status Recorder::drop_old_segments() {
  std::uint64_t bytes = 0;
  for (const Segment& segment : segments_) bytes += segment.bytes;
  for (bool synced = false; segments_.size() > 1; synced = true) {
    const Segment& oldest = segments_.front();
    const bool too_many = options_.recorder.keep_bytes > 0 && bytes > options_.recorder.keep_bytes;
    const Result<bool> too_old = is_too_old();
    if (!too_old.ok()) return too_old.status();
    if (!too_many && !*too_old) return {};
    if (Status status = synced ? Status() : options_.sync_store(); !status.ok()) return status;
    Status status =
        io_status(options_.env->DeleteFile(oldest.path.string()), oldest.path, "deleting it");
    if (!status.ok()) return status;
    options_.env->DeleteFile(torn_copy_of(oldest.path).string()).PermitUncheckedError();
    bytes -= oldest.bytes;
    segments_.erase(segments_.begin());
  }
  return {};
}

Status Recorder::close() {
  const Status status = file_ != nullptr ? end_segment() : Status();
  if (lock_ != nullptr) static_cast<void>(options_.env->UnlockFile(std::exchange(lock_, nullptr)));
  return status;
}

}  // namespace muster::store
