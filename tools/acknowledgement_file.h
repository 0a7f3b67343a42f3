// Says after each commit how far a replay is: for whoever waits behind a pipe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "muster/status.h"

namespace muster::tool {

/// Lines of one decimal number, the events of this run that are committed. Lines are appended to an
/// existing file.
class AcknowledgementFile {
 public:
  AcknowledgementFile() = default;
  AcknowledgementFile(const AcknowledgementFile&) = delete;
  AcknowledgementFile& operator=(const AcknowledgementFile&) = delete;
  ~AcknowledgementFile();

  /// A pipe is waited for until somebody reads it.
  Status open(const std::filesystem::path& path);
  /// Nothing where no file is open, or after the first failure.
  void committed(std::uint64_t events);
  /// The first failure.
  const Status& status() const { return status_; }

 private:
  Status failed() const;

  std::string name_;
  int file_ = -1;
  Status status_;
};

}  // namespace muster::tool
