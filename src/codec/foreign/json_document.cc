#include "codec/foreign/json_document.h"

#include <algorithm>
#include <charconv>

#include "base/time.h"
#include "codec/ndjson_reader.h"

namespace muster::codec {
namespace {

static_assert(kLinePadding >= simdjson::SIMDJSON_PADDING);

/// Elements take 16 bytes of memory each, so they are guessed before a large text is parsed. Text
/// may have commas, too: hence the factor.
constexpr std::size_t kCommasAnElement = 4;

std::string_view reason_of(simdjson::error_code error) {
  switch (error) {
    case simdjson::DEPTH_ERROR:
      return "it is nested deeper than the limit";
    case simdjson::UTF8_ERROR:
      return "its text is not UTF-8";
    case simdjson::CAPACITY:
      return "it is longer than the limit";
    case simdjson::EMPTY:
      return "it is empty";
    default:
      return "it is not JSON";
  }
}

}  // namespace

std::optional<JsonElement> JsonDocument::parse(std::string_view text, std::string& reason) {
  if (text.size() > limits_.bytes_max) {
    reason = "it is longer than the limit";
    return {};
  }
  const auto commas = static_cast<std::size_t>(std::count(text.begin(), text.end(), ','));
  if (commas / kCommasAnElement > limits_.elements_max) {
    reason = "it has more elements than the limit";
    return {};
  }
  if (text.size() > parser_.capacity() || parser_.max_depth() != limits_.depth_max) {
    const std::size_t room = std::max(text.size(), 2 * parser_.capacity());
    if (const auto error = parser_.allocate(room, limits_.depth_max)) {
      reason = reason_of(error);
      return {};
    }
  }
  JsonElement root;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  if (const auto error = parser_.parse(bytes, text.size(), false).get(root)) {
    reason = reason_of(error);
    return {};
  }
  return root;
}

std::optional<JsonElement> find_value(const JsonFields& fields, std::string_view key) {
  JsonElement value;
  if (fields.at_key(key).get(value) != simdjson::SUCCESS || value.is_null()) return {};
  return value;
}

namespace {

template <typename Kind>
std::optional<Kind> find_kind(const JsonFields& fields, std::string_view key) {
  Kind kind;
  if (fields.at_key(key).get(kind) != simdjson::SUCCESS) return {};
  return kind;
}

}  // namespace

std::optional<std::string_view> find_text(const JsonFields& fields, std::string_view key) {
  return find_kind<std::string_view>(fields, key);
}

std::optional<JsonFields> find_fields(const JsonFields& fields, std::string_view key) {
  return find_kind<JsonFields>(fields, key);
}

std::optional<JsonList> find_list(const JsonFields& fields, std::string_view key) {
  return find_kind<JsonList>(fields, key);
}

std::optional<bool> find_bool(const JsonFields& fields, std::string_view key) {
  return find_kind<bool>(fields, key);
}

std::optional<std::int64_t> find_number(const JsonFields& fields, std::string_view key) {
  if (const auto number = find_kind<std::int64_t>(fields, key)) return number;
  const auto text = find_text(fields, key);
  if (!text) return {};
  std::int64_t number = 0;
  const char* const end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, number);
  if (error != std::errc() || stop != end) return {};
  return number;
}

std::optional<Timestamp> find_time(const JsonFields& fields, std::string_view key) {
  const auto text = find_text(fields, key);
  return text ? base::parse_rfc3339(*text) : std::nullopt;
}

}  // namespace muster::codec
