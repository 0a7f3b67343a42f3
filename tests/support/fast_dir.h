// A folder in memory where the machine has one: stores that sync often stay fast.
#pragma once

#include <filesystem>

namespace muster::test {

/// A new folder that goes with the object; below /dev/shm where that can be written.
class FastDir {
 public:
  FastDir();
  FastDir(const FastDir&) = delete;
  FastDir& operator=(const FastDir&) = delete;
  ~FastDir();
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::filesystem::path& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace muster::test
