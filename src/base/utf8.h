#pragma once

#include <cstddef>
#include <string_view>

namespace muster::base {

/// Well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

/// The longest prefix of at most `bytes_max` bytes that ends at a character boundary.
std::string_view cut_utf8(std::string_view text, std::size_t bytes_max);

}  // namespace muster::base
