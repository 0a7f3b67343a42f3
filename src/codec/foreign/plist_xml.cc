#include <algorithm>
#include <charconv>
#include <pugixml.hpp>

#include "base/utf8.h"
#include "codec/foreign/base64.h"
#include "codec/foreign/plist.h"

namespace muster::codec {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kTooDeep = "it is nested deeper than the limit";

/// Looks over the tags before a parser sees them.
class TagScan {
 public:
  explicit TagScan(const DocumentLimits& limits) : limits_(limits) {}

  bool scan(std::string_view text, std::string& reason) {
    for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at)) {
      const std::string_view rest = text.substr(at);
      if (rest.starts_with("<!--")) {
        at = text.find("-->", at);
        if (at == std::string_view::npos) break;
        continue;
      }
      if (rest.starts_with("<![CDATA[")) {
        at = text.find("]]>", at);
        if (at == std::string_view::npos) break;
        continue;
      }
      if (rest.starts_with("<!ENTITY") || rest.starts_with("<!ELEMENT")) {
        reason = "it declares entities of its own";
        return false;
      }
      if (rest.starts_with("<!DOCTYPE") && has_subset(rest)) {
        reason = "it declares entities of its own";
        return false;
      }
      const std::size_t end = text.find('>', at);
      if (end == std::string_view::npos) break;
      if (!count(text.substr(at, end - at + 1), reason)) return false;
      at = end;
    }
    return true;
  }

 private:
  static bool has_subset(std::string_view declaration) {
    return declaration.substr(0, declaration.find('>')).find('[') != std::string_view::npos;
  }

  bool count(std::string_view tag, std::string& reason) {
    if (tag.starts_with("<?") || tag.starts_with("<!") || tag.ends_with("/>")) return true;
    if (tag.starts_with("</")) {
      if (depth_ > 0) --depth_;
      return true;
    }
    if (++depth_ > limits_.depth_max) {
      reason = kTooDeep;
      return false;
    }
    if (++elements_ > limits_.elements_max) {
      reason = "it has more elements than the limit";
      return false;
    }
    return true;
  }

  const DocumentLimits& limits_;
  std::size_t depth_ = 0;
  std::size_t elements_ = 0;
};

/// Makes values of a parsed tree. Bounded again: a text in quotes can hide tags from the scan.
class TreeReader {
 public:
  explicit TreeReader(std::size_t depth_max) : depth_max_(depth_max) {}

  bool passed_limit() const { return passed_limit_; }

  /// False: it is no property list, or nested too deep.
  bool read(const pugi::xml_node& node, std::size_t depth, Plist& value) {
    const std::string_view name = node.name();
    if (depth > depth_max_) {
      passed_limit_ = true;
      return false;
    }
    if (name == "dict") return read_dict(node, depth, value);
    if (name == "array") return read_list(node, depth, value);
    std::string text;
    return read_text(node, text) && read_single(name, text, value);
  }

 private:
  bool read_dict(const pugi::xml_node& node, std::size_t depth, Plist& value) {
    value = Plist::dict();
    for (pugi::xml_node key = node.first_child(); key; key = key.next_sibling()) {
      if (std::string_view(key.name()) != "key") return false;
      std::string name;
      if (!read_text(key, name)) return false;
      key = key.next_sibling();
      if (!key) return false;
      Plist item;
      if (!read(key, depth + 1, item)) return false;
      value.add(std::move(name), std::move(item));
    }
    return true;
  }

  bool read_list(const pugi::xml_node& node, std::size_t depth, Plist& value) {
    value = Plist::list();
    for (const pugi::xml_node& child : node) {
      Plist item;
      if (!read(child, depth + 1, item)) return false;
      value.add(std::move(item));
    }
    return true;
  }

  /// Comments and CDATA cut a text into several.
  static bool read_text(const pugi::xml_node& node, std::string& text) {
    for (const pugi::xml_node& part : node) {
      if (part.type() != pugi::node_pcdata && part.type() != pugi::node_cdata) return false;
      text += part.value();
    }
    return true;
  }

  static std::string_view without_blanks(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r\n";
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    return text.substr(0, text.find_last_not_of(kBlanks) + 1);
  }

  static bool read_single(std::string_view name, std::string_view text, Plist& value) {
    if (name == "string") {
      value = Plist::text(std::string(text));
    } else if (name == "true" || name == "false") {
      value = Plist::boolean(name == "true");
    } else if (name == "integer") {
      std::int64_t number = 0;
      text = without_blanks(text);
      if (text.starts_with('+')) text.remove_prefix(1);
      const char* const end = text.data() + text.size();
      const auto [stop, error] = std::from_chars(text.data(), end, number);
      if (error == std::errc() && stop == end) value = Plist::integer(number);
    } else if (name == "data") {
      std::string bytes;
      if (!decode_base64(text, bytes)) return false;
      value = Plist::data(std::move(bytes));
    } else {
      return name == "date" || name == "real";
    }
    return true;
  }

  std::size_t depth_max_;
  bool passed_limit_ = false;
};

}  // namespace

std::optional<Plist> parse_xml_plist(std::string_view document, const DocumentLimits& limits,
                                     std::string& reason) {
  if (document.size() > limits.plist_bytes_max) {
    reason = "it is longer than the limit of a property list";
    return {};
  }
  if (document.starts_with(kByteOrderMark)) document.remove_prefix(kByteOrderMark.size());
  if (!TagScan(limits).scan(document, reason)) return {};
  reason = "it is no property list";
  if (!base::is_utf8(document)) {
    reason = "its text is not UTF-8";
    return {};
  }
  pugi::xml_document xml;
  // Content is taken as UTF-8 whatever the declaration says, as it was checked to be.
  const pugi::xml_parse_result parsed = xml.load_buffer(
      document.data(), document.size(), pugi::parse_cdata | pugi::parse_escapes | pugi::parse_eol,
      pugi::encoding_utf8);
  if (!parsed) return {};
  Plist value;
  const pugi::xml_node root = xml.child("plist").first_child();
  TreeReader reader(limits.depth_max);
  if (root && !root.next_sibling() && reader.read(root, 1, value)) {
    reason.clear();
    return value;
  }
  if (reader.passed_limit()) reason = kTooDeep;
  return {};
}

}  // namespace muster::codec
