#include "tests/sim/file_system.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/contract.h"

namespace muster::test {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;
using FilePtr = std::shared_ptr<const Disk::File>;

IOStatus missing(const std::string& name) {
  return IOStatus::PathNotFound(name + " is not on the simulated disk");
}

/// Copies up to `size` bytes from `offset` on.
Slice copied(const Disk::File& file, std::uint64_t offset, std::size_t size, char* scratch) {
  const std::size_t begin = std::min<std::size_t>(offset, file.bytes.size());
  const std::size_t count = std::min(size, file.bytes.size() - begin);
  std::memcpy(scratch, file.bytes.data() + begin, count);
  return {scratch, count};
}

class SequentialFile : public rocksdb::FSSequentialFile {
 public:
  SequentialFile(SimFileSystem& files, std::string path, FilePtr file)
      : files_(files), path_(std::move(path)), file_(std::move(file)) {}
  IOStatus Read(std::size_t size, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) override {
    *result = Slice();
    if (IOStatus status = files_.begin_read(path_); !status.ok()) return status;
    *result = copied(*file_, offset_, size, scratch);
    offset_ += result->size();
    return IOStatus::OK();
  }
  IOStatus Skip(std::uint64_t size) override {
    offset_ += size;
    return IOStatus::OK();
  }

 private:
  SimFileSystem& files_;
  const std::string path_;
  FilePtr file_;
  std::uint64_t offset_ = 0;
};

class RandomAccessFile : public rocksdb::FSRandomAccessFile {
 public:
  RandomAccessFile(SimFileSystem& files, std::string path, FilePtr file)
      : files_(files), path_(std::move(path)), file_(std::move(file)) {}
  IOStatus Read(std::uint64_t offset, std::size_t size, const IOOptions&, Slice* result,
                char* scratch, IODebugContext*) const override {
    *result = Slice();
    if (IOStatus status = files_.begin_read(path_); !status.ok()) return status;
    *result = copied(*file_, offset, size, scratch);
    return IOStatus::OK();
  }

 private:
  SimFileSystem& files_;
  const std::string path_;
  FilePtr file_;
};

class WritableFile : public rocksdb::FSWritableFile {
 public:
  WritableFile(SimFileSystem& files, std::string path, std::size_t number)
      : files_(files), path_(std::move(path)), number_(number) {}

  using FSWritableFile::Append;
  IOStatus Append(const Slice& data, const IOOptions&, IODebugContext*) override {
    return files_.perform({Op::kAppend, path_, {}, number_, data.ToString(), 0});
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions&, IODebugContext*) override {
    return files_.perform({Op::kTruncate, path_, {}, number_, {}, size});
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    return files_.perform({Op::kSync, path_, {}, number_, {}, 0});
  }
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  bool IsSyncThreadSafe() const override { return true; }
  std::uint64_t GetFileSize(const IOOptions&, IODebugContext*) override {
    return files_.disk().file(number_)->bytes.size();
  }

 private:
  SimFileSystem& files_;
  const std::string path_;
  const std::size_t number_;
};

class Directory : public rocksdb::FSDirectory {
 public:
  Directory(SimFileSystem& files, std::string path) : files_(files), path_(std::move(path)) {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    return files_.perform({Op::kSyncDirectory, path_, {}, 0, {}, 0});
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

 private:
  SimFileSystem& files_;
  const std::string path_;
};

}  // namespace

SimFileSystem::SimFileSystem(const std::filesystem::path& root, Disk disk)
    : root_(root.string()), disk_(std::move(disk)) {}

std::string SimFileSystem::relative(const std::string& name) const {
  MUSTER_ASSERT(name.starts_with(root_));
  std::string path = name.substr(root_.size());
  path.erase(0, path.find_first_not_of('/'));
  while (path.ends_with('/')) path.pop_back();
  return path;
}

IOStatus SimFileSystem::perform(Operation operation) {
  IOStatus status = meddle_ ? meddle_(trace_.size(), operation) : IOStatus::OK();
  disk_.perform(operation);
  trace_.push_back(std::move(operation));
  return status;
}

IOStatus SimFileSystem::begin_read(const std::string& path) {
  const std::size_t number = reads_++;
  return meddle_reads_ ? meddle_reads_(number, path) : IOStatus::OK();
}

IOStatus SimFileSystem::begin_look(const std::string& path) {
  const std::size_t number = looks_++;
  return meddle_looks_ ? meddle_looks_(number, path) : IOStatus::OK();
}

void SimFileSystem::drop_content() {
  disk_ = Disk();
  trace_ = {};
}

IOStatus SimFileSystem::NewSequentialFile(const std::string& name, const FileOptions&,
                                          std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                          IODebugContext*) {
  const auto number = disk_.find(relative(name));
  if (!number) return missing(name);
  *file = std::make_unique<SequentialFile>(*this, relative(name), disk_.file(*number));
  return IOStatus::OK();
}

IOStatus SimFileSystem::NewRandomAccessFile(const std::string& name, const FileOptions&,
                                            std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                            IODebugContext*) {
  const auto number = disk_.find(relative(name));
  if (!number) return missing(name);
  *file = std::make_unique<RandomAccessFile>(*this, relative(name), disk_.file(*number));
  return IOStatus::OK();
}

IOStatus SimFileSystem::open_writable(const std::string& name, bool keep_bytes,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file) {
  const std::string path = relative(name);
  if (!takes_options_ && path.find("/OPTIONS-") != std::string::npos) {
    return IOStatus::IOError(name + ": no options here");
  }
  auto number = disk_.find(path);
  IOStatus status;
  if (!number) {
    status = perform({Op::kCreate, path, {}, 0, {}, 0});
    number = disk_.find(path);
  } else if (!keep_bytes) {
    status = perform({Op::kTruncate, path, {}, *number, {}, 0});
  }
  if (status.ok()) *file = std::make_unique<WritableFile>(*this, path, *number);
  return status;
}

IOStatus SimFileSystem::NewWritableFile(const std::string& name, const FileOptions&,
                                        std::unique_ptr<rocksdb::FSWritableFile>* file,
                                        IODebugContext*) {
  return open_writable(name, false, file);
}

IOStatus SimFileSystem::ReopenWritableFile(const std::string& name, const FileOptions&,
                                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                                           IODebugContext*) {
  return open_writable(name, true, file);
}

IOStatus SimFileSystem::NewDirectory(const std::string& name, const IOOptions&,
                                     std::unique_ptr<rocksdb::FSDirectory>* directory,
                                     IODebugContext*) {
  if (!disk_.has_directory(relative(name))) return missing(name);
  *directory = std::make_unique<Directory>(*this, relative(name));
  return IOStatus::OK();
}

IOStatus SimFileSystem::FileExists(const std::string& name, const IOOptions&, IODebugContext*) {
  const std::string path = relative(name);
  if (IOStatus status = begin_look(path); !status.ok()) return status;
  if (disk_.find(path) || disk_.has_directory(path)) return IOStatus::OK();
  return IOStatus::NotFound(name);
}

IOStatus SimFileSystem::GetChildren(const std::string& directory, const IOOptions&,
                                    std::vector<std::string>* children, IODebugContext*) {
  children->clear();
  const std::string path = relative(directory);
  if (IOStatus status = begin_look(path); !status.ok()) return status;
  if (!disk_.has_directory(path)) return missing(directory);
  const std::string prefix = path.empty() ? "" : path + "/";
  for (const auto& [name, number] : disk_.names()) {
    if (!name.starts_with(prefix)) continue;
    const std::string rest = name.substr(prefix.size());
    if (rest.find('/') == std::string::npos) children->push_back(rest);
  }
  return IOStatus::OK();
}

IOStatus SimFileSystem::DeleteFile(const std::string& name, const IOOptions&, IODebugContext*) {
  if (!disk_.find(relative(name))) return missing(name);
  return perform({Op::kRemove, relative(name), {}, 0, {}, 0});
}

IOStatus SimFileSystem::CreateDir(const std::string& name, const IOOptions&, IODebugContext*) {
  if (disk_.has_directory(relative(name))) return IOStatus::IOError(name + " is there already");
  return perform({Op::kMakeDirectory, relative(name), {}, 0, {}, 0});
}

IOStatus SimFileSystem::CreateDirIfMissing(const std::string& name, const IOOptions& options,
                                           IODebugContext* context) {
  return disk_.has_directory(relative(name)) ? IOStatus::OK() : CreateDir(name, options, context);
}

IOStatus SimFileSystem::DeleteDir(const std::string& name, const IOOptions&, IODebugContext*) {
  return IOStatus::NotSupported("the simulation deletes no directory: " + name);
}

IOStatus SimFileSystem::GetFileSize(const std::string& name, const IOOptions&, std::uint64_t* size,
                                    IODebugContext*) {
  if (IOStatus status = begin_look(relative(name)); !status.ok()) return status;
  const auto number = disk_.find(relative(name));
  if (!number) return missing(name);
  *size = disk_.file(*number)->bytes.size();
  return IOStatus::OK();
}

IOStatus SimFileSystem::GetFileModificationTime(const std::string& name, const IOOptions&,
                                                std::uint64_t* seconds, IODebugContext*) {
  if (!disk_.find(relative(name))) return missing(name);
  *seconds = 0;
  return IOStatus::OK();
}

IOStatus SimFileSystem::RenameFile(const std::string& from, const std::string& to, const IOOptions&,
                                   IODebugContext*) {
  if (!disk_.find(relative(from))) return missing(from);
  return perform({Op::kRename, relative(from), relative(to), 0, {}, 0});
}

IOStatus SimFileSystem::LinkFile(const std::string& from, const std::string& to, const IOOptions&,
                                 IODebugContext*) {
  if (!disk_.find(relative(from))) return missing(from);
  return perform({Op::kLink, relative(from), relative(to), 0, {}, 0});
}

IOStatus SimFileSystem::LockFile(const std::string&, const IOOptions&, rocksdb::FileLock** lock,
                                 IODebugContext*) {
  *lock = new rocksdb::FileLock;
  return IOStatus::OK();
}

IOStatus SimFileSystem::UnlockFile(rocksdb::FileLock* lock, const IOOptions&, IODebugContext*) {
  delete lock;
  return IOStatus::OK();
}

IOStatus SimFileSystem::GetTestDirectory(const IOOptions&, std::string*, IODebugContext*) {
  return IOStatus::NotSupported("the simulated disk holds one store");
}

IOStatus SimFileSystem::GetAbsolutePath(const std::string& path, const IOOptions&,
                                        std::string* absolute, IODebugContext*) {
  *absolute = path;
  return IOStatus::OK();
}

IOStatus SimFileSystem::IsDirectory(const std::string& path, const IOOptions&, bool* is_directory,
                                    IODebugContext*) {
  *is_directory = disk_.has_directory(relative(path));
  return IOStatus::OK();
}

}  // namespace muster::test
