#include "replay/text_buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace muster::recording {
namespace {

/// A chunk with the begin of the next one. Larger blocks are for long lines: they are let go.
constexpr std::size_t kSpareBytesMax = 1U << 20;
constexpr std::size_t kSpareBlocksMax = 8;

}  // namespace

SpareMemory::Block SpareMemory::take() {
  const std::lock_guard lock(mutex_);
  if (blocks_.empty()) return {};
  Block block = std::move(blocks_.back());
  blocks_.pop_back();
  return block;
}

void SpareMemory::give_back(Block block) {
  if (block.bytes == nullptr || block.capacity > kSpareBytesMax) return;
  const std::lock_guard lock(mutex_);
  if (blocks_.size() < kSpareBlocksMax) blocks_.push_back(std::move(block));
}

void TextBuffer::swap(TextBuffer& other) noexcept {
  std::swap(spare_, other.spare_);
  std::swap(block_, other.block_);
  std::swap(size_, other.size_);
}

void TextBuffer::reserve(std::size_t capacity) {
  if (capacity <= block_.capacity) return;
  SpareMemory::Block larger{std::make_unique_for_overwrite<char[]>(capacity), capacity};
  if (size_ > 0) std::memcpy(larger.bytes.get(), block_.bytes.get(), size_);
  block_ = std::move(larger);
}

void TextBuffer::resize(std::size_t size) {
  if (size > block_.capacity) reserve(std::max(size, size_ + size_ / 2));
  size_ = size;
}

void TextBuffer::append(std::string_view text) {
  const std::size_t at = size_;
  resize(size_ + text.size());
  if (!text.empty()) std::memcpy(data() + at, text.data(), text.size());
}

void TextBuffer::append(std::size_t count, char fill) {
  const std::size_t at = size_;
  resize(size_ + count);
  if (count > 0) std::memset(data() + at, fill, count);
}

void TextBuffer::drop_front(std::size_t bytes) {
  if (bytes > 0) std::memmove(data(), data() + bytes, size_ - bytes);
  size_ -= bytes;
}

}  // namespace muster::recording
