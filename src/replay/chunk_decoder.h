// Chunks into events.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "codec/ndjson_reader.h"
#include "codec/recording_frame.h"
#include "replay/chunk.h"

namespace muster::recording {

/// The events of a chunk, without parsing them.
std::uint64_t count_entries(const Chunk& chunk, std::size_t line_bytes_max);

/// Keeps its memory from chunk to chunk. One for each thread.
class ChunkDecoder {
 public:
  /// `name` is the file's in messages.
  ChunkDecoder(std::string name, const RecordingOptions& options);

  /// `used` are events that nobody needs any more: their memory serves again.
  Decoded decode(Chunk chunk, std::vector<RecordedEvent> used);

 private:
  void decode_lines(Chunk& chunk, std::vector<RecordedEvent> used, Decoded& out);
  void parse_line(std::string_view line, bool open, RecordedEvent& out);
  bool put_off(std::string_view line, std::size_t index, Decoded& out);
  void read_put_off(Decoded& out);
  Event long_line() const;
  bool decode_frame(const Chunk& chunk, const Piece& piece, std::uint64_t skip, Decoded& out);
  bool pass_damage(const Piece& piece, std::uint64_t skip, Decoded& out);

  std::string name_;
  RecordingOptions options_;
  codec::NdjsonReader lines_;
  codec::FrameDecoder frames_;
  std::shared_ptr<const TextBuffer> chunk_;  ///< whose lines are decoded
  /// Reports that find_known is asked about together.
  struct PutOff {
    std::size_t index = 0;  ///< of the event
    std::string_view line;
    std::string_view list;
  };
  std::vector<PutOff> put_off_;
  std::vector<UnreadReport> unread_;
};

}  // namespace muster::recording
