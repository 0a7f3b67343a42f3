#include "replay/input_window.h"

#include <algorithm>
#include <utility>

#include "base/contract.h"
#include "codec/ndjson_reader.h"

namespace muster::recording {
namespace {

constexpr std::size_t kReadBytes = 256U << 10;

}  // namespace

void InputWindow::fill(std::size_t bytes) {
  while (!at_end_ && buffer_.size() - begin_ < bytes) {
    buffer_.erase(0, begin_);
    begin_ = 0;
    const std::size_t size = buffer_.size();
    const std::size_t more = std::max(bytes - size, kReadBytes);
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
std::string InputWindow::take(std::size_t bytes, std::size_t padding) {
  MUSTER_ASSERT(bytes <= buffer_.size() - begin_);
  std::string rest;
  rest.reserve(std::max(buffer_.size() - begin_ - bytes, kReadBytes) + kReadBytes);
  rest.append(buffer_, begin_ + bytes);
  buffer_.resize(begin_ + bytes);
  buffer_.reserve(begin_ + bytes + padding);
  buffer_.erase(0, begin_);
  offset_ += bytes;
  begin_ = 0;
  return std::exchange(buffer_, std::move(rest));
}

}  // namespace muster::recording
