#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "muster/status.h"

namespace rocksdb {
class Env;
class Status;
}  // namespace rocksdb

namespace muster::store {

/// Why, and what to do where that is known.
std::string reason_of(const rocksdb::Status& status);

/// What an environment said of a file of the store's own: kIoError, "PATH: DOING: WHY".
Status io_status(const rocksdb::Status& status, const std::filesystem::path& path,
                 std::string_view doing);

/// Whether it says that there is no such file. Nothing else does: a disk that fails has files.
bool is_missing(const rocksdb::Status& status);

Result<bool> is_there(rocksdb::Env& env, const std::filesystem::path& path);

/// Of the files in a directory, sorted; none where there is no such directory.
Result<std::vector<std::string>> names_in(rocksdb::Env& env,
                                          const std::filesystem::path& directory);

}  // namespace muster::store
