#include <charconv>
#include <pugixml.hpp>

#include "base/utf8.h"
#include "codec/foreign/base64.h"
#include "codec/foreign/plist.h"

namespace muster::codec {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

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
      reason = "it is nested deeper than the limit";
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

std::string_view text_of(const pugi::xml_node& node) {
  return node.child_value();
}

/// False: it is no property list. The depth was checked.
bool read_value(const pugi::xml_node& node, Plist& value);

bool read_dict(const pugi::xml_node& node, Plist& value) {
  value = Plist::dict();
  for (pugi::xml_node key = node.first_child(); key; key = key.next_sibling()) {
    if (std::string_view(key.name()) != "key") return false;
    std::string name(text_of(key));
    key = key.next_sibling();
    if (!key) return false;
    Plist item;
    if (!read_value(key, item)) return false;
    value.add(std::move(name), std::move(item));
  }
  return true;
}

bool read_list(const pugi::xml_node& node, Plist& value) {
  value = Plist::list();
  for (const pugi::xml_node& child : node) {
    Plist item;
    if (!read_value(child, item)) return false;
    value.add(std::move(item));
  }
  return true;
}

bool read_value(const pugi::xml_node& node, Plist& value) {
  const std::string_view name = node.name();
  const std::string_view text = text_of(node);
  if (name == "dict") return read_dict(node, value);
  if (name == "array") return read_list(node, value);
  if (name == "string") {
    value = Plist::text(std::string(text));
  } else if (name == "true" || name == "false") {
    value = Plist::boolean(name == "true");
  } else if (name == "integer") {
    std::int64_t number = 0;
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
  if (!root || root.next_sibling() || !read_value(root, value)) return {};
  reason.clear();
  return value;
}

}  // namespace muster::codec
