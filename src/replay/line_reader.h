// The lines of a file, in blocks, in bounded memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "muster/status.h"

namespace muster::recording {

/// A line without its line feed and a carriage return before it. The view lives until the next
/// call, and codec::kLinePadding bytes after it are readable.
struct Line {
  std::string_view text;
  bool too_long = false;  ///< `text` is empty then
  bool ended = true;      ///< false for a last line without a line feed
};

class LineReader {
 public:
  static constexpr std::size_t kBlockBytes = 1U << 20;

  /// Opens the file and reads its first block.
  static Result<LineReader> open(const std::filesystem::path& path, std::size_t line_bytes_max);
  LineReader(LineReader&& other) noexcept;
  LineReader& operator=(LineReader&& other) noexcept;
  ~LineReader();

  /// What comes next: at the begin of the file its first kBlockBytes, or all of it.
  std::string_view ahead() const { return {buffer_.get() + begin_, end_ - begin_}; }
  /// Passes over bytes of ahead().
  void pass(std::size_t bytes);

  /// False at the end of the file.
  Result<bool> next(Line& line);

  std::uint64_t bytes_passed() const { return bytes_passed_; }
  std::uint64_t bytes_total() const { return bytes_total_; }

 private:
  LineReader() = default;
  void swap(LineReader& other) noexcept;
  Status fill();
  void make_room();
  Result<bool> pass_long_line(Line& line);
  Line take_line(std::size_t bytes, bool ended);

  std::string path_;
  int file_ = -1;
  std::size_t line_bytes_max_ = 0;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool at_end_ = false;  ///< the file has no more than the buffer
  std::uint64_t bytes_passed_ = 0;
  std::uint64_t bytes_total_ = 0;
};

}  // namespace muster::recording
