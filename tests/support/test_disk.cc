#include "tests/support/test_disk.h"

#include <string>
#include <utility>

namespace muster::test {
namespace {

using rocksdb::FileOptions;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using Full = std::shared_ptr<std::atomic<bool>>;

class TestFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  TestFile(std::unique_ptr<FSWritableFile> file, Full full)
      : FSWritableFileOwnerWrapper(std::move(file)), full_(std::move(full)) {}

  using FSWritableFileOwnerWrapper::Append;
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  IODebugContext* debug) override {
    if (*full_) return IOStatus::NoSpace("the test's disk is full");
    return FSWritableFileOwnerWrapper::Append(data, options, debug);
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& info, IODebugContext* debug) override {
    if (*full_) return IOStatus::NoSpace("the test's disk is full");
    return FSWritableFileOwnerWrapper::Append(data, options, info, debug);
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return answer(); }
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return answer(); }
  IOStatus RangeSync(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override {
    return answer();
  }
  IOStatus Allocate(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override {
    return answer();
  }
  void PrepareWrite(std::size_t, std::size_t, const IOOptions&, IODebugContext*) override {}

 private:
  IOStatus answer() const {
    return *full_ ? IOStatus::NoSpace("the test's disk is full") : IOStatus::OK();
  }

  Full full_;
};

class TestFileSystem : public rocksdb::FileSystemWrapper {
 public:
  explicit TestFileSystem(Full full)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), full_(std::move(full)) {}
  const char* Name() const override { return "TestFileSystem"; }

  IOStatus NewWritableFile(const std::string& name, const FileOptions& options,
                           std::unique_ptr<FSWritableFile>* file, IODebugContext* debug) override {
    if (*full_) return IOStatus::NoSpace("the test's disk is full");
    const IOStatus status = target()->NewWritableFile(name, options, file, debug);
    if (status.ok()) *file = std::make_unique<TestFile>(std::move(*file), full_);
    return status;
  }

 private:
  Full full_;
};

}  // namespace

TestDisk::TestDisk()
    : full_(std::make_shared<std::atomic<bool>>(false)),
      env_(rocksdb::NewCompositeEnv(std::make_shared<TestFileSystem>(full_))) {}

TestDisk& TestDisk::shared() {
  static TestDisk* const kDisk = new TestDisk;
  return *kDisk;
}

}  // namespace muster::test
