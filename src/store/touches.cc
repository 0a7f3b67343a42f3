#include "store/group_record.h"

// count; then for each touch: the ordinal's distance to the one before, and the two times as
// zigzag differences to the same time of the touch before. Check-ins of one group are close in
// time and one of the two times seldom moves, so most take five bytes.
namespace muster::store {
namespace {

void append_varint(std::vector<std::uint8_t>& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<std::uint8_t>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<std::uint8_t>(value));
}

std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

/// Wraps instead of overflowing: any two times have a difference that leads back.
std::int64_t difference(std::int64_t from, std::int64_t to) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(to) -
                                   static_cast<std::uint64_t>(from));
}
std::int64_t moved(std::int64_t from, std::int64_t by) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(from) +
                                   static_cast<std::uint64_t>(by));
}

class VarintReader {
 public:
  VarintReader(const std::uint8_t* bytes, std::size_t size) : next_(bytes), end_(bytes + size) {}

  std::uint64_t read() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (next_ == end_) break;
      const std::uint8_t byte = *next_++;
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    good_ = false;
    return 0;
  }
  bool good() const { return good_; }
  bool at_end() const { return next_ == end_; }
  std::size_t left() const { return static_cast<std::size_t>(end_ - next_); }

 private:
  const std::uint8_t* next_;
  const std::uint8_t* end_;
  bool good_ = true;
};

}  // namespace

std::vector<std::uint8_t> encode_touches(const std::vector<Touch>& touches) {
  std::vector<std::uint8_t> out;
  append_varint(out, touches.size());
  Touch last;
  for (const Touch& touch : touches) {
    append_varint(out, core::to_integer(touch.ordinal) - core::to_integer(last.ordinal));
    append_varint(out,
                  zigzag(difference(last.times.detail_updated_at, touch.times.detail_updated_at)));
    append_varint(out,
                  zigzag(difference(last.times.label_updated_at, touch.times.label_updated_at)));
    last = touch;
  }
  return out;
}

bool decode_touches(const std::uint8_t* bytes, std::size_t size, std::vector<Touch>& touches) {
  VarintReader reader(bytes, size);
  const std::uint64_t count = reader.read();
  if (count > reader.left()) return false;
  touches.reserve(count);
  Touch last;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t distance = reader.read();
    const std::uint32_t before = core::to_integer(last.ordinal);
    if (distance > UINT32_MAX - before || (distance == 0 && i > 0)) return false;
    last.ordinal = core::HostOrdinal{before + static_cast<std::uint32_t>(distance)};
    last.times.detail_updated_at = moved(last.times.detail_updated_at, unzigzag(reader.read()));
    last.times.label_updated_at = moved(last.times.label_updated_at, unzigzag(reader.read()));
    touches.push_back(last);
  }
  return reader.good() && reader.at_end();
}

}  // namespace muster::store
