// RocksDB's own notes of what it does, in its file LOG.
#pragma once

#include <memory>
#include <string>

namespace rocksdb {
class Logger;
}  // namespace rocksdb

namespace muster::store {

/// Writes to a new file, which its owner alone may read. A note that cannot be written is lost, and
/// all are where the file cannot be made: with RocksDB's own logger, Debian's 7.8.3 ends the
/// process where two notes find no room, or where a large file is to be followed by another and
/// cannot be.
std::shared_ptr<rocksdb::Logger> make_rocksdb_log(const std::string& path);

}  // namespace muster::store
