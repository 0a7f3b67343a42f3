// Lines of reports in the very form that the canonical writer gives them, read without a JSON
// parser: nearly all lines of a recording are reports. What is in any other form is for
// NdjsonReader, which alone refuses.
#pragma once

#include <string_view>

#include "muster/event.h"
#include "muster/recording.h"

namespace muster::codec {

/// Reads all but the list, which stays the text `[...]`: the report has none. False: the line is no
/// report, in another form or beyond a limit, and the event may hold anything. kLinePadding bytes
/// after the line belong to its buffer.
bool scan_report(const RecordingLimits& limits, std::string_view line, Event& report,
                 std::string_view& list);

/// Reads the list into the report. False: it is in another form or beyond a limit, and the report
/// has none.
bool read_report_list(const RecordingLimits& limits, std::string_view list, Event& report);

}  // namespace muster::codec
