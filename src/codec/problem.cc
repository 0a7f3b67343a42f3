#include "codec/problem.h"

#include <utility>

#include "base/utf8.h"
#include "codec/json_text.h"

namespace muster::codec {
namespace {

constexpr std::size_t kQuotedBytesMax = 60;

}  // namespace

std::string quote_text(std::string_view text) {
  const std::string_view shown = base::cut_utf8(text, kQuotedBytesMax);
  std::string json;
  append_json_string(json, shown);
  // JSON lets DEL and the C1 controls stand; a terminal may obey them.
  std::string out;
  for (std::size_t index = 0; index < json.size(); ++index) {
    const auto byte = static_cast<unsigned char>(json[index]);
    const auto next = index + 1 < json.size() ? static_cast<unsigned char>(json[index + 1]) : '\0';
    if (byte == 0x7F) {
      out += "\\u007f";
    } else if (byte == 0xC2 && next >= 0x80 && next < 0xA0) {
      constexpr char kDigits[] = "0123456789abcdef";
      out += "\\u00";
      out.push_back(kDigits[next >> 4]);
      out.push_back(kDigits[next & 15]);
      ++index;
    } else {
      out.push_back(json[index]);
    }
  }
  if (shown.size() < text.size()) out.insert(out.size() - 1, "...");
  return out;
}

bool Problem::set(std::string what) {
  what_ = std::move(what);
  return false;
}

bool Problem::set_broken(std::string what) {
  broken_ = true;
  return set(std::move(what));
}

bool Problem::within(std::string_view key) {
  const bool dot = !where_.empty() && where_.front() != '[';
  where_.insert(0, dot ? "." : "");
  where_.insert(0, key);
  return false;
}

bool Problem::within(std::size_t index) {
  const bool dot = !where_.empty() && where_.front() != '[';
  where_.insert(0, '[' + std::to_string(index) + (dot ? "]." : "]"));
  return false;
}

bool Problem::admits(std::string_view text) {
  return text.size() <= limits_.string_bytes_max ||
         set("is longer than the limit of " + std::to_string(limits_.string_bytes_max) + " bytes");
}

bool Problem::admits_element() {
  return ++elements_ <= limits_.elements_max ||
         set("the event's lists have more than " + std::to_string(limits_.elements_max) +
             " elements, the limit");
}

bool Problem::admits_depth(std::size_t depth) {
  return depth <= limits_.depth_max || set("lists and objects are nested too deep");
}

bool check_lists(const ProfileUploaded& uploaded, Problem& problem) {
  if (uploaded.labels_include_all.empty() || uploaded.labels_include_any.empty()) return true;
  problem.set("cannot stand beside labels_include_all: a profile has one include list");
  return problem.within("labels_include_any");
}

std::string Problem::text() const {
  return where_.empty() ? what_ : where_ + ": " + what_;
}

}  // namespace muster::codec
