#include "replay/input_window.h"

#include <algorithm>
#include <utility>

#include "base/contract.h"
#include "codec/ndjson_reader.h"

namespace muster::recording {
namespace {

/// Fewer at a time are not worth a call.
constexpr std::size_t kReadBytesMin = 64U << 10;

}  // namespace

void InputWindow::fill(std::size_t bytes) {
  while (!at_end_ && buffer_.size() - begin_ < bytes) {
    buffer_.drop_front(std::exchange(begin_, 0));
    const std::size_t size = buffer_.size();
    const std::size_t more = std::max(bytes - size, kReadBytesMin);
    buffer_.reserve(size + more + codec::kLinePadding);
    buffer_.resize(size + more);
    const std::size_t count = source_->read(buffer_.data() + size, more);
    buffer_.resize(size + count);
    at_end_ = count < more;
  }
}

void InputWindow::pass(std::size_t bytes) {
  MUSTER_ASSERT(bytes <= buffer_.size() - begin_);
  begin_ += bytes;
  offset_ += bytes;
}

// What is ahead is mostly taken: the buffer goes with it, and the rest is copied.
TextBuffer InputWindow::take(std::size_t bytes, std::size_t padding) {
  MUSTER_ASSERT(bytes <= buffer_.size() - begin_);
  TextBuffer rest(spare_);
  rest.append(buffer_.text().substr(begin_ + bytes));
  buffer_.resize(begin_ + bytes);
  buffer_.drop_front(std::exchange(begin_, 0));
  buffer_.reserve(bytes + padding);
  offset_ += bytes;
  std::swap(buffer_, rest);
  return rest;
}

}  // namespace muster::recording
