#include "codec/recording_frame.h"

#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include "base/contract.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "schema/recording_generated.h"

namespace muster::codec {
namespace {

namespace fb = muster::fb::recording;

constexpr std::uint8_t kFrameVersion = 1;
constexpr std::uint16_t kFlagZstd = 1;
constexpr int kZstdLevel = 3;
constexpr std::size_t kEntryAlignment = 8;
constexpr std::size_t kPayloadBytesMax = RecordingLimits{}.frame_bytes_max;

// Offsets in a head.
constexpr std::size_t kVersionAt = 4;
constexpr std::size_t kKindAt = 5;
constexpr std::size_t kFlagsAt = 6;
constexpr std::size_t kPayloadBytesAt = 8;
constexpr std::size_t kEventsAt = 12;
constexpr std::size_t kFirstEventAt = 16;
constexpr std::size_t kChecksumAt = 24;

template <typename T>
T load(std::string_view bytes, std::size_t at) {
  T value{};
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

template <typename T>
void store(std::string& bytes, std::size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

std::uint64_t checksum(std::string_view head, std::string_view payload) {
  return base::hash64(payload, base::hash64(head.substr(0, kChecksumAt)));
}

std::size_t aligned(std::size_t bytes) {
  return (bytes + kEntryAlignment - 1) / kEntryAlignment * kEntryAlignment;
}

Status too_large() {
  return {StatusCode::kLimit, "the events are larger than a frame of a recording may be (" +
                                  std::to_string(kPayloadBytesMax) + " bytes)"};
}

Status damaged(std::string_view problem) {
  return {StatusCode::kBadInput, std::string(problem)};
}

FrameView bad(std::string_view problem) {
  FrameView view;
  view.problem = problem;
  return view;
}

std::optional<std::size_t> declared_bytes(std::string_view compressed) {
  const unsigned long long size = ZSTD_getFrameContentSize(compressed.data(), compressed.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN) return std::nullopt;
  return size;
}

/// What a head says, where it can be believed.
std::string_view problem_of(const FrameView& view, std::uint16_t flags, std::size_t payload_bytes,
                            std::size_t frame_bytes_max) {
  if (view.kind != FrameKind::kHeader && view.kind != FrameKind::kEvents) {
    return "the kind of frame is unknown";
  }
  if ((flags & ~kFlagZstd) != 0) return "the frame has unknown flags";
  if (payload_bytes > frame_bytes_max) return "the frame is longer than the limit";
  if ((view.kind == FrameKind::kEvents) != (view.events > 0)) {
    return "the number of events is impossible";
  }
  if (view.first_event == 0 ||
      view.first_event > std::numeric_limits<std::uint64_t>::max() - view.events) {
    return "the number of the first event is impossible";
  }
  return {};
}

}  // namespace

FrameView look_at_frame(std::string_view bytes, std::size_t frame_bytes_max) {
  if (!bytes.starts_with(kFrameMagic.substr(0, bytes.size()))) return bad("no frame begins here");
  FrameView view;
  view.state = FrameState::kCut;
  view.bytes = kFrameHeadBytes;
  if (bytes.size() < kFrameHeadBytes) return view;
  if (load<std::uint8_t>(bytes, kVersionAt) != kFrameVersion) {
    return bad("the frame is of a version that this Muster does not know");
  }
  const auto flags = load<std::uint16_t>(bytes, kFlagsAt);
  const std::size_t payload_bytes = load<std::uint32_t>(bytes, kPayloadBytesAt);
  view.kind = static_cast<FrameKind>(load<std::uint8_t>(bytes, kKindAt));
  view.compressed = (flags & kFlagZstd) != 0;
  view.events = load<std::uint32_t>(bytes, kEventsAt);
  view.first_event = load<std::uint64_t>(bytes, kFirstEventAt);
  const std::string_view problem = problem_of(view, flags, payload_bytes, frame_bytes_max);
  if (!problem.empty()) return bad(problem);
  view.bytes += payload_bytes;
  if (bytes.size() < view.bytes) return view;
  view.payload = bytes.substr(kFrameHeadBytes, payload_bytes);
  if (checksum(bytes, view.payload) != load<std::uint64_t>(bytes, kChecksumAt)) {
    return bad("the checksum does not match");
  }
  view.state = FrameState::kWhole;
  view.expanded_bytes = payload_bytes;
  if (view.compressed) {
    const std::optional<std::size_t> declared = declared_bytes(view.payload);
    if (declared && *declared <= frame_bytes_max) view.expanded_bytes = *declared;
  }
  return view;
}

std::size_t find_frame(std::string_view bytes, std::size_t from) {
  for (std::size_t at = from;; ++at) {
    at = bytes.find(kFrameMagic.front(), at);
    if (at == std::string_view::npos) return bytes.size();
    const std::string_view rest = bytes.substr(at);
    if (rest.starts_with(kFrameMagic.substr(0, rest.size()))) return at;
  }
}

class FrameEncoder::Impl {
 public:
  void append_header(std::string& out, const RecordingHeader& header) {
    MUSTER_ASSERT(header.first_event > 0);
    builder_.Clear();
    const auto id = builder_.CreateString(header.id);
    const auto recorder = header.recorder.empty() ? 0 : builder_.CreateString(header.recorder);
    builder_.FinishSizePrefixed(fb::CreateHeader(builder_, id, recorder));
    payload_.clear();
    add_built();
    append_frame(out, FrameKind::kHeader, header.first_event, 0, FrameCompression::kNone);
  }

  void begin_events() {
    payload_.clear();
    events_ = 0;
  }

  Status add(const Event& event, const std::optional<EventOrigin>& origin) {
    std::size_t bound = packed_bytes_bound(event);
    if (origin) bound += origin->source.size();
    if (bound > kPayloadBytesMax - std::min(kPayloadBytesMax, payload_.size())) return too_large();
    pack_entry(builder_, event, origin);
    add_built();
    ++events_;
    return {};
  }

  void append_events(std::string& out, std::uint64_t first_event, FrameCompression compression) {
    append_frame(out, FrameKind::kEvents, first_event, events_, compression);
  }

 private:
  void add_built() {
    payload_.append(reinterpret_cast<const char*>(builder_.GetBufferPointer()), builder_.GetSize());
    payload_.resize(aligned(payload_.size()), '\0');
  }

  void append_frame(std::string& out, FrameKind kind, std::uint64_t first_event,
                    std::uint32_t events, FrameCompression compression) {
    const bool compressed = compression == FrameCompression::kZstd && compress();
    const std::string& payload = compressed ? compressed_ : payload_;
    std::string head(kFrameMagic);
    head.resize(kFrameHeadBytes);
    store(head, kVersionAt, kFrameVersion);
    store(head, kKindAt, kind);
    store(head, kFlagsAt, compressed ? kFlagZstd : std::uint16_t{0});
    store(head, kPayloadBytesAt, static_cast<std::uint32_t>(payload.size()));
    store(head, kEventsAt, events);
    store(head, kFirstEventAt, first_event);
    store(head, kChecksumAt, checksum(head, payload));
    out.append(head).append(payload);
  }

  /// False where nothing is gained.
  bool compress() {
    if (context_ == nullptr) context_.reset(ZSTD_createCCtx());
    compressed_.resize(ZSTD_compressBound(payload_.size()));
    const std::size_t size =
        ZSTD_compressCCtx(context_.get(), compressed_.data(), compressed_.size(), payload_.data(),
                          payload_.size(), kZstdLevel);
    if (ZSTD_isError(size) != 0 || size >= payload_.size()) return false;
    compressed_.resize(size);
    return true;
  }

  flatbuffers::FlatBufferBuilder builder_;
  std::string payload_;
  std::uint32_t events_ = 0;
  std::string compressed_;
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context_{nullptr, &ZSTD_freeCCtx};
};

FrameEncoder::FrameEncoder() : impl_(std::make_unique<Impl>()) {}
FrameEncoder::FrameEncoder(FrameEncoder&&) noexcept = default;
FrameEncoder& FrameEncoder::operator=(FrameEncoder&&) noexcept = default;
FrameEncoder::~FrameEncoder() = default;

void FrameEncoder::append_header(std::string& out, const RecordingHeader& header) {
  impl_->append_header(out, header);
}

Status FrameEncoder::append_events(std::string& out, std::uint64_t first_event,
                                   std::span<const FrameEntry> entries,
                                   FrameCompression compression) {
  MUSTER_ASSERT(!entries.empty() && first_event > 0);
  impl_->begin_events();
  for (const FrameEntry& entry : entries) {
    if (Status added = impl_->add(entry.event, entry.origin); !added.ok()) return added;
  }
  impl_->append_events(out, first_event, compression);
  return {};
}

Status FrameEncoder::append_event(std::string& out, std::uint64_t number, const Event& event,
                                  const std::optional<EventOrigin>& origin,
                                  FrameCompression compression) {
  MUSTER_ASSERT(number > 0);
  impl_->begin_events();
  if (Status added = impl_->add(event, origin); !added.ok()) return added;
  impl_->append_events(out, number, compression);
  return {};
}

class FrameDecoder::Impl {
 public:
  explicit Impl(const RecordingLimits& limits) : limits_(limits) {}

  Result<RecordingHeader> decode_header(const FrameView& frame) {
    MUSTER_ASSERT(frame.state == FrameState::kWhole && frame.kind == FrameKind::kHeader);
    if (Status expanded = expand(frame); !expanded.ok()) return expanded;
    std::string_view rest = payload_;
    std::string_view packed;
    if (!take_packed(rest, packed) || !rest.empty()) return damaged("the header is cut");
    flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(packed.data()),
                                   packed.size(), 2, 2);
    if (!verifier.VerifySizePrefixedBuffer<fb::Header>(nullptr)) {
      return damaged("the header's bytes are not of the schema");
    }
    const auto* read = flatbuffers::GetSizePrefixedRoot<fb::Header>(packed.data());
    RecordingHeader header;
    header.id = read->id()->str();
    if (read->recorder() != nullptr) header.recorder = read->recorder()->str();
    header.first_event = frame.first_event;
    if (!base::is_utf8(header.id) || !base::is_utf8(header.recorder)) {
      return damaged("the header is not UTF-8");
    }
    return header;
  }

  Result<std::vector<FrameEntry>> decode_events(const FrameView& frame) {
    MUSTER_ASSERT(frame.state == FrameState::kWhole && frame.kind == FrameKind::kEvents);
    if (Status expanded = expand(frame); !expanded.ok()) return expanded;
    std::vector<FrameEntry> entries;
    std::string_view rest = payload_;
    std::string_view packed;
    entries.reserve(std::min<std::size_t>(frame.events, rest.size() / kEntryAlignment));
    while (!rest.empty()) {
      if (entries.size() == frame.events) return damaged("the frame holds more than its events");
      if (!take_packed(rest, packed)) return damaged("an event of the frame is cut");
      entries.push_back(unpack_entry(packed, limits_));
    }
    if (entries.size() < frame.events) return damaged("the frame holds less than its events");
    return entries;
  }

 private:
  /// Puts the payload at an aligned address, expanded.
  Status expand(const FrameView& frame) {
    if (!frame.compressed) {
      reserve(frame.payload.size());
      if (!frame.payload.empty()) {
        std::memcpy(words_.data(), frame.payload.data(), frame.payload.size());
      }
      return {};
    }
    const std::optional<std::size_t> declared = declared_bytes(frame.payload);
    if (!declared) return damaged("the frame's compression is unknown or does not say its size");
    if (*declared > limits_.frame_bytes_max) {
      return {StatusCode::kLimit, "the frame expands to " + std::to_string(*declared) +
                                      " bytes; the limit is " +
                                      std::to_string(limits_.frame_bytes_max)};
    }
    reserve(*declared);
    if (context_ == nullptr) context_.reset(ZSTD_createDCtx());
    const std::size_t size = ZSTD_decompressDCtx(context_.get(), words_.data(), *declared,
                                                 frame.payload.data(), frame.payload.size());
    if (ZSTD_isError(size) != 0 || size != *declared) return damaged("the frame does not expand");
    return {};
  }

  void reserve(std::size_t bytes) {
    words_.resize((bytes + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t));
    payload_ = {reinterpret_cast<const char*>(words_.data()), bytes};
  }

  /// Takes a size, what it counts, and the zeros up to the alignment.
  static bool take_packed(std::string_view& rest, std::string_view& packed) {
    if (rest.size() < sizeof(std::uint32_t)) return false;
    const std::size_t bytes = sizeof(std::uint32_t) + load<std::uint32_t>(rest, 0);
    if (aligned(bytes) > rest.size()) return false;
    packed = rest.substr(0, bytes);
    rest.remove_prefix(aligned(bytes));
    return true;
  }

  RecordingLimits limits_;
  std::vector<std::uint64_t> words_;
  std::string_view payload_;  ///< in words_
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context_{nullptr, &ZSTD_freeDCtx};
};

FrameDecoder::FrameDecoder(const RecordingLimits& limits) : impl_(std::make_unique<Impl>(limits)) {}
FrameDecoder::FrameDecoder(FrameDecoder&&) noexcept = default;
FrameDecoder& FrameDecoder::operator=(FrameDecoder&&) noexcept = default;
FrameDecoder::~FrameDecoder() = default;

Result<RecordingHeader> FrameDecoder::decode_header(const FrameView& frame) {
  return impl_->decode_header(frame);
}
Result<std::vector<FrameEntry>> FrameDecoder::decode_events(const FrameView& frame) {
  return impl_->decode_events(frame);
}

}  // namespace muster::codec
