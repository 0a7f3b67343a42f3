#include "tools/line_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace muster::tool {
namespace {

constexpr ::mode_t kOwnerOnly = S_IRUSR | S_IWUSR;

}  // namespace

LineFile::~LineFile() {
  if (file_ >= 0) ::close(file_);
}

Status LineFile::open(const std::filesystem::path& path) {
  name_ = path.string();
  do {
    file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kOwnerOnly);
  } while (file_ < 0 && errno == EINTR);
  return file_ < 0 ? fail() : Status();
}

Status LineFile::make_private() {
  return ::fchmod(file_, kOwnerOnly) == 0 ? Status() : fail();
}

void LineFile::append(std::string_view line) {
  if (file_ < 0 || !status_.ok()) return;
  const std::string text = std::string(line) + '\n';
  std::string_view rest = text;
  while (!rest.empty()) {
    const ::ssize_t written = ::write(file_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      fail();
      return;
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

const Status& LineFile::fail() {
  status_ = {StatusCode::kIoError,
             name_ + ": cannot be written: " + std::generic_category().message(errno)};
  return status_;
}

}  // namespace muster::tool
