#include "store/io_status.h"

#include <rocksdb/status.h>

#include <string>

namespace muster::store {

Status io_status(const rocksdb::Status& status, const std::filesystem::path& path,
                 std::string_view doing) {
  if (status.ok()) return {};
  return {StatusCode::kIoError,
          path.string() + ": " + std::string(doing) + ": " + status.ToString()};
}

}  // namespace muster::store
