// What every stored record must survive: cuts, flipped bits, another key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <string_view>

#include "codec/envelope.h"

namespace muster::test {

using Accepts = std::function<bool(std::string_view sealed)>;

/// Fails the running test where the record itself is refused, or where a part of it, it with one
/// byte more or it with one bit flipped is accepted. Records of more than `bits_max` bits are
/// tried at their first bits and at a random choice of the others.
void expect_damage_refused(const std::string& sealed, const Accepts& accepts,
                           std::size_t bits_max = 40'000);

/// The record with a vector of 8-byte elements of its root moved to its end, `askew` or aligned,
/// and sealed again: the verifier takes both. `field`: the vector's id in the schema; it is there.
std::string with_vector_moved(codec::RecordKind kind, std::string_view key,
                              const std::string& sealed, int field, std::size_t element_bytes,
                              bool askew);

/// Random values for records: ids with every byte that UTF-8 has, edge numbers.
class RandomValues {
 public:
  explicit RandomValues(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : random_() % bound; }
  bool chance(unsigned percent) { return below(100) < percent; }
  /// Small and large numbers alike; often 0, often the greatest.
  std::uint64_t number();
  std::uint32_t number32() { return static_cast<std::uint32_t>(number()); }
  std::int64_t signed_number() { return static_cast<std::int64_t>(number()); }
  std::string text(std::size_t bytes_max = 40);
  std::string id() { return "i" + text(); }

 private:
  std::mt19937_64 random_;
};

}  // namespace muster::test
