// The frames of binary recordings: bytes <-> a header, or consecutive events. docs/recording.md
// gives every byte. Frames follow each other without a gap and can be appended at any time; a frame
// that is cut or damaged is known by its checksum, and the next whole one can be found behind it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codec/binary_event.h"
#include "muster/recording.h"
#include "muster/status.h"

namespace muster::codec {

inline constexpr std::string_view kFrameMagic = "\xF5Mur";  // never in UTF-8 text
inline constexpr std::size_t kFrameHeadBytes = 32;

enum class FrameKind : std::uint8_t { kHeader = 1, kEvents = 2 };

enum class FrameState {
  kWhole,  ///< complete, and its checksum holds
  kCut,    ///< the bytes end before the frame does
  kBad,    ///< no frame, or a damaged one
};

/// What stands at the begin of some bytes.
struct FrameView {
  FrameState state = FrameState::kBad;
  std::string_view problem;  ///< kBad: in words
  std::size_t bytes = 0;     ///< of the whole frame; kCut: that are needed to say more
  FrameKind kind = FrameKind::kEvents;
  bool compressed = false;
  std::uint64_t first_event = 0;
  std::uint32_t events = 0;
  std::string_view payload;        ///< kWhole: of the bytes given
  std::size_t expanded_bytes = 0;  ///< kWhole: that the payload takes, as far as it says so
};

FrameView look_at_frame(std::string_view bytes, std::size_t frame_bytes_max);

/// Where the next frame may begin at or behind `from`: its magic, or as much of it as fits before
/// the end; bytes.size() where there is none.
std::size_t find_frame(std::string_view bytes, std::size_t from);

enum class FrameCompression { kNone, kZstd };

/// Appends frames to a string. Keeps its memory from frame to frame. Not safe from two threads.
class FrameEncoder {
 public:
  FrameEncoder();
  FrameEncoder(FrameEncoder&&) noexcept;
  FrameEncoder& operator=(FrameEncoder&&) noexcept;
  ~FrameEncoder();

  void append_header(std::string& out, const RecordingHeader& header);

  /// The entries are the events from `first_event` on, at least one. Payloads are compressed where
  /// that makes them smaller. kLimit: they are too many for one frame; `out` is as before.
  Status append_events(std::string& out, std::uint64_t first_event,
                       std::span<const FrameEntry> entries, FrameCompression compression);
  /// The same for one event that stays where it is.
  Status append_event(std::string& out, std::uint64_t number, const Event& event,
                      const std::optional<EventOrigin>& origin, FrameCompression compression);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Reads whole frames. Keeps its memory from frame to frame. Not safe from two threads.
class FrameDecoder {
 public:
  explicit FrameDecoder(const RecordingLimits& limits = {});
  FrameDecoder(FrameDecoder&&) noexcept;
  FrameDecoder& operator=(FrameDecoder&&) noexcept;
  ~FrameDecoder();

  /// Errors are kBadInput with what is wrong, without a place.
  Result<RecordingHeader> decode_header(const FrameView& frame);
  /// One entry for each event; one that cannot be read is Unreadable, as a bad line is.
  Result<std::vector<FrameEntry>> decode_events(const FrameView& frame);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace muster::codec
