#include "replay/frame_cutter.h"

#include <algorithm>
#include <utility>

namespace muster::recording {
namespace {

using codec::FrameKind;
using codec::FrameState;
using codec::FrameView;

constexpr std::size_t kPiecesPerChunk = 1024;
constexpr std::uint64_t kGapEventsPerChunk = 4096;
/// How much is hashed in search of a frame: a file made of false heads may not take forever.
constexpr std::uint64_t kSearchBytesMax = 2ULL << 30;

std::string bytes_text(std::uint64_t begin, std::uint64_t end) {
  return "bytes " + std::to_string(begin) + " to " + std::to_string(end - 1);
}

}  // namespace

std::string events_text(std::uint64_t first, std::uint64_t count) {
  if (count == 1) return "event " + std::to_string(first);
  return "events " + std::to_string(first) + " to " + std::to_string(first + count - 1);
}

FrameCutter::FrameCutter(InputWindow window, const RecordingHeader& header,
                         const RecordingLimits& limits)
    : window_(std::move(window)),
      header_(header),
      limits_(limits),
      decoder_(limits),
      expected_(header.first_event) {}

Chunk FrameCutter::cut() {
  Chunk chunk;
  while (!chunk.last && gap_left_ == 0 && chunk.expanded_bytes < kChunkBytes &&
         chunk.pieces.size() < kPiecesPerChunk) {
    const FrameView frame = look();
    if (frame.state == FrameState::kWhole) {
      take_frame(chunk, frame);
    } else if (window_.ahead().empty()) {
      take_end(chunk);
    } else {
      take_damage(chunk, frame);
    }
  }
  if (gap_left_ > 0) take_gap(chunk);
  chunk.stored_bytes_read = window_.source().stored_bytes_read();
  return chunk;
}

/// What begins ahead, with as much of it read as is needed to judge it.
FrameView FrameCutter::look() {
  window_.fill(codec::kFrameHeadBytes);
  FrameView frame = codec::look_at_frame(window_.ahead(), limits_.frame_bytes_max);
  if (frame.state == FrameState::kCut && !window_.at_end()) {
    window_.fill(frame.bytes);
    frame = codec::look_at_frame(window_.ahead(), limits_.frame_bytes_max);
  }
  return frame;
}

void FrameCutter::take_frame(Chunk& chunk, const FrameView& frame) {
  if (frame.kind == FrameKind::kHeader) return take_header(chunk, frame);
  const std::string place = "at byte " + std::to_string(window_.offset());
  if (frame.first_event > expected_) return lose(chunk, place, frame.first_event);
  Piece piece;
  piece.repeated = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(expected_ - frame.first_event, frame.events));
  if (piece.repeated > 0) {
    Piece& damage = chunk.pieces.emplace_back();
    damage.damage = place + ": " + events_text(frame.first_event, piece.repeated) +
                    " stand there a second time";
  }
  if (piece.repeated < frame.events) {
    piece.frame = frame;
    piece.frame.payload = {};
    piece.payload_at = chunk.bytes.size();
    chunk.bytes.append(frame.payload);
    chunk.expanded_bytes += frame.expanded_bytes;
    chunk.pieces.push_back(std::move(piece));
    expected_ = frame.first_event + frame.events;
  }
  window_.pass(frame.bytes);
}

/// Segments of one recording may stand in one file.
void FrameCutter::take_header(Chunk& chunk, const FrameView& frame) {
  const Result<RecordingHeader> header = decoder_.decode_header(frame);
  if (!header.ok()) return stop(chunk, StatusCode::kBadInput, "has a damaged header within it");
  if (header->id != header_.id) {
    return stop(chunk, StatusCode::kBadInput,
                "another recording begins at byte " + std::to_string(window_.offset()) +
                    "; write each into a file of its own");
  }
  window_.pass(frame.bytes);
}

void FrameCutter::take_damage(Chunk& chunk, const FrameView& frame) {
  const bool cut = frame.state == FrameState::kCut;
  if (cut && !window_.source().status().ok()) return window_.pass(window_.ahead().size());
  const std::uint64_t begin = window_.offset();
  const std::string problem(cut ? "a frame is cut" : frame.problem);
  FrameView next;
  const bool found = find_whole_frame(next);
  const std::string where = bytes_text(begin, window_.offset()) + " are damaged (" + problem + ")";
  if (found && next.kind == FrameKind::kEvents && next.first_event > expected_) {
    return lose(chunk, where, next.first_event);
  }
  Piece& damage = chunk.pieces.emplace_back();
  damage.damage =
      where + (found ? ": no event is lost"
                     : ": the events from " + std::to_string(expected_) + " on are lost");
}

/// Passes over what is no frame. False: there is none up to the end, or the search was given up.
bool FrameCutter::find_whole_frame(FrameView& frame) {
  std::uint64_t searched = 0;
  std::size_t from = 1;
  while (searched < kSearchBytesMax) {
    window_.pass(codec::find_frame(window_.ahead(), from));
    if (window_.ahead().empty() && window_.at_end()) return false;
    from = 0;
    if (window_.ahead().size() < codec::kFrameMagic.size() && !window_.at_end()) {
      window_.fill(kChunkBytes);
      continue;
    }
    frame = look();
    if (frame.state == FrameState::kWhole) return true;
    searched += std::max<std::uint64_t>(frame.bytes, codec::kFrameHeadBytes);
    from = 1;
  }
  while (!window_.at_end()) {
    window_.pass(window_.ahead().size());
    window_.fill(kChunkBytes);
  }
  window_.pass(window_.ahead().size());
  return false;
}

void FrameCutter::lose(Chunk& chunk, const std::string& why, std::uint64_t next_event) {
  const std::uint64_t lost = next_event - expected_;
  const std::string what =
      why + ": " + events_text(expected_, lost) + (lost == 1 ? " is missing" : " are missing");
  if (lost > limits_.missing_events_max) {
    return stop(chunk, StatusCode::kLimit,
                what + ", more than the limit of " + std::to_string(limits_.missing_events_max));
  }
  gap_ = what;
  gap_is_new_ = true;
  gap_left_ = lost;
}

void FrameCutter::take_gap(Chunk& chunk) {
  Piece& piece = chunk.pieces.emplace_back();
  piece.damage = gap_;
  piece.known = !std::exchange(gap_is_new_, false);
  piece.first_lost = expected_;
  piece.lost = std::min(gap_left_, kGapEventsPerChunk);
  expected_ += piece.lost;
  gap_left_ -= piece.lost;
}

void FrameCutter::stop(Chunk& chunk, StatusCode code, const std::string& what) {
  chunk.last = true;
  chunk.end = Status(code, window_.source().name() + ": " + what);
}

void FrameCutter::take_end(Chunk& chunk) {
  chunk.last = true;
  chunk.end = window_.source().status();
  chunk.end_is_damage = chunk.end.code() == StatusCode::kBadInput;
}

}  // namespace muster::recording
