#pragma once

#include <filesystem>
#include <string_view>

namespace muster::testing {

/// A new empty directory that goes, with everything in it, when the object does.
class TempDir {
 public:
  TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// Writes `content` to a file `name` in the directory and returns its path.
std::filesystem::path write_file(const TempDir& dir, std::string_view name,
                                 std::string_view content);

}  // namespace muster::testing
