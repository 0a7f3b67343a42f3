#include "store/damage.h"

#include <cstdint>

namespace muster::store {

std::string printable_key(std::string_view key) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (const char byte : key) {
    const auto value = static_cast<std::uint8_t>(byte);
    if (value >= 0x20 && value < 0x7F && byte != '\\') {
      out.push_back(byte);
    } else {
      out += {'\\', 'x', kHex[value >> 4], kHex[value & 15]};
    }
  }
  return out;
}

}  // namespace muster::store
