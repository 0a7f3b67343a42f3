// A stream buffer over a file descriptor that remembers why a write failed.
#pragma once

#include <cstddef>
#include <streambuf>
#include <vector>

namespace muster::tool {

/// Whether the other end of a pipe was closed: what a write there said is no error then.
bool reader_is_gone(int fd);

class FdOutput : public std::streambuf {
 public:
  explicit FdOutput(int fd, std::size_t buffer_bytes = 256u << 10);
  FdOutput(const FdOutput&) = delete;
  FdOutput& operator=(const FdOutput&) = delete;

  /// The errno of the write that failed, or 0.
  int error() const { return error_; }

 protected:
  int_type overflow(int_type character) override;
  int sync() override;

 private:
  bool write_out();

  int fd_;
  int error_ = 0;
  std::vector<char> buffer_;
};

}  // namespace muster::tool
