// A binary recording, from its bytes to events: damaged places are passed over.
#include <string_view>

#include "base/contract.h"
#include "codec/recording_frame.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace muster;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  RecordingLimits limits;
  limits.frame_bytes_max = 1U << 20;
  codec::FrameDecoder decoder(limits);
  for (std::size_t at = 0; at < bytes.size();) {
    const codec::FrameView frame = codec::look_at_frame(bytes.substr(at), limits.frame_bytes_max);
    if (frame.state != codec::FrameState::kWhole) {
      const std::size_t next = codec::find_frame(bytes, at + 1);
      MUSTER_ASSERT(next > at);
      at = next;
      continue;
    }
    MUSTER_ASSERT(frame.bytes > 0 && frame.bytes <= bytes.size() - at);
    at += frame.bytes;
    if (frame.kind == codec::FrameKind::kHeader) {
      static_cast<void>(decoder.decode_header(frame));
      continue;
    }
    const auto entries = decoder.decode_events(frame);
    MUSTER_ASSERT(!entries.ok() || entries->size() == frame.events);
  }
  return 0;
}
