// Files and folders that tests read and make.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace muster::test {

/// The whole file, unpacked where it is compressed. Throws std::runtime_error naming the file.
std::string read_file(const std::filesystem::path& path);
/// The whole file as it stands there: a table may look like something compressed.
std::string read_bytes(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, std::string_view content);

/// tests/data/<name>
std::filesystem::path data_file(std::string_view name);

/// A new folder that goes with the object.
class TempDir {
 public:
  TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::filesystem::path& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace muster::test
