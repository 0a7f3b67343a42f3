#include "tests/support/hooked_env.h"

#include <utility>

namespace muster::test {

using rocksdb::FileOptions;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

class HookedEnv::Files : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;
  const char* Name() const override { return "muster.test.HookedFiles"; }
  IOStatus NewWritableFile(const std::string& name, const FileOptions& options,
                           std::unique_ptr<FSWritableFile>* file, IODebugContext* context) override;

  void set_hook(Hook hook) {
    const std::lock_guard lock(mutex_);
    hook_ = std::move(hook);
  }
  IOStatus call(LogCall kind, const std::string& name) {
    Hook hook;
    {
      const std::lock_guard lock(mutex_);
      hook = hook_;
    }
    if (!hook || hook(kind, name)) return IOStatus::OK();
    return IOStatus::IOError("the test lets the write of " + name + " fail");
  }

 private:
  class Log;
  std::mutex mutex_;
  Hook hook_;
};

class HookedEnv::Files::Log : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  Log(Files& files, std::string name, std::unique_ptr<FSWritableFile> file)
      : FSWritableFileOwnerWrapper(std::move(file)), files_(files), name_(std::move(name)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* context) override {
    const IOStatus status = files_.call(LogCall::kAppend, name_);
    return status.ok() ? FSWritableFileOwnerWrapper::Append(data, options, context) : status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& info, IODebugContext* context) override {
    const IOStatus status = files_.call(LogCall::kAppend, name_);
    return status.ok() ? FSWritableFileOwnerWrapper::Append(data, options, info, context) : status;
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* context) override {
    const IOStatus status = files_.call(LogCall::kSync, name_);
    return status.ok() ? FSWritableFileOwnerWrapper::Sync(options, context) : status;
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* context) override {
    const IOStatus status = files_.call(LogCall::kSync, name_);
    return status.ok() ? FSWritableFileOwnerWrapper::Fsync(options, context) : status;
  }

 private:
  Files& files_;
  const std::string name_;
};

IOStatus HookedEnv::Files::NewWritableFile(const std::string& name, const FileOptions& options,
                                           std::unique_ptr<FSWritableFile>* file,
                                           IODebugContext* context) {
  IOStatus status = FileSystemWrapper::NewWritableFile(name, options, file, context);
  if (status.ok() && name.ends_with(".log")) {
    *file = std::make_unique<Log>(*this, name, std::move(*file));
  }
  return status;
}

HookedEnv::HookedEnv()
    : files_(std::make_shared<Files>(rocksdb::FileSystem::Default())),
      env_(rocksdb::NewCompositeEnv(files_)) {}

void HookedEnv::set_hook(Hook hook) {
  files_->set_hook(std::move(hook));
}

}  // namespace muster::test
