// Files that their owner alone may read. RocksDB makes them 0644, and the process's umask is not
// ours.
#pragma once

#include <memory>

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace muster::store {

/// The operating system's files, made with mode 0600.
std::unique_ptr<rocksdb::Env> make_private_env();

}  // namespace muster::store
