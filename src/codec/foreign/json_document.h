// One foreign JSON document, read whole before anything of it is told.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "codec/foreign/statement.h"
#include "muster/types.h"

namespace muster::codec {

using JsonElement = simdjson::dom::element;
using JsonFields = simdjson::dom::object;
using JsonList = simdjson::dom::array;

/// Keeps its memory from document to document. Keys are taken in their exact spelling; of a key
/// that comes twice the first counts. Text that is not UTF-8 makes the document unreadable.
class JsonDocument {
 public:
  explicit JsonDocument(const DocumentLimits& limits) : limits_(limits) {}

  /// kLinePadding bytes behind `text` belong to its buffer. The root, valid until the next call;
  /// or nothing, with a reason that has no text of the document.
  std::optional<JsonElement> parse(std::string_view text, std::string& reason);

 private:
  DocumentLimits limits_;
  simdjson::dom::parser parser_;
};

/// Null where the key is missing, null, or of another kind. Views live as long as the document.
std::optional<JsonElement> find_value(const JsonFields& fields, std::string_view key);
std::optional<std::string_view> find_text(const JsonFields& fields, std::string_view key);
std::optional<JsonFields> find_fields(const JsonFields& fields, std::string_view key);
std::optional<JsonList> find_list(const JsonFields& fields, std::string_view key);
std::optional<bool> find_bool(const JsonFields& fields, std::string_view key);
/// A whole number, or a text that is one.
std::optional<std::int64_t> find_number(const JsonFields& fields, std::string_view key);
/// RFC 3339, years 0001 to 9999.
std::optional<Timestamp> find_time(const JsonFields& fields, std::string_view key);

}  // namespace muster::codec
