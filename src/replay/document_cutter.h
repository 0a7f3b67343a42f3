// Foreign content into documents: JSON objects, property lists, lines of other text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "muster/status.h"
#include "replay/input_window.h"

namespace muster::recording {

struct Document {
  std::string_view text;     ///< with codec::kLinePadding bytes behind it; empty: too long to keep
  std::uint64_t offset = 0;  ///< in the content
  std::uint64_t length = 0;
};

/// JSON objects may stand on lines, in lists, or one behind the other, on one line or many. A
/// property list in XML goes to its end tag, a binary one to the end of the content. Anything else
/// is cut at the line's end. Damage costs the document that it is in: where an object does not
/// close, the next one begins at the next line that begins with a brace.
class DocumentCutter {
 public:
  DocumentCutter(InputWindow window, std::size_t document_bytes_max);

  /// The next one, valid until the next call; nothing at the end of the content.
  std::optional<Document> next();
  /// The last document is no JSON. One that may have been put together from several is then cut
  /// behind the first, and the rest is cut anew.
  Document shorten(const Document& document);

  std::uint64_t stored_bytes_read() const { return window_.source().stored_bytes_read(); }
  /// Why the content ended early.
  const Status& status() const { return window_.source().status(); }

 private:
  bool skip_blanks();
  bool has(std::size_t bytes);
  std::size_t object_bytes();
  std::size_t markup_bytes();
  std::size_t line_bytes();
  std::size_t rest_bytes();
  Document take(std::size_t bytes);
  Document pass_long();

  InputWindow window_;
  std::size_t document_bytes_max_;
  std::size_t taken_ = 0;  ///< of what is ahead: the last document
  /// Before this offset an object ends where a line begins with a brace.
  std::uint64_t lines_until_ = 0;
};

}  // namespace muster::recording
