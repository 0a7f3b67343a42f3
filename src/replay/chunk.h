// A recording in pieces: cut in order, decoded anywhere, taken in order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "codec/recording_frame.h"
#include "muster/recording.h"
#include "muster/status.h"
#include "replay/text_buffer.h"

namespace muster::recording {

/// About how much content a chunk has.
inline constexpr std::size_t kChunkBytes = 256U << 10;

/// A frame of a binary recording, or a hole where events should be.
struct Piece {
  codec::FrameView frame;      ///< without its payload, which is in Chunk::bytes
  std::size_t payload_at = 0;  ///< there
  std::uint32_t repeated = 0;  ///< events at the frame's begin that came before

  std::string damage;  ///< not empty: no frame, but what is wrong here
  bool known = false;  ///< a part of a hole that a piece before named
  StatusCode code = StatusCode::kBadInput;
  std::uint64_t first_lost = 0;
  std::uint64_t lost = 0;  ///< events; 0: no one knows
};

/// "events 5 to 9"
std::string events_text(std::uint64_t first, std::uint64_t count);

struct Chunk {
  TextBuffer bytes;
  std::size_t expanded_bytes = 0;  ///< about what it takes once it is decoded
  std::uint64_t skip = 0;          ///< entries at the begin to pass over

  // Text: `bytes` are whole lines.
  std::uint64_t offset = 0;         ///< in the content
  std::size_t long_line_bytes = 0;  ///< behind them, a line that was too long to keep

  std::vector<Piece> pieces;  ///< binary

  bool last = false;
  /// Of the last one: why nothing follows. `end_is_damage`: skip_damaged may take it for the end.
  Status end;
  bool end_is_damage = false;
  std::uint64_t stored_bytes_read = 0;
};

class ChunkCutter {
 public:
  virtual ~ChunkCutter() = default;
  /// The next chunk; not to be called behind the last one.
  virtual Chunk cut() = 0;
};

/// What a chunk holds.
struct Decoded {
  std::vector<RecordedEvent> events;  ///< lines and, in text, numbers count from the chunk's begin
  std::uint64_t entries = 0;          ///< of text, passed over ones included
  std::uint64_t lines = 0;
  std::vector<std::string> damage;  ///< that was passed over
  bool last = false;
  Status end;  ///< not ok: behind the events, reading ends
  std::uint64_t stored_bytes_read = 0;
};

}  // namespace muster::recording
