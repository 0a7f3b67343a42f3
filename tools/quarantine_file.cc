#include "tools/quarantine_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/archive/iterators/base64_from_binary.hpp>
#include <boost/archive/iterators/transform_width.hpp>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>

#include "tools/json_output.h"

namespace muster::tool {

namespace {

constexpr ::mode_t kOwnerOnly = S_IRUSR | S_IWUSR;

std::string base64(std::string_view bytes) {
  using boost::archive::iterators::base64_from_binary;
  using boost::archive::iterators::transform_width;
  using Digits = base64_from_binary<transform_width<std::string_view::const_iterator, 6, 8>>;
  std::string text(Digits(bytes.begin()), Digits(bytes.end()));
  text.append((3 - bytes.size() % 3) % 3, '=');
  return text;
}

}  // namespace

QuarantineFile::~QuarantineFile() {
  if (file_ >= 0) ::close(file_);
}

Status QuarantineFile::open(const std::filesystem::path& path, bool with_bytes) {
  name_ = path.string();
  with_bytes_ = with_bytes;
  file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kOwnerOnly);
  // One that others could read before stays closed to them from here on.
  if (file_ < 0 || ::fchmod(file_, kOwnerOnly) != 0) return failed("cannot be written");
  return {};
}

Status QuarantineFile::append(const UnreadDocument& unread) {
  Json line = {{"source", unread.source},
               {"offset", unread.offset},
               {"length", unread.length},
               {"hash", to_string(unread.hash)},
               {"reason", unread.reason}};
  if (with_bytes_ && !unread.bytes.empty()) line["bytes"] = base64(unread.bytes);
  const std::string text = line.dump(-1, ' ', true, Json::error_handler_t::replace) + '\n';
  std::string_view rest = text;
  while (!rest.empty()) {
    const ::ssize_t written = ::write(file_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed("cannot be written");
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Status QuarantineFile::failed(const char* what) const {
  return {StatusCode::kIoError,
          name_ + ": " + what + ": " + std::generic_category().message(errno)};
}

}  // namespace muster::tool
