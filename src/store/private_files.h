// Files that their owner alone may read. RocksDB makes them 0644, and the process's umask is not
// ours.
#pragma once

#include <filesystem>
#include <memory>

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace muster::store {

/// The operating system's files, made with mode 0600.
std::unique_ptr<rocksdb::Env> make_private_env();

/// What is read of the file next comes from the disk, as far as it is on it: what the system has in
/// memory says nothing about that.
void forget_cached(rocksdb::Env& env, const std::filesystem::path& path);

}  // namespace muster::store
