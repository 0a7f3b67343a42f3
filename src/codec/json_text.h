// Appending JSON text to a string: the one spelling that canonical lines and exports use. Strings
// keep their UTF-8 bytes; only ", \ and control characters are escaped (\b \f \n \r \t, else
// \u00xx in lower case).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "muster/types.h"

namespace muster::codec {

void append_json_string(std::string& out, std::string_view text);

/// Writes one object of a line: {"a":"b","c":null}. Keys appear in the order of the calls.
class JsonObject {
 public:
  explicit JsonObject(std::string& out);
  void text(std::string_view key, std::string_view value);
  void text_or_null(std::string_view key, std::optional<std::string_view> value);
  void number(std::string_view key, std::int64_t value);
  void boolean(std::string_view key, bool value);
  void time(std::string_view key, Timestamp value);
  void time_or_null(std::string_view key, std::optional<Timestamp> value);
  /// Begins a key whose value the caller appends itself.
  std::string& raw(std::string_view key);
  void close();

 private:
  std::string& out_;
  bool first_ = true;
};

}  // namespace muster::codec
