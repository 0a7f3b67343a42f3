// A file that lines are appended to, one after the other, by a program that may be killed.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "muster/status.h"

namespace muster::tool {

/// Nothing is kept back: a line that was appended is the system's.
class LineFile {
 public:
  LineFile() = default;
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;
  ~LineFile();

  /// A new one is its owner's alone; an existing one is appended to. A pipe is waited for until
  /// somebody reads it.
  Status open(const std::filesystem::path& path);
  /// From here on nobody else reads it, even if they could before.
  Status make_private();
  /// The line without its end. Nothing where no file is open, or after the first failure.
  void append(std::string_view line);
  /// The first failure.
  const Status& status() const { return status_; }

 private:
  const Status& fail();

  std::string name_;
  int file_ = -1;
  Status status_;
};

}  // namespace muster::tool
