#include "tools/acknowledgement_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>

namespace muster::tool {

AcknowledgementFile::~AcknowledgementFile() {
  if (file_ >= 0) ::close(file_);
}

Status AcknowledgementFile::open(const std::filesystem::path& path) {
  name_ = path.string();
  do {
    file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR);
  } while (file_ < 0 && errno == EINTR);
  return file_ < 0 ? failed() : Status();
}

void AcknowledgementFile::committed(std::uint64_t events) {
  if (file_ < 0 || !status_.ok()) return;
  const std::string line = std::to_string(events) + '\n';
  std::string_view rest = line;
  while (!rest.empty()) {
    const ::ssize_t written = ::write(file_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      status_ = failed();
      return;
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

Status AcknowledgementFile::failed() const {
  return {StatusCode::kIoError,
          name_ + ": cannot be written: " + std::generic_category().message(errno)};
}

}  // namespace muster::tool
