#include "codec/foreign/base64.h"

#include <array>
#include <cstdint>

namespace muster::codec {
namespace {

constexpr std::uint8_t kNoDigit = 64;
constexpr std::uint8_t kBlank = 65;

constexpr std::array<std::uint8_t, 256> make_values() {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::size_t value = 0; value < digits.size(); ++value) {
    values[static_cast<std::uint8_t>(digits[value])] = static_cast<std::uint8_t>(value);
  }
  for (const char blank : {' ', '\t', '\r', '\n'}) {
    values[static_cast<std::uint8_t>(blank)] = kBlank;
  }
  return values;
}

constexpr std::array<std::uint8_t, 256> kValues = make_values();

}  // namespace

bool decode_base64(std::string_view text, std::string& bytes) {
  bytes.clear();
  bytes.reserve(text.size() / 4 * 3 + 3);
  std::uint32_t group = 0;
  std::size_t digits = 0;
  std::size_t padding = 0;
  for (const char character : text) {
    const std::uint8_t value = kValues[static_cast<std::uint8_t>(character)];
    if (value == kBlank) continue;
    if (character == '=') {
      ++padding;
      continue;
    }
    if (value == kNoDigit || padding > 0) return false;
    group = group << 6U | value;
    if (++digits % 4 != 0) continue;
    bytes.push_back(static_cast<char>(group >> 16U));
    bytes.push_back(static_cast<char>(group >> 8U));
    bytes.push_back(static_cast<char>(group));
  }
  const std::size_t open = digits % 4;
  if (open == 0) return padding == 0;
  if (open == 1 || padding != 4 - open) return false;
  group <<= 6 * (4 - open);
  bytes.push_back(static_cast<char>(group >> 16U));
  if (open == 3) bytes.push_back(static_cast<char>(group >> 8U));
  return true;
}

}  // namespace muster::codec
