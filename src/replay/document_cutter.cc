#include "replay/document_cutter.h"

#include <algorithm>
#include <utility>

#include "base/contract.h"

namespace muster::recording {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kBetween = " \t\r\n,[]";
constexpr std::string_view kNextObject = "\n{";
constexpr std::string_view kPlistEnd = "</plist>";
constexpr std::string_view kXmlBegin = "<?xml";
/// No document: its bytes pass the limit.
constexpr std::size_t kTooLong = SIZE_MAX;

/// Walks over an object's bytes.
class ObjectScan {
 public:
  enum class State { kOpen, kClosed, kBroken };

  /// kBroken: a line feed inside a text, or an object that begins where a key should.
  State step(char here) {
    if (in_text_) {
      if (escaped_) {
        escaped_ = false;
      } else if (here == '\\') {
        escaped_ = true;
      } else if (here == '"') {
        in_text_ = false;
      } else if (here == '\n') {
        return State::kBroken;
      }
      return State::kOpen;
    }
    return outside_text(here);
  }

 private:
  State outside_text(char here) {
    if (here == '\n') {
      line_begins_ = true;
      return State::kOpen;
    }
    if (here == ' ' || here == '\t' || here == '\r') {
      line_begins_ = false;
      return State::kOpen;
    }
    const bool begins_line = std::exchange(line_begins_, false);
    if (here == '{' && begins_line && last_ != '[' && last_ != ':' && last_ != ',') {
      return State::kBroken;
    }
    last_ = here;
    if (here == '"') in_text_ = true;
    if (here == '{' || here == '[') ++depth_;
    if (here != '}' && here != ']') return State::kOpen;
    return --depth_ == 0 ? State::kClosed : State::kOpen;
  }

  std::size_t depth_ = 0;
  char last_ = 0;
  bool in_text_ = false;
  bool escaped_ = false;
  bool line_begins_ = false;
};

}  // namespace

DocumentCutter::DocumentCutter(InputWindow window, std::size_t document_bytes_max)
    : window_(std::move(window)), document_bytes_max_(document_bytes_max) {
  window_.fill(kByteOrderMark.size());
  if (window_.ahead().starts_with(kByteOrderMark)) window_.pass(kByteOrderMark.size());
}

std::optional<Document> DocumentCutter::next() {
  window_.pass(std::exchange(taken_, 0));
  if (!skip_blanks()) return {};
  std::size_t bytes = 0;
  switch (window_.ahead().front()) {
    case '{':
      bytes = object_bytes();
      break;
    case '<':
      bytes = markup_bytes();
      break;
    default:
      window_.fill(std::string_view("bplist").size());
      bytes = window_.ahead().starts_with("bplist") ? rest_bytes() : line_bytes();
  }
  return bytes == kTooLong ? pass_long() : take(bytes);
}

bool DocumentCutter::skip_blanks() {
  for (;;) {
    window_.fill(1);
    const std::string_view ahead = window_.ahead();
    if (ahead.empty()) return false;
    const std::size_t at = ahead.find_first_not_of(kBetween);
    window_.pass(std::min(at, ahead.size()));
    if (at != std::string_view::npos) return true;
  }
}

/// Whether so many bytes are ahead, or can be had.
bool DocumentCutter::has(std::size_t bytes) {
  if (window_.ahead().size() >= bytes) return true;
  window_.fill(bytes);
  return window_.ahead().size() >= bytes;
}

std::size_t DocumentCutter::object_bytes() {
  ObjectScan scan;
  const bool by_lines = window_.offset() < lines_until_;
  std::string_view ahead = window_.ahead();
  for (std::size_t at = 0; at <= document_bytes_max_; ++at) {
    if (at + 1 >= ahead.size()) {
      if (!has(at + 1)) return at;
      has(at + 2);
      ahead = window_.ahead();
    }
    if (by_lines && ahead.substr(at, kNextObject.size()) == kNextObject) return at;
    const ObjectScan::State state = scan.step(ahead[at]);
    if (state == ObjectScan::State::kClosed) return at + 1;
    if (state == ObjectScan::State::kBroken) return at;
  }
  return kTooLong;
}

/// To the end tag of a property list, or to the next document where that is missing. Looks at each
/// byte once.
std::size_t DocumentCutter::markup_bytes() {
  std::size_t at = 1;
  while (at <= document_bytes_max_) {
    std::string_view ahead = window_.ahead();
    const std::size_t tag = ahead.find('<', at);
    if (tag == std::string_view::npos || ahead.size() - tag < kPlistEnd.size()) {
      if (window_.at_end()) return ahead.size();
      at = std::min(tag, ahead.size());
      window_.fill(2 * ahead.size());
      continue;
    }
    ahead.remove_prefix(tag);
    if (ahead.starts_with(kXmlBegin)) return tag;
    if (ahead.starts_with(kPlistEnd)) return tag + kPlistEnd.size();
    at = tag + 1;
  }
  return kTooLong;
}

std::size_t DocumentCutter::line_bytes() {
  std::size_t searched = 0;
  while (searched <= document_bytes_max_) {
    const std::size_t feed = window_.ahead().find('\n', searched);
    if (feed != std::string_view::npos) return feed;
    if (window_.at_end()) return window_.ahead().size();
    searched = window_.ahead().size();
    window_.fill(2 * searched);
  }
  return kTooLong;
}

std::size_t DocumentCutter::rest_bytes() {
  return has(document_bytes_max_ + 1) ? kTooLong : window_.ahead().size();
}

Document DocumentCutter::take(std::size_t bytes) {
  if (bytes > document_bytes_max_) return pass_long();
  taken_ = bytes;
  return {window_.ahead().substr(0, bytes), window_.offset(), bytes};
}

Document DocumentCutter::shorten(const Document& document) {
  MUSTER_ASSERT(document.length == taken_ && document.offset == window_.offset());
  const std::size_t next = document.text.find(kNextObject);
  if (next == std::string_view::npos) return document;
  lines_until_ = std::max(lines_until_, document.offset + document.length);
  return take(next);
}

/// Up to the next line that begins with a brace, or of a property list to the next one.
Document DocumentCutter::pass_long() {
  Document document{{}, window_.offset(), 0};
  const bool markup = window_.ahead().front() == '<';
  const std::string_view mark = markup ? kXmlBegin : kNextObject;
  if (markup) window_.pass(1);
  lines_until_ = std::max(lines_until_, document.offset + document_bytes_max_);
  for (;;) {
    const std::string_view ahead = window_.ahead();
    const std::size_t next = ahead.find(mark);
    if (next != std::string_view::npos) {
      window_.pass(next);
      break;
    }
    // The mark may begin in the last bytes.
    const std::size_t kept = window_.at_end() ? 0 : std::min(ahead.size(), mark.size() - 1);
    window_.pass(ahead.size() - kept);
    if (window_.at_end()) break;
    window_.fill(mark.size());
  }
  document.length = window_.offset() - document.offset;
  return document;
}

}  // namespace muster::recording
