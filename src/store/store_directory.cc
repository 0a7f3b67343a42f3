#include "store/store_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <random>
#include <utility>

#include "store/layout.h"

namespace muster::store {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMarkerName = "MUSTER";
constexpr const char* kDataName = "data";
constexpr mode_t kPrivateFile = S_IRUSR | S_IWUSR;

Status system_error(StatusCode code, const fs::path& path, const std::string& doing) {
  return {code, path.string() + ": " + doing + ": " + std::strerror(errno)};
}

Status io_error(const fs::path& path, const std::string& doing) {
  const bool read_only = errno == EROFS || errno == EACCES || errno == EPERM;
  Status status = system_error(StatusCode::kIoError, path, doing);
  if (!read_only) return status;
  return {StatusCode::kIoError, std::string(status.message()) +
                                    ": choose a directory that this user may write, or open "
                                    "read-only"};
}

std::string random_id() {
  static constexpr char kHex[] = "0123456789abcdef";
  std::random_device device;
  std::string id;
  for (int i = 0; i < 4; ++i) {
    std::uint32_t word = device();
    for (int digit = 0; digit < 8; ++digit, word >>= 4) id.push_back(kHex[word & 15]);
  }
  return id;
}

/// Also of a directory that was there: whoever made it may not have come so far. Where its parent
/// cannot be read, or is of a kind that has nothing to sync, all of the file system is synced.
Status sync_name_of(const fs::path& directory) {
  const fs::path parent = parent_of(directory);
  const int above = ::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (above < 0 && errno != EACCES) return io_error(parent, "cannot be synced");
  if (above >= 0) {
    const bool synced = ::fsync(above) == 0;
    const int why = errno;
    ::close(above);
    errno = why;
    if (synced) return {};
    if (why != EINVAL && why != ENOTSUP && why != EROFS)
      return io_error(parent, "cannot be synced");
  }
  const int folder = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return io_error(directory, "cannot be synced");
  const Status synced = ::syncfs(folder) == 0 ? Status() : io_error(directory, "cannot be synced");
  ::close(folder);
  return synced;
}

/// kNotFound: a store can be made there.
Status look_without_marker(const fs::path& directory) {
  std::error_code error;
  const auto entries = fs::directory_iterator(directory, error);
  if (error) return {StatusCode::kIoError, directory.string() + ": " + error.message()};
  for (const auto& entry : entries) {
    const std::string name = entry.path().filename();
    if (name == kLockName || name == std::string(kMarkerName) + ".new") continue;
    if (name == kDataName && fs::is_empty(entry.path(), error)) continue;
    return {StatusCode::kNotAStore, directory.string() + " holds " + name +
                                        " and no store: choose a new or an empty directory"};
  }
  return {StatusCode::kNotFound, directory.string() + ": there is no store"};
}

}  // namespace

Status write_marker(const fs::path& directory, const StoreMarker& marker) {
  const std::string text =
      "format " + std::to_string(marker.format) + "\nid " + marker.store_id + "\n";
  const fs::path temporary = directory / (std::string(kMarkerName) + ".new");
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                          kPrivateFile);
  if (file < 0) return io_error(temporary, "cannot be made");
  const bool written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(file) == 0;
  const Status status = written ? Status() : io_error(temporary, "cannot be written");
  ::close(file);
  if (!status.ok()) return status;
  if (::rename(temporary.c_str(), (directory / kMarkerName).c_str()) != 0) {
    return io_error(directory / kMarkerName, "cannot be made");
  }
  return sync_directory(directory);
}

Status sync_directory(const fs::path& directory) {
  const int folder = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return io_error(directory, "cannot be synced");
  const Status synced = ::fsync(folder) == 0 ? Status() : io_error(directory, "cannot be synced");
  ::close(folder);
  return synced;
}

Status make_private_directory(const fs::path& directory) {
  const bool made = (::mkdir(directory.c_str(), S_IRWXU) == 0 || errno == EEXIST) &&
                    ::chmod(directory.c_str(), S_IRWXU) == 0;
  return made ? sync_name_of(directory) : io_error(directory, "cannot be made with mode 0700");
}

fs::path parent_of(const fs::path& directory) {
  const fs::path parent = (directory / "").parent_path().parent_path();
  return parent.empty() ? "." : parent;
}

StoreLock::StoreLock(StoreLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

StoreLock& StoreLock::operator=(StoreLock&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

StoreLock::~StoreLock() {
  if (file_ >= 0) ::close(file_);
}

Result<StoreLock> StoreLock::take(const fs::path& directory) {
  const fs::path path = directory / kLockName;
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kPrivateFile);
  if (file < 0) return io_error(path, "cannot be opened");
  StoreLock lock(file);
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return io_error(path, "cannot be locked");
    char holder[32] = {};
    const ssize_t bytes = ::pread(file, holder, sizeof holder - 1, 0);
    const std::string pid(holder, bytes > 0 ? std::strcspn(holder, "\n") : 0);
    return Status(StatusCode::kBusy, directory.string() + ": process " +
                                         (pid.empty() ? std::string("?") : pid) +
                                         " has it open for writing: wait for it, or open "
                                         "read-only");
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(file, 0) != 0 ||
      ::pwrite(file, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    return io_error(path, "cannot be written");
  }
  return lock;
}

Result<StoreMarker> read_marker(const fs::path& directory) {
  std::error_code error;
  const fs::file_status status = fs::status(directory, error);
  if (!fs::exists(status)) {
    if (error && error != std::errc::no_such_file_or_directory) {
      return Status(StatusCode::kIoError, directory.string() + ": " + error.message());
    }
    return Status(StatusCode::kNotFound, directory.string() + ": there is no store");
  }
  if (!fs::is_directory(status)) {
    return Status(StatusCode::kNotAStore,
                  directory.string() + " is a file: a store is a directory");
  }
  std::ifstream file(directory / kMarkerName);
  if (!file) {
    Status without = look_without_marker(directory);
    // Somebody who makes the store may have written it meanwhile.
    file.open(directory / kMarkerName);
    if (!file) return without;
  }
  StoreMarker marker;
  std::string word;
  if (!(file >> word >> marker.format) || word != "format") {
    return Status(StatusCode::kCorruption, (directory / kMarkerName).string() +
                                               ": it does not say 'format N': restore the file");
  }
  if (marker.format > kFormatVersion) {
    return Status(StatusCode::kFormatTooNew,
                  directory.string() + " has format " + std::to_string(marker.format) +
                      ", this Muster reads up to " + std::to_string(kFormatVersion) +
                      ": use the newer Muster that wrote it");
  }
  if (!(file >> word >> marker.store_id) || word != "id") {
    return Status(StatusCode::kCorruption, (directory / kMarkerName).string() +
                                               ": it does not name the store: restore the file");
  }
  return marker;
}

Result<StoreMarker> make_store_directory(const fs::path& directory, StoreLock& lock) {
  std::error_code error;
  if (!fs::exists(directory, error)) {
    const fs::path parent = parent_of(directory);
    if (!fs::is_directory(parent, error)) {
      return Status(StatusCode::kNotFound,
                    parent.string() + " does not exist: make it before the store in it");
    }
  }
  if (Status status = make_private_directory(directory); !status.ok()) return status;
  Result<StoreLock> taken = StoreLock::take(directory);
  if (!taken.ok()) return taken.status();
  lock = std::move(*taken);
  Result<StoreMarker> found = read_marker(directory);
  if (found.ok() || found.status().code() != StatusCode::kNotFound) return found;
  if (Status status = make_private_directory(data_path(directory)); !status.ok()) return status;
  StoreMarker marker{kFormatVersion, random_id()};
  if (Status status = write_marker(directory, marker); !status.ok()) return status;
  return marker;
}

fs::path data_path(const fs::path& directory) {
  return directory / kDataName;
}

}  // namespace muster::store
