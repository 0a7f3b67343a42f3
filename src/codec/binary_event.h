// Event <-> one FlatBuffer of schema/recording.fbs, as the frames of binary recordings hold it.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "muster/recording.h"

namespace muster::codec {

/// An event of a frame. Its number follows from its place.
struct FrameEntry {
  Event event;
  /// Where the event stood in the recording that it was taken from.
  std::optional<EventOrigin> origin;
};

/// An upper bound of what an event without its origin takes, and a cheap one.
std::size_t packed_bytes_bound(const Event& event);

/// Builds the entry, with a size in front. `builder` is cleared before.
void pack_entry(flatbuffers::FlatBufferBuilder& builder, const Event& event,
                const std::optional<EventOrigin>& origin);

/// Reads what pack_entry() built; `packed` begins with the size, at an address that is a multiple
/// of 8. What cannot be read becomes Unreadable with the reason, as a bad line of text does.
FrameEntry unpack_entry(std::string_view packed, const RecordingLimits& limits);

}  // namespace muster::codec
