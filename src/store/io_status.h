#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "muster/status.h"

namespace rocksdb {
class Status;
}  // namespace rocksdb

namespace muster::store {

/// Why, and what to do where that is known.
std::string reason_of(const rocksdb::Status& status);

/// What an environment said of a file of the store's own: kIoError, "PATH: DOING: WHY".
Status io_status(const rocksdb::Status& status, const std::filesystem::path& path,
                 std::string_view doing);

}  // namespace muster::store
