// bplist00: a header, objects, a table of their offsets, and a trailer of 32 bytes.
#include <algorithm>

#include "base/utf8.h"
#include "codec/foreign/plist.h"

namespace muster::codec {
namespace {

constexpr std::string_view kMagic = "bplist00";
constexpr std::size_t kTrailerBytes = 32;
/// What sharing may save.
constexpr std::size_t kVisitsAByte = 4;

/// Objects may be shared, so that a small file means a huge tree. Each visit counts.
class BinaryReader {
 public:
  BinaryReader(std::string_view bytes, const DocumentLimits& limits)
      : bytes_(bytes), limits_(limits) {}

  bool read(Plist& value) {
    if (bytes_.size() < kMagic.size() + kTrailerBytes || !bytes_.starts_with(kMagic)) return false;
    const std::size_t trailer = bytes_.size() - kTrailerBytes;
    offset_bytes_ = static_cast<std::uint8_t>(bytes_[trailer + 6]);
    reference_bytes_ = static_cast<std::uint8_t>(bytes_[trailer + 7]);
    std::uint64_t root = 0;
    if (!number_at(trailer + 8, 8, objects_) || !number_at(trailer + 16, 8, root) ||
        !number_at(trailer + 24, 8, table_)) {
      return false;
    }
    if (offset_bytes_ < 1 || offset_bytes_ > 8 || reference_bytes_ < 1 || reference_bytes_ > 8) {
      return false;
    }
    if (table_ > trailer || objects_ > (trailer - table_) / offset_bytes_) return false;
    return object(root, 1, value);
  }

  bool passed_limit() const { return passed_limit_; }

 private:
  std::size_t visits_max() const {
    return std::min(limits_.elements_max, kVisitsAByte * bytes_.size());
  }

  /// Big-endian.
  bool number_at(std::uint64_t at, std::size_t size, std::uint64_t& number) const {
    if (at > bytes_.size() || size > bytes_.size() - at || size > 8) return false;
    number = 0;
    for (const char byte : bytes_.substr(at, size)) {
      number = number << 8U | static_cast<std::uint8_t>(byte);
    }
    return true;
  }

  bool object(std::uint64_t index, std::size_t depth, Plist& value) {
    if (depth > limits_.depth_max || ++visits_ > visits_max()) {
      passed_limit_ = true;
      return false;
    }
    std::uint64_t at = 0;
    if (index >= objects_ || !number_at(table_ + index * offset_bytes_, offset_bytes_, at)) {
      return false;
    }
    if (at < kMagic.size() || at >= table_) return false;
    const auto marker = static_cast<std::uint8_t>(bytes_[at]);
    const std::uint8_t low = marker & 0x0FU;
    switch (marker >> 4U) {
      case 0x0:
        if (low == 8 || low == 9) value = Plist::boolean(low == 9);
        return low == 0 || low == 8 || low == 9;
      case 0x1:
        return integer(at + 1, low, value);
      case 0x2:
      case 0x3:
      case 0x8:
        return true;  // reals, dates and uids: nobody asks for them
      default:
        return sized(marker, at + 1, depth, value);
    }
  }

  bool integer(std::uint64_t at, std::uint8_t power, Plist& value) const {
    if (power > 4) return false;
    std::uint64_t number = 0;
    const std::size_t size = std::size_t{1} << power;
    // Of 16 bytes the low half is the number, unless it is beyond all that is asked for.
    if (!number_at(size == 16 ? at + 8 : at, size == 16 ? 8 : size, number)) return false;
    value = Plist::integer(static_cast<std::int64_t>(number));
    return true;
  }

  bool sized(std::uint8_t marker, std::uint64_t at, std::size_t depth, Plist& value) {
    std::uint64_t count = marker & 0x0FU;
    if (count == 0x0F) {
      if (at >= bytes_.size()) return false;
      const auto size_marker = static_cast<std::uint8_t>(bytes_[at]);
      if ((size_marker & 0xFCU) != 0x10) return false;
      const std::size_t size = std::size_t{1} << (size_marker & 0x03U);
      if (!number_at(at + 1, size, count)) return false;
      at += 1 + size;
    }
    if (count > bytes_.size()) return false;
    switch (marker >> 4U) {
      case 0x4:
      case 0x5:
        return bytes(marker >> 4U == 0x4, at, count, value);
      case 0x6:
        return utf16(at, count, value);
      case 0xA:
        return list(at, count, depth, value);
      case 0xD:
        return dict(at, count, depth, value);
      default:
        return false;
    }
  }

  bool bytes(bool data, std::uint64_t at, std::uint64_t count, Plist& value) {
    if (at > bytes_.size() || count > bytes_.size() - at || !take(count)) return false;
    std::string taken(bytes_.substr(at, count));
    if (!data && !base::is_utf8(taken)) return false;
    value = data ? Plist::data(std::move(taken)) : Plist::text(std::move(taken));
    return true;
  }

  bool utf16(std::uint64_t at, std::uint64_t units, Plist& value) {
    if (at > bytes_.size() || 2 * units > bytes_.size() - at || !take(2 * units)) return false;
    std::string text;
    for (std::uint64_t index = 0; index < units; ++index) {
      std::uint64_t point = 0;
      number_at(at + 2 * index, 2, point);
      if (point >= 0xDC00 && point < 0xE000) return false;
      if (point >= 0xD800 && point < 0xDC00) {
        std::uint64_t low = 0;
        if (++index == units) return false;
        number_at(at + 2 * index, 2, low);
        if (low < 0xDC00 || low >= 0xE000) return false;
        point = 0x10000 + ((point - 0xD800) << 10U) + (low - 0xDC00);
      }
      append_utf8(text, static_cast<std::uint32_t>(point));
    }
    value = Plist::text(std::move(text));
    return true;
  }

  static void append_utf8(std::string& text, std::uint32_t point) {
    const auto tail = [&](unsigned shift) {
      text.push_back(static_cast<char>(0x80U | ((point >> shift) & 0x3FU)));
    };
    if (point < 0x80) {
      text.push_back(static_cast<char>(point));
    } else if (point < 0x800) {
      text.push_back(static_cast<char>(0xC0U | point >> 6U));
      tail(0);
    } else if (point < 0x10000) {
      text.push_back(static_cast<char>(0xE0U | point >> 12U));
      tail(6);
      tail(0);
    } else {
      text.push_back(static_cast<char>(0xF0U | point >> 18U));
      tail(12);
      tail(6);
      tail(0);
    }
  }

  bool list(std::uint64_t at, std::uint64_t count, std::size_t depth, Plist& value) {
    value = Plist::list();
    for (std::uint64_t index = 0; index < count; ++index) {
      std::uint64_t item = 0;
      if (!number_at(at + index * reference_bytes_, reference_bytes_, item)) return false;
      if (!object(item, depth + 1, value.add(Plist()))) return false;
    }
    return true;
  }

  bool dict(std::uint64_t at, std::uint64_t count, std::size_t depth, Plist& value) {
    value = Plist::dict();
    for (std::uint64_t index = 0; index < count; ++index) {
      std::uint64_t key = 0;
      std::uint64_t item = 0;
      if (!number_at(at + index * reference_bytes_, reference_bytes_, key) ||
          !number_at(at + (count + index) * reference_bytes_, reference_bytes_, item)) {
        return false;
      }
      Plist name;
      if (!object(key, depth + 1, name) || name.kind() != Plist::Kind::kText) return false;
      if (!object(item, depth + 1, value.add(name.bytes(), Plist()))) return false;
    }
    return true;
  }

  /// Shared texts count each time.
  bool take(std::uint64_t count) {
    taken_ += count;
    passed_limit_ = passed_limit_ || taken_ > limits_.plist_bytes_max;
    return taken_ <= limits_.plist_bytes_max;
  }

  std::string_view bytes_;
  const DocumentLimits& limits_;
  std::size_t offset_bytes_ = 0;
  std::size_t reference_bytes_ = 0;
  std::uint64_t objects_ = 0;
  std::uint64_t table_ = 0;
  std::uint64_t taken_ = 0;
  std::size_t visits_ = 0;
  bool passed_limit_ = false;
};

}  // namespace

std::optional<Plist> parse_binary_plist(std::string_view document, const DocumentLimits& limits,
                                        std::string& reason) {
  if (document.size() > limits.binary_plist_bytes_max) {
    reason = "it is longer than the limit of a binary property list";
    return {};
  }
  BinaryReader reader(document, limits);
  Plist value;
  if (reader.read(value)) return value;
  reason = reader.passed_limit() ? "it is nested deeper, or has more elements, than the limit"
                                 : "it is no property list";
  return {};
}

}  // namespace muster::codec
