// Reading and replaying recordings, text or binary (docs/recording.md).
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "muster/event.h"
#include "muster/limits.h"
#include "muster/status.h"
#include "muster/store.h"

namespace muster {

/// What input may hold.
struct RecordingLimits {
  // An event that passes one of these is Unreadable.
  std::size_t line_bytes_max = 16u << 20;
  std::size_t depth_max = 64;  ///< of lists and objects under unknown keys, in text
  std::size_t string_bytes_max = kTextBytesMax;  ///< of one text
  std::size_t elements_max = kElementsMax;       ///< in all lists of one event together

  // Reading ends with StatusCode::kLimit where one of these is passed.
  std::uint64_t expanded_bytes_max = 0;       ///< of a compressed file; 0: no limit, here and below
  std::uint64_t gzip_ratio_max = 200;         ///< expanded to compressed, after the first MiB
  std::uint64_t zstd_ratio_max = 4000;        ///< the same; alike reports do reach 1,000 there
  std::size_t window_bytes_max = 128u << 20;  ///< memory that zstd's long distances may take
  std::uint64_t missing_events_max = 1u << 20;  ///< in one gap that skip_damaged passes over

  std::size_t frame_bytes_max = 64u << 20;  ///< a longer binary frame counts as damaged
};

/// A report whose list was not parsed yet.
struct UnreadReport {
  Event* report = nullptr;  ///< has everything but the list
  std::string_view list;    ///< its text
  bool known = false;       ///< to be answered: the list need not be parsed
};

struct RecordingOptions {
  RecordingLimits limits = {};
  /// Threads that decode, 1 to kRecordingThreadsMax. 1: the calling one does. They begin with the
  /// first next() and end with the reader. What is read does not depend on it.
  unsigned threads = 1;
  /// Go on behind damage: each event that is lost is then one Unreadable event. Otherwise reading
  /// ends at the damage with an error that names what is lost.
  bool skip_damaged = false;
  /// Asked about reports before their lists are parsed, from the threads that decode: the list of
  /// one that is known stays unparsed (Event::text.line). Store::find_known() is made for this;
  /// such events are for that store alone.
  std::function<void(std::span<UnreadReport> reports)> find_known = {};
};

inline constexpr unsigned kRecordingThreadsMax = 64;

/// What a recording says of itself.
struct RecordingHeader {
  std::string id;        ///< 1 to kIdBytesMax bytes
  std::string recorder;  ///< free text for people
  std::uint64_t first_event = 1;
};

/// Where an event stood in the recording that it was taken from.
struct EventOrigin {
  std::string source;
  std::uint64_t number = 0;
  /// Its time there, where that is another one: in a store with a recorder no source goes back in
  /// time behind another.
  std::optional<Timestamp> at = {};
};

/// An event with its place.
struct RecordedEvent {
  std::uint64_t number = 0;  ///< in the recording; header and blank lines have none
  std::uint64_t line = 0;    ///< of the file, from 1; 0 in a binary recording
  std::uint64_t bytes = 0;   ///< that it takes in the recording, expanded
  std::uint64_t offset = 0;  ///< of its line there; 0 in a binary recording
  Event event;               ///< Unreadable where the entry is not an event
  std::optional<EventOrigin> origin;
  /// The file ends within the line, which is Unreadable now and may be whole another time.
  bool cut = false;
};

/// Reads one recording from its begin: text or binary, plain or compressed with gzip or zstd, told
/// apart by content. A bad line is one Unreadable event, never the end. A bare pass with an origin
/// comes with that origin as its uuid_seed. Not safe from two threads at once.
class RecordingReader {
 public:
  /// "-" is the standard input. Pipes are read as they come.
  static Result<RecordingReader> open(const std::filesystem::path& path,
                                      const RecordingOptions& options = {});
  RecordingReader(RecordingReader&&) noexcept;
  RecordingReader& operator=(RecordingReader&&) noexcept;
  ~RecordingReader();

  /// The header's id, or 32 hex digits: XXH3-128 of the content's first MiB.
  const std::string& id() const;
  const RecordingHeader& header() const;
  /// The next event, valid until the next call and the caller's to move from; null at the end.
  /// Where a file is cut or damaged, everything before comes first and then an error, again and
  /// again: kBadInput, kLimit or kIoError.
  Result<RecordedEvent*> next();
  /// Passes over up to `count` events, before the first next() without parsing them; returns how
  /// many there were. Lost events count and are no error here.
  Result<std::uint64_t> skip(std::uint64_t count);

  /// What skip_damaged has passed over so far, a sentence each.
  const std::vector<std::string>& damage() const;
  std::uint64_t bytes_read() const;   ///< of the file as it is stored, behind the last event
  std::uint64_t bytes_total() const;  ///< 0: not known, as of a pipe

  class Impl;
  explicit RecordingReader(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> impl_;
};

/// One line of canonical text without its line feed: keys in the order of docs/recording.md, times
/// in UTC. Unreadable, too, has a line, which reads back as one of the same reason.
std::string to_canonical_line(const Event& event);

/// Parses one line. What cannot be read comes back as Unreadable with the reason.
Event parse_canonical_line(std::string_view line);

/// Where find_known is empty, replay() asks the store (Store::find_known).
struct ReplayOptions : RecordingOptions {
  std::uint32_t batch = 256;           ///< events a commit; it also ends at 16 MiB of input
  std::optional<std::uint64_t> until;  ///< stop after this many events, counted over all files
};

struct RejectedEvent {
  std::string file;
  std::uint64_t line = 0;  ///< 0 in a binary recording
  std::uint64_t number = 0;
  std::string type;
  Outcome outcome = Outcome::kInvalid;
  std::string reason;
};

struct ReplayReport {
  std::uint64_t events = 0;           ///< read in this run
  std::uint64_t already_applied = 0;  ///< passed over: the store had them
  /// Counts by event type and outcome, for events of this run.
  std::map<std::string, std::map<Outcome, std::uint64_t>> by_type;
  std::uint64_t rejected = 0;
  std::vector<RejectedEvent> first_rejected;              ///< at most kRejectedShown
  std::map<std::string, std::uint64_t> rejected_reasons;  ///< by "kind: outcome", or "invalid"
  Divergences divergences;
  std::vector<std::string> first_divergences;  ///< at most kRejectedShown, with their place
  std::vector<Cursor> cursors;      ///< one a recording, in the order of the files, after the run
  std::vector<std::string> damage;  ///< what skip_damaged passed over, with its file
  /// Why the input ended early: a file that is cut or damaged. The files behind it were not read.
  Status input;
};

inline constexpr std::size_t kRejectedShown = 20;

struct ReplayProgress {
  std::uint64_t events = 0;
  std::uint64_t bytes_read = 0;
  std::uint64_t bytes_total = 0;  ///< of all files
};

/// Replays the files in order, resuming each from the store's cursor. A file with the id of another
/// and a first event that follows goes on where that one ended. Stops at the first storage error;
/// everything applied before stays. `progress` (may be empty) is called after each commit.
Result<ReplayReport> replay(Store& store, std::span<const std::filesystem::path> files,
                            const ReplayOptions& options,
                            const std::function<void(const ReplayProgress&)>& progress);

}  // namespace muster
