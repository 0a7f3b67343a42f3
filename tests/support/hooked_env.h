// An environment below RocksDB that tells a test of every write to the log, before it happens, and
// fails it where the test says so.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace muster::test {

enum class LogCall { kAppend, kSync };

class HookedEnv {
 public:
  /// Called by the thread that writes. False: the call fails and nothing is written.
  using Hook = std::function<bool(LogCall call, const std::string& file)>;

  HookedEnv();
  rocksdb::Env* env() const { return env_.get(); }
  /// An empty hook: every call goes through.
  void set_hook(Hook hook);

 private:
  class Files;
  std::shared_ptr<Files> files_;
  std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace muster::test
