// The content of a file, expanded where it is compressed, from its begin to its end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "muster/recording.h"
#include "muster/status.h"
#include "replay/expander.h"

namespace muster::recording {

class ByteSource {
 public:
  /// "-" is the standard input.
  static Result<std::unique_ptr<ByteSource>> open(const std::filesystem::path& path,
                                                  const RecordingLimits& limits);
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  ~ByteSource();

  /// Reads on until `to` has `size` bytes or the content ends; fewer bytes mean its end.
  std::size_t read(char* to, std::size_t size);
  /// Why the content ended early: an error, or a compressed file that is cut.
  const Status& status() const { return status_; }

  /// What to call it in messages.
  const std::string& name() const { return name_; }
  std::uint64_t stored_bytes_read() const { return stored_bytes_read_; }
  std::uint64_t stored_bytes_total() const { return stored_bytes_total_; }

 private:
  ByteSource(std::string name, const RecordingLimits& limits);
  Status open_file(const std::filesystem::path& path);
  std::size_t read_stored(char* to, std::size_t size);
  bool fill();
  std::size_t read_expanded(char* to, std::size_t size);
  Status check_expansion() const;
  void end(StatusCode code, std::string_view what);

  std::string name_;
  RecordingLimits limits_;
  int file_ = -1;
  std::unique_ptr<char[]> block_;
  Bytes unread_;  ///< of block_
  bool at_end_ = false;
  std::unique_ptr<Expander> expander_;
  std::uint64_t expanded_bytes_ = 0;
  std::uint64_t stored_bytes_read_ = 0;
  std::uint64_t stored_bytes_total_ = 0;
  Status status_;
};

}  // namespace muster::recording
