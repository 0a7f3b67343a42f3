// What comes next in a content, as far as somebody wants to look ahead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "replay/byte_source.h"
#include "replay/text_buffer.h"

namespace muster::recording {

class InputWindow {
 public:
  explicit InputWindow(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}

  /// Reads on until ahead() has `bytes` bytes or the rest of the content.
  void fill(std::size_t bytes);
  /// Valid until the next fill().
  std::string_view ahead() const { return buffer_.text().substr(begin_); }
  /// Passes over bytes of ahead().
  void pass(std::size_t bytes);
  /// Passes over them and hands them out, with room for `padding` more.
  TextBuffer take(std::size_t bytes, std::size_t padding);

  /// Whether the content has no more than ahead().
  bool at_end() const { return at_end_; }
  /// How many bytes of content were passed over.
  std::uint64_t offset() const { return offset_; }
  const ByteSource& source() const { return *source_; }

 private:
  std::unique_ptr<ByteSource> source_;
  std::shared_ptr<SpareMemory> spare_ = std::make_shared<SpareMemory>();
  TextBuffer buffer_{spare_};
  std::size_t begin_ = 0;
  std::uint64_t offset_ = 0;
  bool at_end_ = false;
};

}  // namespace muster::recording
