#include "tests/support/record_damage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>
#include <vector>

namespace muster::test {
namespace {

/// At an address of its own and without a byte behind it, so that reading too far is seen.
bool accepts_bytes(const Accepts& accepts, std::string_view sealed) {
  const std::vector<char> bytes(sealed.begin(), sealed.end());
  return accepts({bytes.data(), bytes.size()});
}

}  // namespace

void expect_damage_refused(const std::string& sealed, const Accepts& accepts,
                           std::size_t bits_max) {
  ASSERT_TRUE(accepts_bytes(accepts, sealed)) << "the record itself is refused";
  const std::size_t step = std::max<std::size_t>(1, sealed.size() * 8 / bits_max);
  for (std::size_t size = 0; size < sealed.size(); size += size < 512 ? 1 : step) {
    ASSERT_FALSE(accepts_bytes(accepts, std::string_view(sealed).substr(0, size)))
        << "the first " << size << " of " << sealed.size() << " bytes are accepted";
  }
  ASSERT_FALSE(accepts_bytes(accepts, sealed + '\0')) << "a byte more is accepted";
  std::mt19937_64 random(sealed.size());
  std::string damaged = sealed;
  for (std::size_t bit = 0; bit < sealed.size() * 8; bit += bit < 4096 ? 1 : 1 + random() % step) {
    const auto mask = static_cast<char>(1u << (bit % 8));
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ mask);
    ASSERT_FALSE(accepts_bytes(accepts, damaged)) << "bit " << bit << " is flipped and accepted";
    damaged[bit / 8] = sealed[bit / 8];
  }
}

std::string with_vector_moved(codec::RecordKind kind, std::string_view key,
                              const std::string& sealed, int field, std::size_t element_bytes,
                              bool askew) {
  std::vector<std::uint64_t> words(sealed.size() / sizeof(std::uint64_t) + 1);
  std::string payload = sealed.substr(codec::kEnvelopeBytes);
  std::memcpy(words.data(), payload.data(), payload.size());
  const auto* begin = reinterpret_cast<const std::uint8_t*>(words.data());
  const auto* root = flatbuffers::GetRoot<flatbuffers::Table>(begin);
  const std::uint8_t* offset =
      root->GetAddressOf(static_cast<flatbuffers::voffset_t>(sizeof(std::uint32_t) + 2 * field));
  if (offset == nullptr) throw std::logic_error("the record has no such vector");
  const auto at = static_cast<std::size_t>(offset - begin);
  const std::size_t vector = at + flatbuffers::ReadScalar<flatbuffers::uoffset_t>(offset);
  const auto count = flatbuffers::ReadScalar<std::uint32_t>(begin + vector);
  const std::string elements =
      payload.substr(vector, sizeof(std::uint32_t) + count * element_bytes);
  // Its length comes first, in four bytes.
  payload.resize((payload.size() + 7) / 8 * 8 + (askew ? 0 : 4));
  const auto moved = static_cast<std::uint32_t>(payload.size() - at);
  std::memcpy(&payload[at], &moved, sizeof moved);
  payload += elements;
  flatbuffers::FlatBufferBuilder builder;
  builder.PushFlatBuffer(reinterpret_cast<const std::uint8_t*>(payload.data()), payload.size());
  return codec::seal(kind, key, builder);
}

std::uint64_t RandomValues::number() {
  const std::uint64_t kind = below(10);
  if (kind == 0) return 0;
  if (kind == 1) return UINT64_MAX;
  return random_() >> below(64);
}

std::string RandomValues::text(std::size_t bytes_max) {
  static const std::array<std::string, 8> kPieces = {
      "a",    "Zz9",      std::string(1, '\0'), "\n",
      "\\\"", "\xC3\xA4", "\xE2\x82\xAC",       "\xF0\x9F\x98\x80"};
  std::string out;
  const std::size_t size = below(bytes_max);
  while (out.size() < size) out += kPieces[below(kPieces.size())];
  return out;
}

}  // namespace muster::test
