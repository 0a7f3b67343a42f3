#include <algorithm>
#include <limits>
#include <system_error>
#include <utility>
#include <vector>

#include "base/contract.h"
#include "muster/recording.h"
#include "replay/replay_tally.h"

namespace muster {
namespace {

using recording::EventPlace;
using recording::ReplayTally;

/// A batch ends early when its lines have this many bytes, so that long lines do not pile up.
constexpr std::uint64_t kBatchBytesMax = 16U << 20;

/// Events of longer lines give their memory back, and so do batches of more events.
constexpr std::uint64_t kUsualLineBytes = 16U << 10;
constexpr std::size_t kUsualEvents = 4096;

/// Events that follow each other in one recording. Keeps its memory.
struct Batch {
  std::vector<Event> events;
  std::vector<EventPlace> places;
  std::optional<RecordedEvent> cut;  ///< the last line, which the file ends within
  bool usual = true;                 ///< no line was longer
  Status end;                        ///< not ok: why nothing more can be read

  void begin() {
    if (!std::exchange(usual, true) || events.size() > kUsualEvents) events.clear();
    places.clear();
    cut.reset();
  }
  /// The reader gets the memory of an older event for it.
  void take(RecordedEvent& recorded) {
    if (events.size() == places.size()) events.emplace_back();
    Event& event = events[places.size()];
    event.text = {};
    std::swap(event, recorded.event);
    places.push_back({recorded.number, recorded.line});
    usual = usual && recorded.bytes <= kUsualLineBytes;
  }
};

void read_batch(RecordingReader& reader, std::uint64_t events_max, Batch& batch) {
  batch.begin();
  std::uint64_t bytes = 0;
  while (batch.places.size() < events_max && bytes < kBatchBytesMax) {
    Result<RecordedEvent*> next = reader.next();
    batch.end = next.status();
    if (!next.ok() || *next == nullptr) break;
    RecordedEvent& recorded = **next;
    if (recorded.cut) {
      batch.cut = std::move(recorded);
      break;
    }
    bytes += recorded.bytes;
    batch.take(recorded);
  }
  batch.events.resize(batch.places.size());
}

class Replayer {
 public:
  Replayer(Store& store, const ReplayOptions& options,
           const std::function<void(const ReplayProgress&)>& progress)
      : store_(store), options_(options), progress_(progress) {
    // What is left unparsed has passed the usual limits before.
    const RecordingLimits usual;
    if (!options_.find_known && options_.limits.string_bytes_max == usual.string_bytes_max &&
        options_.limits.elements_max == usual.elements_max) {
      options_.find_known = [&store](std::span<UnreadReport> reports) {
        store.find_known(reports);
      };
    }
  }

  Result<ReplayReport> run(std::span<const std::filesystem::path> files) {
    if (options_.batch == 0) {
      return Status(StatusCode::kInvalidArgument, "a batch must have at least one event");
    }
    if (Status surveyed = survey(files); !surveyed.ok()) return surveyed;
    for (const std::filesystem::path& file : files) {
      if (Status replayed = replay_file(file); !replayed.ok()) return replayed;
      if (!report_.input.ok()) break;
    }
    tally_.finish();
    return std::move(report_);
  }

 private:
  /// Opens every file once, so that a wrong name is known before anything is applied. What comes
  /// through a pipe can be read only once.
  Status survey(std::span<const std::filesystem::path> files) {
    for (const std::filesystem::path& file : files) {
      std::error_code error;
      const std::filesystem::file_status found = std::filesystem::status(file, error);
      if (file == "-" || (std::filesystem::exists(found) && is_other(found))) continue;
      const Result<RecordingReader> reader = RecordingReader::open(file, options_);
      if (!reader.ok()) return reader.status();
      bytes_total_ += reader->bytes_total();
    }
    return {};
  }

  Status replay_file(const std::filesystem::path& file) {
    Result<RecordingReader> reader = RecordingReader::open(file, options_);
    if (!reader.ok()) {
      report_.input = reader.status();
      return {};
    }
    if (Status resumed = resume(file, *reader); !resumed.ok()) return resumed;
    while (events_left() > 0 && report_.input.ok()) {
      read_batch(*reader, std::min<std::uint64_t>(options_.batch, events_left()), batch_);
      report_.input = std::move(batch_.end);
      if (batch_.cut) refuse_cut(file.string(), *batch_.cut);
      if (batch_.events.empty()) break;
      if (Status applied = apply(file.string(), reader->id(), batch_); !applied.ok()) {
        return applied;
      }
      show_progress(bytes_before_ + reader->bytes_read());
    }
    bytes_before_ += reader->bytes_total();
    const std::vector<std::string>& damage = reader->damage();
    report_.damage.insert(report_.damage.end(), damage.begin(), damage.end());
    return note_cursor(reader->id());
  }

  /// Passes over what the store has.
  Status resume(const std::filesystem::path& file, RecordingReader& reader) {
    const Result<std::optional<Cursor>> cursor = store_.last_position(reader.id());
    if (!cursor.ok()) return cursor.status();
    const std::uint64_t taken = cursor->has_value() ? (*cursor)->event : 0;
    const std::uint64_t before = reader.header().first_event - 1;
    if (taken < before) {
      report_.input = {StatusCode::kBadInput,
                       file.string() + ": begins with event " + std::to_string(before + 1) +
                           " of " + reader.id() + ", of which the store has " +
                           std::to_string(taken) + "; replay the files before it first"};
      return {};
    }
    const Result<std::uint64_t> skipped = reader.skip(std::min(taken - before, events_left()));
    if (!skipped.ok()) {
      report_.input = skipped.status();
      return {};
    }
    report_.already_applied += *skipped;
    passed_ += *skipped;
    return {};
  }

  Status apply(const std::string& file, const std::string& source, const Batch& batch) {
    const Result<Applied> applied =
        store_.apply(batch.events, SourcePosition{source, batch.places.front().number});
    if (!applied.ok()) return applied.status();
    MUSTER_ASSERT(applied->results.size() == batch.events.size());
    passed_ += batch.events.size();
    for (std::size_t index = 0; index < batch.events.size(); ++index) {
      tally_.count(file, batch.places[index], batch.events[index], applied->results[index]);
    }
    return {};
  }

  /// It keeps its number for when it is whole, so the store is not told.
  void refuse_cut(const std::string& file, const RecordedEvent& cut) {
    tally_.count(file, {cut.number, cut.line}, cut.event,
                 {Outcome::kInvalid, std::get<Unreadable>(cut.event.body).reason, nullptr});
  }

  Status note_cursor(const std::string& source) {
    Result<std::optional<Cursor>> cursor = store_.last_position(source);
    if (!cursor.ok()) return cursor.status();
    Cursor noted = cursor->has_value() ? **std::move(cursor) : Cursor{source, 0, {}};
    const auto known =
        std::find_if(report_.cursors.begin(), report_.cursors.end(),
                     [&](const Cursor& other) { return other.source == noted.source; });
    if (known != report_.cursors.end()) {
      *known = std::move(noted);
    } else {
      report_.cursors.push_back(std::move(noted));
    }
    return {};
  }

  void show_progress(std::uint64_t bytes_read) {
    if (progress_) progress_({report_.events, bytes_read, bytes_total_});
  }

  std::uint64_t events_left() const {
    const std::uint64_t until = options_.until.value_or(std::numeric_limits<std::uint64_t>::max());
    return until - std::min(until, passed_);
  }

  Store& store_;
  ReplayOptions options_;
  const std::function<void(const ReplayProgress&)>& progress_;
  ReplayReport report_;
  ReplayTally tally_{report_};
  Batch batch_;
  std::uint64_t passed_ = 0;  ///< events of all files, the store's own included
  std::uint64_t bytes_before_ = 0;
  std::uint64_t bytes_total_ = 0;
};

}  // namespace

Result<ReplayReport> replay(Store& store, std::span<const std::filesystem::path> files,
                            const ReplayOptions& options,
                            const std::function<void(const ReplayProgress&)>& progress) {
  return Replayer(store, options, progress).run(files);
}

}  // namespace muster
