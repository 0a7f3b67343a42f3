#include "codec/foreign/plist.h"

namespace muster::codec {

Plist Plist::integer(std::int64_t number) {
  Plist value(Kind::kInteger, {});
  value.number_ = number;
  return value;
}

Plist Plist::boolean(bool value) {
  Plist made(Kind::kBool, {});
  made.number_ = value ? 1 : 0;
  return made;
}

const Plist* Plist::find(std::string_view key, Kind kind) const {
  for (std::size_t index = 0; index < keys_.size(); ++index) {
    if (keys_[index] != key) continue;
    return items_[index].kind_ == kind ? &items_[index] : nullptr;
  }
  return nullptr;
}

std::optional<std::string_view> Plist::find_text(std::string_view key) const {
  const Plist* const value = find(key, Kind::kText);
  return value != nullptr ? std::optional<std::string_view>(value->bytes_) : std::nullopt;
}

std::optional<std::string_view> Plist::find_data(std::string_view key) const {
  const Plist* const value = find(key, Kind::kData);
  return value != nullptr ? std::optional<std::string_view>(value->bytes_) : std::nullopt;
}

Plist& Plist::add(Plist item) {
  return items_.emplace_back(std::move(item));
}

Plist& Plist::add(std::string key, Plist value) {
  keys_.push_back(std::move(key));
  return items_.emplace_back(std::move(value));
}

std::optional<Plist> parse_plist(std::string_view document, const DocumentLimits& limits,
                                 std::string& reason) {
  return document.starts_with("bplist") ? parse_binary_plist(document, limits, reason)
                                        : parse_xml_plist(document, limits, reason);
}

}  // namespace muster::codec
