// One line of canonical text -> Event.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "muster/recording.h"

namespace muster::codec {

/// Bytes after a line that must be readable for NdjsonReader::parse_padded().
inline constexpr std::size_t kLinePadding = 64;

/// The line that may stand first in a recording.
struct Header {
  std::int64_t version = 0;
  std::optional<std::string> id;
  std::optional<std::string> recorder;
  std::optional<std::uint64_t> first_event;
};

/// Keeps its memory from line to line. Not safe from two threads at once.
class NdjsonReader {
 public:
  explicit NdjsonReader(const RecordingLimits& limits = {});
  NdjsonReader(NdjsonReader&&) noexcept;
  NdjsonReader& operator=(NdjsonReader&&) noexcept;
  ~NdjsonReader();

  /// The event, or Unreadable with the reason. `at` is set whenever it could be read.
  Event parse(std::string_view line);
  /// The same without a copy: kLinePadding bytes after the line belong to its buffer.
  Event parse_padded(std::string_view line);
  /// Whether the last line parsed was no JSON object, as when its end is missing.
  bool was_broken() const;

  /// Whether the line is a header; if so, `header` or `problem` is set.
  bool parse_header(std::string_view line, std::optional<Header>& header, std::string& problem);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace muster::codec
