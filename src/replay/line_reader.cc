#include "replay/line_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/contract.h"
#include "codec/ndjson_reader.h"

namespace muster::recording {
namespace {

std::string words_of(int error) {
  return std::generic_category().message(error);
}

Status cannot_open(const std::string& path, int error) {
  if (error == ENOENT || error == ENOTDIR) {
    return {StatusCode::kNotFound, path + ": there is no such file"};
  }
  return {StatusCode::kIoError, path + ": cannot be opened: " + words_of(error)};
}

}  // namespace

Result<LineReader> LineReader::open(const std::filesystem::path& path, std::size_t line_bytes_max) {
  LineReader reader;
  reader.path_ = path.string();
  reader.line_bytes_max_ = line_bytes_max;
  reader.file_ = ::open(reader.path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (reader.file_ < 0) return cannot_open(reader.path_, errno);
  struct stat about {};
  if (::fstat(reader.file_, &about) != 0) return cannot_open(reader.path_, errno);
  if (S_ISDIR(about.st_mode)) {
    return Status(StatusCode::kInvalidArgument,
                  reader.path_ + " is a folder: name the recording files in it");
  }
  reader.bytes_total_ = static_cast<std::uint64_t>(std::max<off_t>(about.st_size, 0));
  if (Status filled = reader.fill(); !filled.ok()) return filled;
  return reader;
}

LineReader::LineReader(LineReader&& other) noexcept {
  swap(other);
}

LineReader& LineReader::operator=(LineReader&& other) noexcept {
  swap(other);
  return *this;
}

LineReader::~LineReader() {
  if (file_ >= 0) ::close(file_);
}

void LineReader::swap(LineReader& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(file_, other.file_);
  std::swap(line_bytes_max_, other.line_bytes_max_);
  std::swap(buffer_, other.buffer_);
  std::swap(capacity_, other.capacity_);
  std::swap(begin_, other.begin_);
  std::swap(end_, other.end_);
  std::swap(at_end_, other.at_end_);
  std::swap(bytes_passed_, other.bytes_passed_);
  std::swap(bytes_total_, other.bytes_total_);
}

void LineReader::pass(std::size_t bytes) {
  MUSTER_ASSERT(bytes <= end_ - begin_);
  begin_ += bytes;
  bytes_passed_ += bytes;
}

Result<bool> LineReader::next(Line& line) {
  std::size_t searched = 0;
  for (;;) {
    const std::string_view unread = ahead();
    const std::size_t feed = unread.find('\n', searched);
    const std::size_t length = std::min(feed, unread.size());
    if (length > line_bytes_max_) return pass_long_line(line);
    if (feed != std::string_view::npos) {
      line = take_line(feed, true);
      return true;
    }
    if (at_end_) {
      if (unread.empty()) return false;
      line = take_line(unread.size(), false);
      return true;
    }
    searched = unread.size();
    if (Status filled = fill(); !filled.ok()) return filled;
  }
}

/// Reads on until the buffer is full or the file ends, so that a pipe gives whole blocks too.
Status LineReader::fill() {
  make_room();
  while (end_ < capacity_ && !at_end_) {
    const ssize_t count = ::read(file_, buffer_.get() + end_, capacity_ - end_);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      return {StatusCode::kIoError, path_ + ": cannot be read: " + words_of(errno)};
    }
    if (count == 0) at_end_ = true;
    end_ += static_cast<std::size_t>(count);
  }
  std::memset(buffer_.get() + end_, 0, codec::kLinePadding);
  return {};
}

void LineReader::make_room() {
  const std::size_t unread = end_ - begin_;
  if (unread < capacity_) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, unread);
  } else {
    capacity_ = std::max(kBlockBytes, 2 * capacity_);
    auto larger = std::make_unique<char[]>(capacity_ + codec::kLinePadding);
    if (unread > 0) std::memcpy(larger.get(), buffer_.get() + begin_, unread);
    buffer_ = std::move(larger);
  }
  begin_ = 0;
  end_ = unread;
}

Result<bool> LineReader::pass_long_line(Line& line) {
  line = {{}, true, true};
  for (;;) {
    const std::size_t feed = ahead().find('\n');
    if (feed != std::string_view::npos) {
      pass(feed + 1);
      return true;
    }
    pass(ahead().size());
    if (at_end_) {
      line.ended = false;
      return true;
    }
    if (Status filled = fill(); !filled.ok()) return filled;
  }
}

Line LineReader::take_line(std::size_t bytes, bool ended) {
  std::string_view text = ahead().substr(0, bytes);
  pass(ended ? bytes + 1 : bytes);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return {text, false, ended};
}

}  // namespace muster::recording
