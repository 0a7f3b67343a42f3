// A binary recording into chunks of frames, over damaged places.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "replay/chunk.h"
#include "replay/input_window.h"

namespace muster::recording {

/// Finds the next whole frame behind a damaged place and says what lies between. The checksums are
/// compared here; what frames hold is left to the decoder.
class FrameCutter final : public ChunkCutter {
 public:
  /// `window` stands behind the header.
  FrameCutter(InputWindow window, const RecordingHeader& header, const RecordingLimits& limits);

  Chunk cut() override;

 private:
  codec::FrameView look();
  void take_frame(Chunk& chunk, const codec::FrameView& frame);
  void take_header(Chunk& chunk, const codec::FrameView& frame);
  void take_damage(Chunk& chunk, const codec::FrameView& frame);
  bool find_whole_frame(codec::FrameView& frame);
  void lose(Chunk& chunk, const std::string& why, std::uint64_t next_event);
  void take_gap(Chunk& chunk);
  void stop(Chunk& chunk, StatusCode code, const std::string& what);
  void take_end(Chunk& chunk);

  InputWindow window_;
  RecordingHeader header_;
  RecordingLimits limits_;
  codec::FrameDecoder decoder_;
  std::uint64_t expected_;  ///< number of the next event
  // A gap that is handed out in parts.
  std::string gap_;
  bool gap_is_new_ = false;
  std::uint64_t gap_left_ = 0;
};

}  // namespace muster::recording
