// The disk below a store under test: nothing is synced or allocated ahead, and it can be full.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <memory>

namespace muster::test {

class TestDisk {
 public:
  TestDisk();
  /// Outlives every store opened on it; those that failed keep their engine for good.
  rocksdb::Env* env() const { return env_.get(); }
  /// From now on every write fails, or again none.
  void set_full(bool full) { *full_ = full; }

  /// One for all tests that want no failures. Never goes.
  static TestDisk& shared();

 private:
  std::shared_ptr<std::atomic<bool>> full_;
  std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace muster::test
