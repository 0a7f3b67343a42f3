// Numbers as people read them, in UTF-8.
#pragma once

#include <optional>
#include <string>

namespace muster::bench::report {

/// "950", "12.3k", "1.2M"; "" for nothing. So too the others.
std::string in_count(std::optional<double> value);
/// From microseconds: "850 ns", "12.3 us" with the sign for micro, "4.1 ms", "1.2 s".
std::string in_time(std::optional<double> micros);
/// "96 B", "1.5 KiB", "512 MiB".
std::string in_bytes(std::optional<double> bytes);
/// "1.9x"
std::string in_ratio(std::optional<double> ratio);

}  // namespace muster::bench::report
