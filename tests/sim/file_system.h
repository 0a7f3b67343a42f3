// RocksDB's view of a simulated disk. Counts and records every operation that changes it.
#pragma once

#include <rocksdb/file_system.h>

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/disk.h"

namespace muster::test {

/// For one thread at a time; while nothing changes, several may read.
class SimFileSystem : public rocksdb::FileSystem {
 public:
  using IOStatus = rocksdb::IOStatus;
  /// Called before operation `number`, counted from 0. An error: the caller gets it, and the disk
  /// what is left of the operation.
  using Meddle = std::function<IOStatus(std::size_t number, Operation& operation)>;
  /// Called before read `number`, counted from 0. An error: the caller gets it and no bytes.
  using MeddleReads = std::function<IOStatus(std::size_t number, const std::string& path)>;

  /// Shows the disk's folder as `root`.
  SimFileSystem(const std::filesystem::path& root, Disk disk);

  /// Called before look `number`, counted from 0: whether a file is there, how long it is, what a
  /// directory holds.
  void set_meddle_looks(MeddleReads looks) { meddle_looks_ = std::move(looks); }
  void set_meddle(Meddle meddle, MeddleReads reads = {}) {
    meddle_ = std::move(meddle);
    meddle_reads_ = std::move(reads);
  }
  /// No file of options can be made from here on: nothing reads them, and RocksDB takes longer to
  /// write one and compare it than to open a small store.
  void refuse_options() { takes_options_ = false; }
  const Disk& disk() const { return disk_; }
  const std::vector<Operation>& trace() const { return trace_; }
  std::size_t reads() const { return reads_; }
  /// Frees the memory. For a file system that is left behind with a store that failed.
  void drop_content();
  IOStatus perform(Operation operation);
  IOStatus begin_read(const std::string& path);
  std::size_t looks() const { return looks_; }

  const char* Name() const override { return "muster.test.SimFileSystem"; }
  IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                             std::unique_ptr<rocksdb::FSSequentialFile>* file,
                             rocksdb::IODebugContext* context) override;
  IOStatus NewRandomAccessFile(const std::string& name, const rocksdb::FileOptions& options,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                               rocksdb::IODebugContext* context) override;
  IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                           rocksdb::IODebugContext* context) override;
  IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* file,
                              rocksdb::IODebugContext* context) override;
  IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* directory,
                        rocksdb::IODebugContext* context) override;
  IOStatus FileExists(const std::string& name, const rocksdb::IOOptions& options,
                      rocksdb::IODebugContext* context) override;
  IOStatus GetChildren(const std::string& directory, const rocksdb::IOOptions& options,
                       std::vector<std::string>* children,
                       rocksdb::IODebugContext* context) override;
  IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                      rocksdb::IODebugContext* context) override;
  IOStatus CreateDir(const std::string& name, const rocksdb::IOOptions& options,
                     rocksdb::IODebugContext* context) override;
  IOStatus CreateDirIfMissing(const std::string& name, const rocksdb::IOOptions& options,
                              rocksdb::IODebugContext* context) override;
  IOStatus DeleteDir(const std::string& name, const rocksdb::IOOptions& options,
                     rocksdb::IODebugContext* context) override;
  IOStatus GetFileSize(const std::string& name, const rocksdb::IOOptions& options,
                       std::uint64_t* size, rocksdb::IODebugContext* context) override;
  IOStatus GetFileModificationTime(const std::string& name, const rocksdb::IOOptions& options,
                                   std::uint64_t* seconds,
                                   rocksdb::IODebugContext* context) override;
  IOStatus RenameFile(const std::string& from, const std::string& to,
                      const rocksdb::IOOptions& options, rocksdb::IODebugContext* context) override;
  IOStatus LinkFile(const std::string& from, const std::string& to,
                    const rocksdb::IOOptions& options, rocksdb::IODebugContext* context) override;
  IOStatus LockFile(const std::string& name, const rocksdb::IOOptions& options,
                    rocksdb::FileLock** lock, rocksdb::IODebugContext* context) override;
  IOStatus UnlockFile(rocksdb::FileLock* lock, const rocksdb::IOOptions& options,
                      rocksdb::IODebugContext* context) override;
  IOStatus GetTestDirectory(const rocksdb::IOOptions& options, std::string* path,
                            rocksdb::IODebugContext* context) override;
  IOStatus GetAbsolutePath(const std::string& path, const rocksdb::IOOptions& options,
                           std::string* absolute, rocksdb::IODebugContext* context) override;
  IOStatus IsDirectory(const std::string& path, const rocksdb::IOOptions& options,
                       bool* is_directory, rocksdb::IODebugContext* context) override;

 private:
  std::string relative(const std::string& name) const;
  IOStatus begin_look(const std::string& path);
  IOStatus open_writable(const std::string& name, bool keep_bytes,
                         std::unique_ptr<rocksdb::FSWritableFile>* file);

  const std::string root_;
  Disk disk_;
  bool takes_options_ = true;
  std::vector<Operation> trace_;
  std::atomic<std::size_t> reads_ = 0;
  Meddle meddle_;
  MeddleReads meddle_reads_;
  std::atomic<std::size_t> looks_ = 0;
  MeddleReads meddle_looks_;
};

}  // namespace muster::test
