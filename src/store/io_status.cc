#include "store/io_status.h"

#include <rocksdb/env.h>
#include <rocksdb/status.h>

#include <algorithm>

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

bool is_missing(const rocksdb::Status& status) {
  return status.IsNotFound() || status.IsPathNotFound();
}

Result<bool> is_there(rocksdb::Env& env, const std::filesystem::path& path) {
  const rocksdb::Status status = env.FileExists(path.string());
  if (is_missing(status)) return false;
  if (!status.ok()) return io_status(status, path, "looking for it");
  return true;
}

Result<std::vector<std::string>> names_in(rocksdb::Env& env,
                                          const std::filesystem::path& directory) {
  std::vector<std::string> names;
  const rocksdb::Status status = env.GetChildren(directory.string(), &names);
  if (is_missing(status)) {
    // RocksDB says so too of one that may not be read.
    const Result<bool> there = is_there(env, directory);
    if (!there.ok()) return there.status();
    if (!*there) return std::vector<std::string>();
  }
  if (!status.ok()) return io_status(status, directory, "listing it");
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace muster::store
