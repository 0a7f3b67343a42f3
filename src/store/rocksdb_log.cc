#include "store/rocksdb_log.h"

#include <fcntl.h>
#include <rocksdb/env.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <string_view>

#include "base/time.h"

namespace muster::store {
namespace {

constexpr std::size_t kNoteBytesMax = 8'192;

class RocksDbLog final : public rocksdb::Logger {
 public:
  explicit RocksDbLog(int file) : file_(file) {}
  RocksDbLog(const RocksDbLog&) = delete;
  RocksDbLog& operator=(const RocksDbLog&) = delete;
  ~RocksDbLog() override {
    if (file_ >= 0) ::close(file_);
  }

  using Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    std::string note;
    base::append_time(note, {static_cast<std::int64_t>(rocksdb::Env::Default()->NowMicros())});
    note.push_back(' ');
    std::array<char, kNoteBytesMax> text;
    const int size = std::vsnprintf(text.data(), text.size(), format, arguments);
    if (size < 0) return;
    note.append(text.data(),
                std::min<std::size_t>(static_cast<std::size_t>(size), text.size() - 1));
    if (!note.ends_with('\n')) note.push_back('\n');
    const ssize_t written = ::write(file_, note.data(), note.size());
    if (written > 0) bytes_ += static_cast<std::size_t>(written);
  }
  std::size_t GetLogFileSize() const override { return bytes_; }

 protected:
  /// The file goes with the object: another thread may be writing a note.
  rocksdb::Status CloseImpl() override { return rocksdb::Status::OK(); }

 private:
  const int file_;  ///< below 0: none
  std::atomic<std::size_t> bytes_ = 0;
};

}  // namespace

std::shared_ptr<rocksdb::Logger> make_rocksdb_log(const std::string& path) {
  const int file =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR);
  return std::make_shared<RocksDbLog>(file);
}

}  // namespace muster::store
