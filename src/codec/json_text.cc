#include "codec/json_text.h"

#include "base/time.h"

namespace muster::codec {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

void append_escaped(std::string& out, char character) {
  switch (character) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out.push_back(kHexDigits[static_cast<unsigned char>(character) >> 4]);
      out.push_back(kHexDigits[static_cast<unsigned char>(character) & 15]);
  }
}

bool needs_escape(char character) {
  return static_cast<unsigned char>(character) < 0x20 || character == '"' || character == '\\';
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out.push_back('"');
  std::size_t begin = 0;
  for (std::size_t index = 0; index < text.size(); ++index) {
    if (!needs_escape(text[index])) continue;
    out.append(text, begin, index - begin);
    append_escaped(out, text[index]);
    begin = index + 1;
  }
  out.append(text, begin, text.size() - begin);
  out.push_back('"');
}

JsonObject::JsonObject(std::string& out) : out_(out) {
  out_.push_back('{');
}

void JsonObject::text(std::string_view key, std::string_view value) {
  append_json_string(raw(key), value);
}

void JsonObject::text_or_null(std::string_view key, std::optional<std::string_view> value) {
  if (value) {
    text(key, *value);
  } else {
    raw(key) += "null";
  }
}

void JsonObject::number(std::string_view key, std::int64_t value) {
  raw(key) += std::to_string(value);
}

void JsonObject::boolean(std::string_view key, bool value) {
  raw(key) += value ? "true" : "false";
}

void JsonObject::time(std::string_view key, Timestamp value) {
  std::string& out = raw(key);
  out.push_back('"');
  base::append_time(out, value);
  out.push_back('"');
}

void JsonObject::time_or_null(std::string_view key, std::optional<Timestamp> value) {
  if (value) {
    time(key, *value);
  } else {
    raw(key) += "null";
  }
}

std::string& JsonObject::raw(std::string_view key) {
  if (!first_) out_.push_back(',');
  first_ = false;
  append_json_string(out_, key);
  out_.push_back(':');
  return out_;
}

void JsonObject::close() {
  out_.push_back('}');
}

}  // namespace muster::codec
