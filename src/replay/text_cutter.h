// Text into chunks of whole lines.
#pragma once

#include <cstddef>

#include "replay/chunk.h"
#include "replay/input_window.h"

namespace muster::recording {

class TextCutter final : public ChunkCutter {
 public:
  TextCutter(InputWindow window, std::size_t line_bytes_max)
      : window_(std::move(window)), line_bytes_max_(line_bytes_max) {}

  Chunk cut() override;

 private:
  void take(Chunk& chunk, std::size_t bytes);
  void take_line(Chunk& chunk);
  void pass_long_line(Chunk& chunk);

  InputWindow window_;
  std::size_t line_bytes_max_;
};

}  // namespace muster::recording
