#include "store/private_files.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <sys/stat.h>

#include <string>

#include "store/rocksdb_log.h"

namespace muster::store {
namespace {

class PrivateFiles : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;
  const char* Name() const override { return "muster.PrivateFiles"; }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* context) override {
    return restricted(name, FileSystemWrapper::NewWritableFile(name, options, file, context));
  }
  rocksdb::IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* file,
                                       rocksdb::IODebugContext* context) override {
    return restricted(name, FileSystemWrapper::ReopenWritableFile(name, options, file, context));
  }
  rocksdb::IOStatus NewLogger(const std::string& name, const rocksdb::IOOptions&,
                              std::shared_ptr<rocksdb::Logger>* logger,
                              rocksdb::IODebugContext*) override {
    *logger = make_rocksdb_log(name);
    return rocksdb::IOStatus::OK();
  }
  rocksdb::IOStatus LockFile(const std::string& name, const rocksdb::IOOptions& options,
                             rocksdb::FileLock** lock, rocksdb::IODebugContext* context) override {
    return restricted(name, FileSystemWrapper::LockFile(name, options, lock, context));
  }

 private:
  static rocksdb::IOStatus restricted(const std::string& name, rocksdb::IOStatus status) {
    if (status.ok() && ::chmod(name.c_str(), S_IRUSR | S_IWUSR) != 0) {
      return rocksdb::IOStatus::IOError("cannot set mode 0600 on " + name);
    }
    return status;
  }
};

}  // namespace

std::unique_ptr<rocksdb::Env> make_private_env() {
  return rocksdb::NewCompositeEnv(std::make_shared<PrivateFiles>(rocksdb::FileSystem::Default()));
}

void forget_cached(rocksdb::Env& env, const std::filesystem::path& path) {
  std::unique_ptr<rocksdb::RandomAccessFile> file;
  if (env.NewRandomAccessFile(path.string(), &file, rocksdb::EnvOptions()).ok()) {
    file->InvalidateCache(0, 0).PermitUncheckedError();
  }
}

}  // namespace muster::store
