#include "base/crc32c.h"

#include <array>
#include <cstddef>
#include <cstring>

namespace muster::base {
namespace {

constexpr std::array<std::uint32_t, 256> make_table() {
  constexpr std::uint32_t kReversedPolynomial = 0x82F63B78;
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t sum = i;
    for (int bit = 0; bit < 8; ++bit) sum = sum >> 1 ^ ((sum & 1) != 0 ? kReversedPolynomial : 0);
    table[i] = sum;
  }
  return table;
}

std::uint32_t by_table(std::string_view bytes, std::uint32_t before) {
  static constexpr std::array<std::uint32_t, 256> kTable = make_table();
  std::uint32_t sum = ~before;
  for (const char byte : bytes) {
    sum = sum >> 8 ^ kTable[(sum ^ static_cast<unsigned char>(byte)) & 0xFF];
  }
  return ~sum;
}

#ifdef __x86_64__
/// Twenty times as fast as the table: a log is read whole at each open.
__attribute__((target("sse4.2"))) std::uint32_t by_instruction(std::string_view bytes,
                                                               std::uint32_t before) {
  std::uint64_t sum = ~before;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= sizeof(std::uint64_t); left -= sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    sum = __builtin_ia32_crc32di(sum, word);
    at += sizeof word;
  }
  auto rest = static_cast<std::uint32_t>(sum);
  for (; left > 0; --left) {
    rest = __builtin_ia32_crc32qi(rest, static_cast<unsigned char>(*at++));
  }
  return ~rest;
}
#endif

}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) {
#ifdef __x86_64__
  if (__builtin_cpu_supports("sse4.2")) return by_instruction(bytes, before);
#endif
  return by_table(bytes, before);
}

}  // namespace muster::base
