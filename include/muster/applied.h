// What Store::apply() is told beside the events, and what it answers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "muster/types.h"

namespace muster {

/// What makes an event of a foreign recording known when another one says it again: such recordings
/// overlap, and their events have no numbers that last.
struct StatementKey {
  Digest key;  ///< of host, kind and content, and of the time where another time means another one
  /// Not empty: the event states nothing by itself. It stands in front of the statement with this
  /// key, which needs it (a host or a label that nobody told of, a pass, a command that is taken
  /// back), and is applied as long as that one is not taken; a host_added only where no such host
  /// is. Whose statement that is: `h` and a host's uuid, `f` and a profile's.
  std::string added_for = {};
};

/// Where a span of events stands in a recording. Events are numbered from 1 in each source.
struct SourcePosition {
  std::string source;             ///< the recording's id; not empty
  std::uint64_t first_event = 1;  ///< number of the span's first event
  /// Empty, or one an event: the event is applied unless the store took the statement before
  /// (kRepeated) or cannot know any more (kTooOld). What is remembered of each host is committed
  /// with the event; it is bounded (docs/recordings.md).
  std::vector<StatementKey> statements = {};
};

/// A command that a recorded pass names and the rules do not need, or the other way round; or a
/// label name in a report that no label has. Counted and shown, never fatal.
struct Divergences {
  std::uint64_t commands_not_listed = 0;
  std::uint64_t commands_not_needed = 0;
  std::uint64_t unknown_labels = 0;
  std::uint64_t rows_over_limit = 0;  ///< installs held back at StoreLimits::rows_per_host
  std::string example;                ///< the first one, in words

  std::uint64_t total() const {
    return commands_not_listed + commands_not_needed + unknown_labels + rows_over_limit;
  }
};

struct EventResult {
  Outcome outcome = Outcome::kUnchanged;
  std::string detail;                        ///< for refused events: what exactly; may be empty
  std::unique_ptr<Divergences> divergences;  ///< null when there are none
};

struct Applied {
  Sequence sequence = 0;             ///< of the span's last event
  std::vector<EventResult> results;  ///< one an event, in order
};

}  // namespace muster
