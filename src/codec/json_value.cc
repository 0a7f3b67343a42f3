#include "codec/json_value.h"

#include <limits>

#include "base/time.h"
#include "base/utf8.h"

namespace muster::codec {
namespace {

using simdjson::ondemand::json_type;

constexpr std::string_view kNotADate = " is not a date (RFC 3339, like 2025-06-01T07:41:37Z)";
constexpr std::string_view kNotAnInstallDate =
    " is not a date (RFC 3339 or YYYY-MM-DD HH:MM:SS +ZZZZ)";

std::string_view kind_name(json_type type) {
  switch (type) {
    case json_type::array:
      return "a list";
    case json_type::object:
      return "an object";
    case json_type::number:
      return "a number";
    case json_type::string:
      return "a text";
    case json_type::boolean:
      return "true or false";
    case json_type::null:
      return "null";
  }
  return "something else";
}

bool expect_kind(JsonValue& value, json_type wanted, Problem& problem) {
  json_type type{};
  if (const auto error = value.type().get(type)) return fail(error, problem);
  if (type == wanted) return true;
  std::string what = "must be ";
  what += wanted == json_type::number ? "a whole number" : kind_name(wanted);
  what += ", not ";
  what += kind_name(type);
  return problem.set(what);
}

std::string_view without_blanks(std::string_view text) {
  return text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
}

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

bool parse_checksum(std::string_view text, Checksum& out) {
  if (text.size() != 2 * out.size()) return false;
  for (std::size_t index = 0; index < out.size(); ++index) {
    const int high = hex_value(text[2 * index]);
    const int low = hex_value(text[2 * index + 1]);
    if (high < 0 || low < 0) return false;
    out[index] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

bool skip_list(JsonValue& value, Problem& problem, std::size_t depth) {
  simdjson::ondemand::array list;
  if (!read_list(value, list, problem)) return false;
  for (auto item : list) {
    JsonValue element;
    if (const auto error = item.get(element)) return fail(error, problem);
    if (!skip_value(element, problem, depth + 1)) return false;
  }
  return true;
}

bool skip_object(JsonValue& value, Problem& problem, std::size_t depth) {
  simdjson::ondemand::object object;
  if (!read_object(value, object, problem)) return false;
  for (auto item : object) {
    simdjson::ondemand::field field;
    if (const auto error = std::move(item).get(field)) return fail(error, problem);
    std::string_view key;
    if (const auto error = field.unescaped_key().get(key)) return fail(error, problem);
    JsonValue element = field.value();
    if (!skip_value(element, problem, depth + 1)) return false;
  }
  return true;
}

}  // namespace

bool fail(simdjson::error_code error, Problem& problem) {
  switch (error) {
    case simdjson::UTF8_ERROR:
      return problem.set_broken("the line is not UTF-8");
    case simdjson::EMPTY:
      return problem.set_broken("the line is empty");
    case simdjson::UNCLOSED_STRING:
      return problem.set_broken("not JSON: a text does not end; the line may be cut");
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
      return problem.set_broken("not JSON: the line does not end with its object's last brace");
    case simdjson::UNESCAPED_CHARS:
      return problem.set_broken("not JSON: a text holds a control character that is not escaped");
    case simdjson::STRING_ERROR:
      return problem.set_broken("not JSON: a text holds a wrong escape");
    case simdjson::NUMBER_ERROR:
    case simdjson::NUMBER_OUT_OF_RANGE:
      return problem.set_broken("not JSON: a number cannot be read");
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC:
      return problem.set("the line is too long for the parser");
    default:
      return problem.set_broken(
          "not JSON: a comma, colon, quote or brace is missing or in the wrong place");
  }
}

bool read(JsonValue& value, std::string_view& out, Problem& problem) {
  if (!expect_kind(value, json_type::string, problem)) return false;
  if (const auto error = value.get_string().get(out)) return fail(error, problem);
  if (!problem.admits(out)) return false;
  // The line's own bytes were checked; an escape may still name half a surrogate pair.
  return base::is_utf8(out) || fail(simdjson::STRING_ERROR, problem);
}

bool read(JsonValue& value, std::string& out, Problem& problem) {
  std::string_view text;
  if (!read(value, text, problem)) return false;
  out.assign(text);
  return true;
}

bool read(JsonValue& value, bool& out, Problem& problem) {
  if (!expect_kind(value, json_type::boolean, problem)) return false;
  if (const auto error = value.get_bool().get(out)) return fail(error, problem);
  return true;
}

bool read(JsonValue& value, std::int64_t& out, Problem& problem) {
  if (!expect_kind(value, json_type::number, problem)) return false;
  const std::string_view token = without_blanks(value.raw_json_token());
  if (value.get_int64().get(out) == simdjson::SUCCESS) return true;
  return problem.set(quote_text(token) + " is not a whole number of 64 bits");
}

bool read(JsonValue& value, std::uint64_t& out, Problem& problem) {
  if (!expect_kind(value, json_type::number, problem)) return false;
  const std::string_view token = without_blanks(value.raw_json_token());
  if (value.get_uint64().get(out) == simdjson::SUCCESS) return true;
  return problem.set(quote_text(token) + " is not a whole number from 0 to 18446744073709551615");
}

bool read(JsonValue& value, TeamId& out, Problem& problem) {
  std::int64_t number = 0;
  if (!read(value, number, problem)) return false;
  if (number < 0 || number > std::numeric_limits<TeamId>::max()) {
    return problem.set(std::to_string(number) + " is not a team (0 to 4294967295)");
  }
  out = static_cast<TeamId>(number);
  return true;
}

bool read(JsonValue& value, Timestamp& out, Problem& problem) {
  std::string_view text;
  if (!read(value, text, problem)) return false;
  const std::optional<Timestamp> time = base::parse_rfc3339(text);
  if (!time) return problem.set(quote_text(text).append(kNotADate));
  out = *time;
  return true;
}

bool read(JsonValue& value, InstallDate& out, Problem& problem) {
  std::string_view text;
  if (!read(value, text, problem)) return false;
  const std::optional<Timestamp> time = base::parse_install_date(text);
  if (!time) return problem.set(quote_text(text).append(kNotAnInstallDate));
  out.time = *time;
  return true;
}

bool read(JsonValue& value, Checksum& out, Problem& problem) {
  std::string_view text;
  if (!read(value, text, problem)) return false;
  return parse_checksum(text, out) ||
         problem.set(quote_text(text) + " is not a checksum (32 hex digits)");
}

bool read(JsonValue& value, DeliveryStatus& out, Problem& problem) {
  bool is_null = false;
  if (!take_null(value, is_null, problem)) return false;
  if (!is_null) return read_word(value, out, problem);
  out = DeliveryStatus::kUnsent;
  return true;
}

bool take_null(JsonValue& value, bool& is_null, Problem& problem) {
  if (const auto error = value.is_null().get(is_null)) return fail(error, problem);
  return true;
}

bool read_list(JsonValue& value, simdjson::ondemand::array& out, Problem& problem) {
  if (!expect_kind(value, json_type::array, problem)) return false;
  if (const auto error = value.get_array().get(out)) return fail(error, problem);
  return true;
}

bool read_object(JsonValue& value, simdjson::ondemand::object& out, Problem& problem) {
  if (!expect_kind(value, json_type::object, problem)) return false;
  if (const auto error = value.get_object().get(out)) return fail(error, problem);
  return true;
}

bool skip_value(JsonValue& value, Problem& problem, std::size_t depth) {
  if (!problem.admits_depth(depth)) return false;
  json_type type{};
  if (const auto error = value.type().get(type)) return fail(error, problem);
  switch (type) {
    case json_type::array:
      return skip_list(value, problem, depth);
    case json_type::object:
      return skip_object(value, problem, depth);
    case json_type::string: {
      std::string_view text;
      return read(value, text, problem);
    }
    case json_type::number: {
      const auto error = value.get_double().error();
      return error ? fail(error, problem) : true;
    }
    case json_type::boolean: {
      const auto error = value.get_bool().error();
      return error ? fail(simdjson::TAPE_ERROR, problem) : true;
    }
    case json_type::null: {
      bool is_null = false;
      return take_null(value, is_null, problem);
    }
  }
  return problem.set_broken("not JSON");
}

}  // namespace muster::codec
