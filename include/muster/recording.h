// Reading, writing and replaying recordings in the canonical text form (docs/recording.md).
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
#include "muster/status.h"
#include "muster/store.h"

namespace muster {

/// What input may hold. Passing one of the first four makes an event Unreadable; passing another
/// ends the recording with StatusCode::kLimit or, for a frame, with the report of a damaged one.
struct RecordingLimits {
  std::size_t line_bytes_max = 16u << 20;
  std::size_t depth_max = 64;               ///< of lists and objects under unknown keys, in text
  std::size_t string_bytes_max = 4u << 20;  ///< of one text
  std::size_t elements_max = 1u << 20;      ///< in all lists of one event together
  std::size_t frame_bytes_max = 64u << 20;  ///< of a binary frame, stored and expanded
};

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
};

/// An event with its place.
struct RecordedEvent {
  std::uint64_t number = 0;  ///< from 1; header and blank lines have none
  std::uint64_t line = 0;    ///< from 1
  Event event;               ///< Unreadable where the line is not an event
};

/// Reads one recording from its begin. A bad line is one Unreadable event, never the end.
/// Not safe from two threads at once.
class RecordingReader {
 public:
  static Result<RecordingReader> open(const std::filesystem::path& path,
                                      const RecordingLimits& limits = {});
  RecordingReader(RecordingReader&&) noexcept;
  RecordingReader& operator=(RecordingReader&&) noexcept;
  ~RecordingReader();

  /// The header's id, or 32 hex digits: XXH3-128 of the content's first MiB.
  const std::string& id() const;
  /// The next event, or nothing at the end.
  Result<std::optional<RecordedEvent>> next();
  /// Passes over up to `count` events without parsing them; returns how many there were.
  Result<std::uint64_t> skip(std::uint64_t count);

  std::uint64_t bytes_read() const;
  std::uint64_t bytes_total() const;

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

struct ReplayOptions {
  std::uint32_t batch = 256;           ///< events a commit
  std::optional<std::uint64_t> until;  ///< stop after this many events, counted over all files
  RecordingLimits limits;
};

struct RejectedEvent {
  std::string file;
  std::uint64_t line = 0;
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
  std::vector<Cursor> cursors;                 ///< one a file, after the run
};

inline constexpr std::size_t kRejectedShown = 20;

struct ReplayProgress {
  std::uint64_t events = 0;
  std::uint64_t bytes_read = 0;
  std::uint64_t bytes_total = 0;  ///< of all files
};

/// Replays the files in order, resuming each from the store's cursor. Stops at the first storage
/// error; everything applied before stays. `progress` (may be empty) is called after each commit.
Result<ReplayReport> replay(Store& store, std::span<const std::filesystem::path> files,
                            const ReplayOptions& options,
                            const std::function<void(const ReplayProgress&)>& progress);

}  // namespace muster
