// Compressing with gzip and zstd.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "muster/recording_writer.h"

namespace muster::recording {

class Compressor {
 public:
  virtual ~Compressor() = default;
  /// Appends what comes out to `out`; with `last`, all of it.
  virtual void compress(std::string_view bytes, bool last, std::string& out) = 0;
};

/// Null for kNone.
std::unique_ptr<Compressor> make_compressor(RecordingCompression compression);

}  // namespace muster::recording
