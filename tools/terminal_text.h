// Text from devices and files, made safe to print on a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace muster::tool {

/// Escapes what could steer a terminal or disguise a line: control characters, bidirectional and
/// invisible formatting. \n, \t, \r and \uXXXX are written, so that JSON stays JSON; a byte that is
/// not UTF-8 becomes \xNN. Everything else, the backslash included, stays.
std::string terminal_text(std::string_view text);

/// Columns that terminal_text's result takes on a terminal.
std::size_t terminal_width(std::string_view text);

}  // namespace muster::tool
