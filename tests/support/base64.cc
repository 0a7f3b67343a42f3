#include "tests/support/base64.h"

#include <cstdint>

namespace muster::test {

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t index = 0; index < 3; ++index) {
      group = group << 8U |
              (at + index < bytes.size() ? static_cast<unsigned char>(bytes[at + index]) : 0U);
    }
    for (std::size_t index = 0; index < 4; ++index) {
      const bool padding = at + index > bytes.size();
      text += padding ? '=' : digits[(group >> (18 - 6 * index)) & 63U];
    }
  }
  return text;
}

}  // namespace muster::test
