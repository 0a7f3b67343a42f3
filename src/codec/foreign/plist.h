// Property lists, XML and binary, as a tree of values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/foreign/statement.h"

namespace muster::codec {

/// A value and what it holds. Dates and reals are kNothing: nobody asks for them.
class Plist {
 public:
  enum class Kind : std::uint8_t { kNothing, kText, kInteger, kBool, kData, kList, kDict };

  Plist() = default;
  static Plist text(std::string text) { return Plist(Kind::kText, std::move(text)); }
  static Plist data(std::string bytes) { return Plist(Kind::kData, std::move(bytes)); }
  static Plist integer(std::int64_t number);
  static Plist boolean(bool value);
  static Plist list() { return Plist(Kind::kList, {}); }
  static Plist dict() { return Plist(Kind::kDict, {}); }

  Kind kind() const { return kind_; }
  std::int64_t number() const { return number_; }      ///< of kInteger and kBool
  const std::string& bytes() const { return bytes_; }  ///< of kText and kData
  const std::vector<Plist>& items() const { return items_; }
  /// Of a dict: the first value of that key and kind, or null.
  const Plist* find(std::string_view key, Kind kind) const;
  std::optional<std::string_view> find_text(std::string_view key) const;
  /// The same for kData.
  std::optional<std::string_view> find_data(std::string_view key) const;

  /// Of a list.
  Plist& add(Plist item);
  /// Of a dict.
  Plist& add(std::string key, Plist value);

 private:
  Plist(Kind kind, std::string bytes) : kind_(kind), bytes_(std::move(bytes)) {}

  Kind kind_ = Kind::kNothing;
  std::int64_t number_ = 0;
  std::string bytes_;
  std::vector<std::string> keys_;
  std::vector<Plist> items_;
};

/// The document's value, told by its begin to be XML or binary. Nothing: `reason` says why, without
/// text of the document. Entities of its own, depth and size are checked before it is parsed.
std::optional<Plist> parse_plist(std::string_view document, const DocumentLimits& limits,
                                 std::string& reason);

/// Of the two kinds; `parse_plist` picks.
std::optional<Plist> parse_xml_plist(std::string_view document, const DocumentLimits& limits,
                                     std::string& reason);
std::optional<Plist> parse_binary_plist(std::string_view document, const DocumentLimits& limits,
                                        std::string& reason);

}  // namespace muster::codec
