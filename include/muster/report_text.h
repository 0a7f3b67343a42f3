// Reports as text: what a reader of recordings may leave to the store.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "muster/types.h"

namespace muster {

/// The list of a report as its recording spells it. Not part of what the event means.
struct ReportText {
  Digest list;  ///< XXH3-128 of the list's bytes; all zero: not taken
  /// The event's line where its list was left unparsed (RecordingOptions::find_known): the body
  /// then has an empty list, and a store reads the line when it needs to. Empty: all is in the
  /// body.
  std::string_view line;
  std::shared_ptr<const void> owner;  ///< of the line's bytes

  bool unparsed() const { return !line.empty(); }
};

}  // namespace muster
