// A file that is written under a temporary name and gets its own when it is complete.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "muster/status.h"

namespace muster::recording {

class OutputFile {
 public:
  OutputFile() = default;
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  /// Without close() before, a file that was begun goes.
  ~OutputFile();

  /// "-" is the standard output; it, pipes and devices are written directly.
  Status open(const std::filesystem::path& path, bool replace);
  Status write(std::string_view bytes);
  Status close();

 private:
  Status failed(std::string_view what, int error) const;
  Status exists() const;
  Status rename();

  std::string path_;
  std::string written_;  ///< the temporary name; empty where there is none
  bool replace_ = false;
  int file_ = -1;
};

}  // namespace muster::recording
