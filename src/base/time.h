// Calendar time <-> microseconds since the Unix epoch, without locale, time zone data or clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "muster/types.h"

namespace muster::base {

inline constexpr std::int64_t kMicrosPerSecond = 1'000'000;

/// RFC 3339: `2025-06-01T07:41:37.08371Z`, `T` or `t` or a space between date and time, 1 to 9
/// fraction digits (those after the sixth are cut), `Z`, `z` or an offset `+hh:mm` / `+hhmm`.
/// Second 60 is refused, as are dates that do not exist. Years 0001 to 9999.
std::optional<Timestamp> parse_rfc3339(std::string_view text);

/// RFC 3339, or `YYYY-MM-DD HH:MM:SS +ZZZZ` as the profiles table of the agent prints it.
std::optional<Timestamp> parse_install_date(std::string_view text);

/// Half up to whole seconds (SEMANTICS 13, B1).
Timestamp round_to_seconds(Timestamp time);

/// Appends what to_string(Timestamp) returns.
void append_time(std::string& out, Timestamp time);

}  // namespace muster::base
