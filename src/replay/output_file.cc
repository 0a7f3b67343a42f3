#include "replay/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

namespace muster::recording {
namespace {

/// Several writers of one process may be at one name.
constexpr int kNamesTried = 16;

}  // namespace

OutputFile::~OutputFile() {
  if (file_ >= 0) ::close(file_);
  if (!written_.empty()) ::unlink(written_.c_str());
}

Status OutputFile::open(const std::filesystem::path& path, bool replace) {
  path_ = path.string();
  replace_ = replace;
  if (path == "-") {
    path_ = "standard output";
    file_ = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
    return file_ >= 0 ? Status() : failed("cannot be opened", errno);
  }
  struct stat about {};
  const bool there = ::stat(path_.c_str(), &about) == 0;
  if (there && S_ISDIR(about.st_mode)) {
    return {StatusCode::kInvalidArgument, path_ + " is a folder: name a file"};
  }
  if (there && !S_ISREG(about.st_mode)) {
    file_ = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC);
    return file_ >= 0 ? Status() : failed("cannot be opened", errno);
  }
  if (there && !replace) return exists();
  std::string temporary = path_ + ".part-" + std::to_string(::getpid());
  constexpr mode_t kMode = 0666;  // less the user's umask, as any output
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
  for (int attempt = 0; attempt < kNamesTried; ++attempt, temporary += '_') {
    file_ = ::open(temporary.c_str(), kFlags, kMode);
    if (file_ >= 0 || errno != EEXIST) break;
  }
  if (file_ < 0) return failed("cannot be written", errno);
  written_ = std::move(temporary);
  return {};
}

Status OutputFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("cannot be written", errno);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

Status OutputFile::close() {
  if (!written_.empty() && ::fsync(file_) != 0) return failed("cannot be written", errno);
  if (::close(std::exchange(file_, -1)) != 0) return failed("cannot be written", errno);
  return written_.empty() ? Status() : rename();
}

Status OutputFile::rename() {
  constexpr unsigned kNoReplace = 1;  // RENAME_NOREPLACE
  int result = -1;
  if (!replace_) {
    result = ::renameat2(AT_FDCWD, written_.c_str(), AT_FDCWD, path_.c_str(), kNoReplace);
    if (result != 0 && errno == EEXIST) return exists();
  }
  const bool unsupported = result != 0 && (replace_ || errno == EINVAL || errno == ENOSYS);
  if (unsupported) result = ::rename(written_.c_str(), path_.c_str());
  if (result != 0) return failed("cannot be given its name", errno);
  written_.clear();
  return {};
}

Status OutputFile::failed(std::string_view what, int error) const {
  return {error == ENOENT ? StatusCode::kNotFound : StatusCode::kIoError,
          std::string(path_).append(": ").append(what).append(": ").append(
              std::generic_category().message(error))};
}

Status OutputFile::exists() const {
  return {StatusCode::kInvalidArgument,
          path_ + " exists: choose another name, or have it replaced (--force)"};
}

}  // namespace muster::recording
