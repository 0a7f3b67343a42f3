#include "store/io_status.h"

#include <rocksdb/status.h>

#include <string>

namespace muster::store {

std::string reason_of(const rocksdb::Status& status) {
  std::string reason = status.ToString();
  if (status.IsNoSpace()) {
    reason += "; make room, then open the store in a new process";
  }
  return reason;
}

Status io_status(const rocksdb::Status& status, const std::filesystem::path& path,
                 std::string_view doing) {
  if (status.ok()) return {};
  return {StatusCode::kIoError,
          path.string() + ": " + std::string(doing) + ": " + reason_of(status)};
}

}  // namespace muster::store
