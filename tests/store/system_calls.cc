#include "tests/store/system_calls.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <mutex>
#include <string>
#include <utility>

namespace muster::test {
namespace {

std::mutex hook_mutex;
using Hook = std::function<void(const std::filesystem::path&)>;
Hook sync_hook;
Hook forget_hook;
std::atomic<int> renames_left = INT_MAX;

void tell(const Hook& hook, int file) {
  const std::lock_guard lock(hook_mutex);
  if (!hook) return;
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(file), error);
  if (!error) hook(path);
}
void tell_of_sync(int file) {
  tell(sync_hook, file);
}
void tell_of_forgetting(int file) {
  tell(forget_hook, file);
}

bool may_rename() {
  return renames_left == INT_MAX || renames_left-- > 0;
}

}  // namespace

SyncHook::SyncHook(std::function<void(const std::filesystem::path&)> hook) {
  const std::lock_guard lock(hook_mutex);
  sync_hook = std::move(hook);
}

SyncHook::~SyncHook() {
  const std::lock_guard lock(hook_mutex);
  sync_hook = nullptr;
}

ForgetHook::ForgetHook(std::function<void(const std::filesystem::path&)> hook) {
  const std::lock_guard lock(hook_mutex);
  forget_hook = std::move(hook);
}

ForgetHook::~ForgetHook() {
  const std::lock_guard lock(hook_mutex);
  forget_hook = nullptr;
}

RenamesEnd::RenamesEnd(int renames) {
  renames_left = renames;
}

RenamesEnd::~RenamesEnd() {
  renames_left = INT_MAX;
}

}  // namespace muster::test

extern "C" int fsync(int file) {
  muster::test::tell_of_sync(file);
  return static_cast<int>(::syscall(SYS_fsync, file));
}

extern "C" int posix_fadvise(int file, off_t offset, off_t bytes, int advice) noexcept {
  const bool whole = offset == 0 && bytes == 0;
  if (whole && advice == POSIX_FADV_DONTNEED) muster::test::tell_of_forgetting(file);
  return ::syscall(SYS_fadvise64, file, offset, bytes, advice) == 0 ? 0 : errno;
}

extern "C" int renameat2(int from_directory, const char* from, int to_directory, const char* to,
                         unsigned int flags) noexcept {
  if (!muster::test::may_rename()) {
    errno = EIO;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_renameat2, from_directory, from, to_directory, to, flags));
}
