// Reading JSON values of a line into the types of events. Every function returns false with
// `problem` set when the value is of the wrong kind.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "codec/event_fields.h"
#include "codec/problem.h"
#include "codec/words.h"
#include "muster/event.h"

namespace muster::codec {

using JsonValue = simdjson::ondemand::value;

/// For an error that means broken text.
bool fail(simdjson::error_code error, Problem& problem);

/// The view lives until the parser's next line.
bool read(JsonValue& value, std::string_view& out, Problem& problem);
bool read(JsonValue& value, std::string& out, Problem& problem);
bool read(JsonValue& value, bool& out, Problem& problem);
bool read(JsonValue& value, std::int64_t& out, Problem& problem);
bool read(JsonValue& value, std::uint64_t& out, Problem& problem);
bool read(JsonValue& value, TeamId& out, Problem& problem);
bool read(JsonValue& value, Timestamp& out, Problem& problem);
bool read(JsonValue& value, InstallDate& out, Problem& problem);
bool read(JsonValue& value, Checksum& out, Problem& problem);
bool read(JsonValue& value, DeliveryStatus& out, Problem& problem);

/// Takes null, and only null; `is_null` says whether it was there.
bool take_null(JsonValue& value, bool& is_null, Problem& problem);
bool read_list(JsonValue& value, simdjson::ondemand::array& out, Problem& problem);
bool read_object(JsonValue& value, simdjson::ondemand::object& out, Problem& problem);

/// Passes over a value that nobody asked for; it must be JSON all the same.
bool skip_value(JsonValue& value, Problem& problem, std::size_t depth = 0);

template <typename Enum>
bool read_word(JsonValue& value, Enum& out, Problem& problem) {
  std::string_view text;
  if (!read(value, text, problem)) return false;
  for (const Word<Enum>& word : kWords<Enum>) {
    if (word.text == text) {
      out = word.value;
      return true;
    }
  }
  std::string choice;
  for (const Word<Enum>& word : kWords<Enum>) {
    if (!choice.empty()) choice += ", ";
    choice += word.text;
  }
  std::string what = quote_text(text) + " is not ";
  what += kWordKind<Enum>;
  return problem.set(what + " (" + choice + ")");
}

inline bool read(JsonValue& value, LabelMembership& out, Problem& problem) {
  return read_word(value, out, problem);
}
inline bool read(JsonValue& value, Platform& out, Problem& problem) {
  return read_word(value, out, problem);
}
inline bool read(JsonValue& value, Scope& out, Problem& problem) {
  return read_word(value, out, problem);
}
inline bool read(JsonValue& value, Operation& out, Problem& problem) {
  return read_word(value, out, problem);
}
inline bool read(JsonValue& value, LateResults& out, Problem& problem) {
  return read_word(value, out, problem);
}

}  // namespace muster::codec
