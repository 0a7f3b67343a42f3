// Chance that is the same on every machine: SplitMix64, whole numbers only.
#pragma once

#include <cstdint>

namespace muster::generate {

/// The finalizer of SplitMix64: equal bits in, equal bits out.
constexpr std::uint64_t scramble(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
  return value ^ (value >> 31);
}

/// A trait: a number that belongs to (seed, kind, which) and that nobody has to remember.
constexpr std::uint64_t trait(std::uint64_t seed, std::uint64_t kind, std::uint64_t which) {
  constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15;
  return scramble(scramble(scramble(seed + kStep) + kind * kStep) + which * kStep);
}

/// `bits` brought below `bound`.
constexpr std::uint32_t scaled(std::uint64_t bits, std::uint32_t bound) {
  return static_cast<std::uint32_t>(((bits >> 32) * bound) >> 32);
}

inline constexpr std::uint32_t kMillion = 1'000'000;

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(scramble(seed)) {}

  std::uint64_t next() { return scramble(state_ += 0x9E3779B97F4A7C15); }
  /// 0 to bound - 1; 0 for a bound of 0.
  std::uint32_t below(std::uint32_t bound) { return scaled(next(), bound); }
  std::uint32_t between(std::uint32_t least, std::uint32_t most) {
    return least + below(most - least + 1);
  }
  bool chance(std::uint32_t of_a_million) { return below(kMillion) < of_a_million; }

 private:
  std::uint64_t state_;
};

}  // namespace muster::generate
