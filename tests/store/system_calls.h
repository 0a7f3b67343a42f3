// System calls as a test sees them: its program has them in place of the C library's.
#pragma once

#include <filesystem>
#include <functional>

namespace muster::test {

/// While it lives, is told of each file and directory that is about to be synced by fsync, by any
/// thread, one call at a time.
class SyncHook {
 public:
  explicit SyncHook(std::function<void(const std::filesystem::path& path)> hook);
  SyncHook(const SyncHook&) = delete;
  SyncHook& operator=(const SyncHook&) = delete;
  ~SyncHook();
};

/// While it lives, is told of each file that the system is about to forget in memory, as above.
class ForgetHook {
 public:
  explicit ForgetHook(std::function<void(const std::filesystem::path& path)> hook);
  ForgetHook(const ForgetHook&) = delete;
  ForgetHook& operator=(const ForgetHook&) = delete;
  ~ForgetHook();
};

/// While it lives, `renames` calls of renameat2 go through and all later ones fail: what stands on
/// the disk then is what a kill would have left there.
class RenamesEnd {
 public:
  explicit RenamesEnd(int renames);
  RenamesEnd(const RenamesEnd&) = delete;
  RenamesEnd& operator=(const RenamesEnd&) = delete;
  ~RenamesEnd();
};

}  // namespace muster::test
