// Expanding gzip and zstd.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "muster/recording.h"
#include "muster/status.h"

namespace muster::recording {

/// Bytes on their way; what is done with moves from the front.
struct Bytes {
  const char* data = nullptr;
  std::size_t size = 0;
};
struct Room {
  char* data = nullptr;
  std::size_t size = 0;
};

class Expander {
 public:
  virtual ~Expander() = default;
  /// Moves on in both until one of them is used up. Messages are without a place.
  virtual Status expand(Bytes& from, Room& to) = 0;
  /// Whether the input may end here.
  virtual bool complete() const = 0;
  /// How many times their size compressed bytes may expand to; 0: any number.
  virtual std::uint64_t ratio_max() const = 0;
};

/// For content that begins so; null when it is not compressed.
std::unique_ptr<Expander> make_expander(std::string_view begin, const RecordingLimits& limits);

}  // namespace muster::recording
