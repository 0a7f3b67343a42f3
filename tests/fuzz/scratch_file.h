// A file of the process's own, written anew for each input; it goes with its object.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

namespace muster::fuzz {

class ScratchFile {
 public:
  /// In memory where the machine allows that.
  explicit ScratchFile(const std::string& name) {
    const char* const folder = std::getenv("TMPDIR");
    const std::filesystem::path in_memory = "/dev/shm";
    const auto parent = folder != nullptr ? std::filesystem::path(folder)
                        : std::filesystem::exists(in_memory)
                            ? in_memory
                            : std::filesystem::temp_directory_path();
    path_ = parent / ("muster-fuzz-" + name + "-" + std::to_string(::getpid()));
  }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  ~ScratchFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }

  const std::filesystem::path& write(const std::uint8_t* data, std::size_t size) const {
    std::ofstream out(path_, std::ios::binary | std::ios::trunc);
    out.write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    return path_;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace muster::fuzz
