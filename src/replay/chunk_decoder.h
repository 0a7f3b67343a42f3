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

  Decoded decode(Chunk chunk);

 private:
  void decode_lines(Chunk& chunk, Decoded& out);
  Event parse_line(std::string_view line, bool open);
  std::optional<Event> read_report(std::string_view line);
  Event long_line() const;
  bool decode_frame(const Chunk& chunk, const Piece& piece, std::uint64_t skip, Decoded& out);
  bool pass_damage(const Piece& piece, std::uint64_t skip, Decoded& out);

  std::string name_;
  RecordingOptions options_;
  codec::NdjsonReader lines_;
  codec::FrameDecoder frames_;
  std::shared_ptr<const std::string> chunk_;  ///< whose lines are decoded
};

}  // namespace muster::recording
