// Memory for content on its way from a file to its events. It is not cleared before it is read
// into, and it comes back when the last event that names it is gone: chunks follow each other, and
// each needs as much as the one before.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace muster::recording {

/// What buffers leave behind. Any thread.
class SpareMemory {
 public:
  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t capacity = 0;
  };

  Block take();
  void give_back(Block block);

 private:
  std::mutex mutex_;
  std::vector<Block> blocks_;
};

class TextBuffer {
 public:
  TextBuffer() = default;
  explicit TextBuffer(std::shared_ptr<SpareMemory> spare)
      : spare_(std::move(spare)), block_(spare_->take()) {}
  TextBuffer(TextBuffer&& other) noexcept { swap(other); }
  TextBuffer& operator=(TextBuffer&& other) noexcept {
    swap(other);
    return *this;
  }
  ~TextBuffer() {
    if (spare_ != nullptr) spare_->give_back(std::move(block_));
  }

  char* data() { return block_.bytes.get(); }
  std::size_t size() const { return size_; }
  std::string_view text() const { return {block_.bytes.get(), size_}; }

  /// Content stays, up to the new size; what is added may be anything.
  void resize(std::size_t size);
  void reserve(std::size_t capacity);
  void append(std::string_view text);
  void append(std::size_t count, char fill);
  void drop_front(std::size_t bytes);

 private:
  void swap(TextBuffer& other) noexcept;

  std::shared_ptr<SpareMemory> spare_;  ///< null: the memory is freed
  SpareMemory::Block block_;
  std::size_t size_ = 0;
};

}  // namespace muster::recording
