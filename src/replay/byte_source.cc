#include "replay/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace muster::recording {
namespace {

constexpr std::size_t kBlockBytes = 256U << 10;
/// What any file may expand to before its ratio counts, and how much is expanded between looks.
constexpr std::uint64_t kExpandedFreely = 1U << 20;
constexpr std::size_t kStepBytes = 256U << 10;

std::string words_of(int error) {
  return std::generic_category().message(error);
}

}  // namespace

ByteSource::ByteSource(std::string name, const RecordingLimits& limits)
    : name_(std::move(name)), limits_(limits), block_(std::make_unique<char[]>(kBlockBytes)) {}

ByteSource::~ByteSource() {
  if (file_ >= 0) ::close(file_);
}

Result<std::unique_ptr<ByteSource>> ByteSource::open(const std::filesystem::path& path,
                                                     const RecordingLimits& limits) {
  const bool standard = path == "-";
  std::unique_ptr<ByteSource> source(
      new ByteSource(standard ? "standard input" : path.string(), limits));
  if (Status opened = source->open_file(path); !opened.ok()) return opened;
  source->fill();
  if (!source->status_.ok()) return source->status_;
  const Bytes& begin = source->unread_;
  source->expander_ = make_expander({begin.data, begin.size}, limits);
  return source;
}

Status ByteSource::open_file(const std::filesystem::path& path) {
  file_ = path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                      : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat about {};
  if (file_ < 0 || ::fstat(file_, &about) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) {
      return {StatusCode::kNotFound, name_ + ": there is no such file"};
    }
    return {StatusCode::kIoError, name_ + ": cannot be opened: " + words_of(errno)};
  }
  if (S_ISDIR(about.st_mode)) {
    return {StatusCode::kInvalidArgument, name_ + " is a folder: name the recording files in it"};
  }
  if (S_ISREG(about.st_mode)) stored_bytes_total_ = static_cast<std::uint64_t>(about.st_size);
  return {};
}

/// Reads from the file until all is there: a pipe gives few bytes at a time. Fewer mean its end.
std::size_t ByteSource::read_stored(char* to, std::size_t size) {
  std::size_t done = 0;
  while (done < size && !at_end_) {
    const ssize_t count = ::read(file_, to + done, size - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) end(StatusCode::kIoError, "cannot be read: " + words_of(errno));
    if (count <= 0) at_end_ = true;
    if (count > 0) done += static_cast<std::size_t>(count);
  }
  stored_bytes_read_ += done;
  return done;
}

/// Reads a block. False at the end.
bool ByteSource::fill() {
  unread_ = {block_.get(), read_stored(block_.get(), kBlockBytes)};
  return unread_.size > 0;
}

std::size_t ByteSource::read(char* to, std::size_t size) {
  if (expander_ != nullptr) return read_expanded(to, size);
  const std::size_t count = std::min(size, unread_.size);
  std::memcpy(to, unread_.data, count);
  unread_.data += count;
  unread_.size -= count;
  return count + read_stored(to + count, size - count);
}

std::size_t ByteSource::read_expanded(char* to, std::size_t size) {
  Room room{to, size};
  while (room.size > 0 && status_.ok()) {
    Room step{room.data, std::min(room.size, kStepBytes)};
    const std::size_t asked = step.size;
    Status expanded = expander_->expand(unread_, step);
    const std::size_t count = asked - step.size;
    room.data += count;
    room.size -= count;
    expanded_bytes_ += count;
    if (expanded.ok()) expanded = check_expansion();
    if (!expanded.ok()) {
      end(expanded.code(), expanded.message());
    } else if (step.size > 0 && unread_.size == 0 && !fill()) {
      if (status_.ok() && !expander_->complete()) {
        end(StatusCode::kBadInput, "is cut: it ends within its compressed data, at byte " +
                                       std::to_string(stored_bytes_read_));
      }
      break;
    }
  }
  return size - room.size;
}

Status ByteSource::check_expansion() const {
  const auto refuse = [](const std::string& limit) {
    return Status(StatusCode::kLimit,
                  "expands to more than " + limit + "; raise the limit if it is meant to");
  };
  if (limits_.expanded_bytes_max > 0 && expanded_bytes_ > limits_.expanded_bytes_max) {
    return refuse("the limit of " + std::to_string(limits_.expanded_bytes_max) + " bytes");
  }
  const std::uint64_t used = stored_bytes_read_ - unread_.size;
  const std::uint64_t ratio = expander_->ratio_max();
  if (ratio > 0 && expanded_bytes_ > kExpandedFreely &&
      (expanded_bytes_ - kExpandedFreely) / ratio >= used) {
    return refuse("the limit of " + std::to_string(ratio) + " times its size");
  }
  return {};
}

void ByteSource::end(StatusCode code, std::string_view what) {
  status_ = Status(code, std::string(name_).append(": ").append(what));
}

}  // namespace muster::recording
