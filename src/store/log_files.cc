#include "store/log_files.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/crc32c.h"
#include "store/io_status.h"

namespace muster::store {
namespace {

namespace fs = std::filesystem;

// A block has records, each a header of checksum (4), length (2) and type (1) and its payload; what
// is left of a block is too short for a header and zero.
constexpr std::size_t kHeaderBytes = 7;
constexpr std::uint32_t kMaskDelta = 0xa282ead8;
constexpr std::size_t kReadBytes = 32 * LogScan::kBlockBytes;

enum Piece : std::uint8_t { kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

std::uint32_t masked(std::uint32_t sum) {
  return ((sum >> 15) | (sum << 17)) + kMaskDelta;
}

class ShortenedFile : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  ShortenedFile(std::unique_ptr<rocksdb::FSSequentialFile>&& file, std::uint64_t bytes)
      : FSSequentialFileOwnerWrapper(std::move(file)), left_(bytes) {}

  rocksdb::IOStatus Read(std::size_t size, const rocksdb::IOOptions& options,
                         rocksdb::Slice* result, char* scratch,
                         rocksdb::IODebugContext* context) override {
    const auto bytes = static_cast<std::size_t>(std::min<std::uint64_t>(size, left_));
    rocksdb::IOStatus status =
        FSSequentialFileOwnerWrapper::Read(bytes, options, result, scratch, context);
    if (status.ok()) left_ -= result->size();
    return status;
  }
  rocksdb::IOStatus Skip(std::uint64_t size) override {
    const std::uint64_t bytes = std::min(size, left_);
    left_ -= bytes;
    return FSSequentialFileOwnerWrapper::Skip(bytes);
  }

 private:
  std::uint64_t left_;
};

class WithoutTail : public rocksdb::FileSystemWrapper {
 public:
  WithoutTail(const std::shared_ptr<rocksdb::FileSystem>& files, const TornLog& torn)
      : FileSystemWrapper(files), path_(torn.path.string()), bytes_(torn.whole_bytes) {}
  const char* Name() const override { return "muster.WithoutTail"; }

  rocksdb::IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* context) override {
    rocksdb::IOStatus status = FileSystemWrapper::NewSequentialFile(name, options, file, context);
    if (status.ok() && name == path_) {
      *file = std::make_unique<ShortenedFile>(std::move(*file), bytes_);
    }
    return status;
  }

 private:
  const std::string path_;
  const std::uint64_t bytes_;
};

}  // namespace

bool LogScan::add_block(std::string_view block) {
  for (std::size_t at = 0; at < block.size() && !broken_;) {
    const std::string_view left = block.substr(at);
    if (kBlockBytes - at < kHeaderBytes) break;
    std::uint32_t sum = 0;
    std::uint16_t length = 0;
    broken_ = left.size() < kHeaderBytes;
    if (broken_) break;
    std::memcpy(&sum, left.data(), sizeof sum);
    std::memcpy(&length, left.data() + 4, sizeof length);
    const auto type = static_cast<std::uint8_t>(left[6]);
    const bool continues = type == kMiddle || type == kLast;
    broken_ = kHeaderBytes + length > left.size() || type < kFull || type > kLast ||
              continues != inside_ || sum != masked(base::crc32c(left.substr(6, length + 1U)));
    if (broken_) break;
    if (!continues) begin_.clear();
    begin_ += left.substr(kHeaderBytes, std::min<std::size_t>(length, bytes_max_ - begin_.size()));
    inside_ = type == kFirst || type == kMiddle;
    at += kHeaderBytes + length;
    if (inside_) continue;
    if (visit_) visit_(whole_, begin_);
    whole_ = at_ + at;
  }
  at_ += block.size();
  return !broken_;
}

Result<std::optional<TornLog>> find_torn(rocksdb::Env& env, const fs::path& path, LogScan scan) {
  TornLog torn{path, 0, 0};
  std::unique_ptr<rocksdb::SequentialFile> file;
  rocksdb::Status read = env.NewSequentialFile(path.string(), &file, rocksdb::EnvOptions());
  // A writer has deleted it since it was listed.
  if (is_missing(read)) return std::optional<TornLog>();
  std::string buffer(kReadBytes, '\0');
  bool whole = true;
  for (rocksdb::Slice got; read.ok();) {
    read = file->Read(buffer.size(), &got, buffer.data());
    if (!read.ok() || got.empty()) break;
    torn.file_bytes += got.size();
    const std::string_view bytes(got.data(), got.size());
    for (std::size_t at = 0; at < bytes.size() && whole; at += LogScan::kBlockBytes) {
      whole = scan.add_block(bytes.substr(at, LogScan::kBlockBytes));
    }
  }
  if (!read.ok()) return io_status(read, path, "reading it");
  torn.whole_bytes = scan.whole_bytes();
  if (torn.whole_bytes == torn.file_bytes) return std::optional<TornLog>();
  return std::optional(std::move(torn));
}

std::string TornLog::to_string() const {
  if (behind_gap) {
    return path.string() + ": what was written before its byte " + std::to_string(whole_bytes) +
           " is missing: a log before it was cut or is gone";
  }
  return path.string() + ": " + std::to_string(file_bytes - whole_bytes) + " bytes behind byte " +
         std::to_string(whole_bytes) + " are no records";
}

Status check_current(rocksdb::Env& env, const fs::path& data) {
  const Result<std::vector<std::string>> names = names_in(env, data);
  if (!names.ok()) return names.status();
  // When a database is made, its first log comes behind CURRENT.
  const bool has_data = std::any_of(names->begin(), names->end(), [](const std::string& name) {
    return name.ends_with(".sst") || name.ends_with(".log");
  });
  if (!has_data || std::binary_search(names->begin(), names->end(), "CURRENT")) return {};
  return {StatusCode::kCorruption, (data / "CURRENT").string() +
                                       ": it is missing, and the database's files are there: "
                                       "restore a backup"};
}

Result<std::optional<fs::path>> find_manifest(rocksdb::Env& env, const fs::path& data) {
  const std::optional<fs::path> none;
  const fs::path current = data / "CURRENT";
  Result<bool> there = is_there(env, current);
  if (!there.ok()) return there.status();
  if (!*there) return none;
  std::string name;
  const rocksdb::Status read = rocksdb::ReadFileToString(&env, current.string(), &name);
  if (!read.ok()) return io_status(read, current, "reading it");
  if (name.ends_with('\n')) name.pop_back();
  if (!name.starts_with("MANIFEST-") || name.find('/') != std::string::npos) return none;
  there = is_there(env, data / name);
  if (!there.ok()) return there.status();
  return *there ? std::optional(data / name) : none;
}

Result<std::optional<TornLog>> find_torn_manifest(rocksdb::Env& env, const fs::path& data) {
  const Result<std::optional<fs::path>> manifest = find_manifest(env, data);
  if (!manifest.ok()) return manifest.status();
  return *manifest ? find_torn(env, **manifest) : std::optional<TornLog>();
}

std::unique_ptr<rocksdb::Env> without_tail(rocksdb::Env& env, const TornLog& torn) {
  return rocksdb::NewCompositeEnv(std::make_shared<WithoutTail>(env.GetFileSystem(), torn));
}

Status keep_copy(rocksdb::Env& env, const TornLog& torn) {
  std::string bytes;
  rocksdb::Status status = rocksdb::ReadFileToString(&env, torn.path.string(), &bytes);
  if (status.ok()) {
    status = rocksdb::WriteStringToFile(&env, bytes, torn.path.string() + ".torn", true);
  }
  return io_status(status, torn.path, "copying it");
}

Status cut_tail(rocksdb::Env& env, const TornLog& torn) {
  if (Status status = keep_copy(env, torn); !status.ok()) return status;
  const std::string path = torn.path.string();
  const std::string fresh = path + ".whole";
  std::string bytes;
  rocksdb::Status status = rocksdb::ReadFileToString(&env, path, &bytes);
  if (status.ok()) {
    bytes.resize(torn.whole_bytes);
    status = rocksdb::WriteStringToFile(&env, bytes, fresh, true);
  }
  if (status.ok()) status = env.RenameFile(fresh, path);
  std::unique_ptr<rocksdb::Directory> names;
  if (status.ok()) status = env.NewDirectory(torn.path.parent_path().string(), &names);
  if (status.ok()) status = names->Fsync();
  return io_status(status, torn.path, "cutting off its torn end");
}

}  // namespace muster::store
