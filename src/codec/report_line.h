// Lines of reports in the very form that the canonical writer gives them, read without a JSON
// parser: nearly all lines of a recording are reports. What is in any other form is for
// NdjsonReader, which alone refuses.
#pragma once

#include <optional>
#include <string_view>

#include "muster/event.h"
#include "muster/recording.h"

namespace muster::codec {

/// A report whose list is still text.
struct ReportLine {
  Event event;            ///< with an empty list
  std::string_view list;  ///< `[...]`
};

/// Nothing where the line is no report, in another form or beyond a limit. kLinePadding bytes after
/// the line belong to its buffer.
std::optional<ReportLine> scan_report(const RecordingLimits& limits, std::string_view line);

/// Reads the list into the event. False: it is in another form or beyond a limit, and the event is
/// as it was.
bool read_report_list(const RecordingLimits& limits, ReportLine& report);

}  // namespace muster::codec
