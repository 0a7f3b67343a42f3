#include "replay/text_cutter.h"

#include <string_view>

#include "codec/ndjson_reader.h"

namespace muster::recording {

Chunk TextCutter::cut() {
  Chunk chunk;
  chunk.offset = window_.offset();
  window_.fill(kChunkBytes);
  const std::size_t feed = window_.ahead().substr(0, kChunkBytes).rfind('\n');
  if (feed != std::string_view::npos) {
    take(chunk, feed + 1);
  } else {
    take_line(chunk);
  }
  chunk.stored_bytes_read = window_.source().stored_bytes_read();
  if (!window_.ahead().empty() || !window_.at_end()) return chunk;
  chunk.last = true;
  chunk.end = window_.source().status();
  chunk.end_is_damage = chunk.end.code() == StatusCode::kBadInput;
  return chunk;
}

void TextCutter::take(Chunk& chunk, std::size_t bytes) {
  chunk.bytes = window_.take(bytes, codec::kLinePadding);
  chunk.expanded_bytes = bytes;
}

/// One line that is longer than a chunk, or the last one.
void TextCutter::take_line(Chunk& chunk) {
  std::size_t searched = 0;
  for (;;) {
    const std::string_view ahead = window_.ahead();
    const std::size_t feed = ahead.find('\n', searched);
    if (feed != std::string_view::npos) return take(chunk, feed + 1);
    if (window_.at_end() && !window_.source().status().ok()) {
      return window_.pass(ahead.size());  // who knows how the line went on
    }
    if (ahead.size() > line_bytes_max_) return pass_long_line(chunk);
    if (window_.at_end()) return take(chunk, ahead.size());
    searched = ahead.size();
    window_.fill(2 * searched);
  }
}

void TextCutter::pass_long_line(Chunk& chunk) {
  for (;;) {
    const std::string_view ahead = window_.ahead();
    const std::size_t feed = ahead.find('\n');
    const std::size_t bytes = feed == std::string_view::npos ? ahead.size() : feed + 1;
    chunk.long_line_bytes += bytes;
    window_.pass(bytes);
    if (feed != std::string_view::npos) return;
    if (window_.at_end()) break;
    window_.fill(kChunkBytes);
  }
  if (!window_.source().status().ok()) chunk.long_line_bytes = 0;
}

}  // namespace muster::recording
