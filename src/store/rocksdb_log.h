// RocksDB's own notes of what it does, in its file LOG.
#pragma once

#include <memory>
#include <string>

namespace rocksdb {
class Logger;
}  // namespace rocksdb

namespace muster::store {

/// Writes to a new file, which its owner alone may read; null where it cannot be made. A note that
/// cannot be written is lost: RocksDB's logger of 7.8.3, as Debian builds it, ends the process at
/// the second one, as on a full disk.
std::shared_ptr<rocksdb::Logger> make_rocksdb_log(const std::string& path);

}  // namespace muster::store
