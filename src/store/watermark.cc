#include "store/watermark.h"

#include <rocksdb/env.h>

#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "base/hash.h"
#include "store/io_status.h"

namespace muster::store {
namespace {

namespace fs = std::filesystem;

static_assert(std::endian::native == std::endian::little);

constexpr std::size_t kFieldBytes = 24;
constexpr std::size_t kRecordBytes = kFieldBytes + sizeof(std::uint64_t);

std::string encode(Acknowledged acknowledged, std::uint64_t store) {
  const std::array<std::uint64_t, 3> fields = {acknowledged.group, acknowledged.sequence, store};
  static_assert(sizeof fields == kFieldBytes);
  std::string record(reinterpret_cast<const char*>(fields.data()), sizeof fields);
  const std::uint64_t hash = base::hash64(record);
  record.append(reinterpret_cast<const char*>(&hash), sizeof hash);
  return record;
}

std::optional<Acknowledged> decode(std::string_view record, std::uint64_t store) {
  std::uint64_t hash = 0;
  std::memcpy(&hash, record.data() + kFieldBytes, sizeof hash);
  std::array<std::uint64_t, 3> fields{};
  std::memcpy(fields.data(), record.data(), sizeof fields);
  if (hash != base::hash64(record.substr(0, kFieldBytes)) || fields[2] != store) {
    return std::nullopt;
  }
  return Acknowledged{fields[0], fields[1]};
}

}  // namespace

fs::path watermark_path(const fs::path& directory) {
  return directory / "watermark";
}

Result<std::optional<Acknowledged>> read_watermark(rocksdb::Env& env, const fs::path& path,
                                                   std::string_view store_id) {
  const Result<bool> there = is_there(env, path);
  if (!there.ok()) return there.status();
  if (!*there) return std::optional<Acknowledged>();
  std::string bytes;
  Status status =
      io_status(rocksdb::ReadFileToString(&env, path.string(), &bytes), path, "reading it");
  if (!status.ok()) return status;
  const std::uint64_t store = base::hash64(store_id);
  for (std::size_t end = bytes.size() / kRecordBytes * kRecordBytes; end > 0; end -= kRecordBytes) {
    const auto record = std::string_view(bytes).substr(end - kRecordBytes, kRecordBytes);
    if (const auto found = decode(record, store)) return found;
  }
  return std::optional<Acknowledged>();
}

Watermark::Watermark(rocksdb::Env& env, fs::path path, std::string_view store_id,
                     WatermarkBounds bounds)
    : env_(env), path_(std::move(path)), store_(base::hash64(store_id)), bounds_(bounds) {}

Watermark::~Watermark() = default;

Result<std::unique_ptr<Watermark>> Watermark::begin(rocksdb::Env& env, const fs::path& path,
                                                    std::string_view store_id, Acknowledged now,
                                                    WatermarkBounds bounds) {
  std::unique_ptr<Watermark> watermark(new Watermark(env, path, store_id, bounds));
  if (Status status = watermark->start(now); !status.ok()) return status;
  return watermark;
}

Status Watermark::start(Acknowledged now) {
  file_.reset();
  const std::string fresh = path_.string() + ".new";
  rocksdb::Status made = env_.NewWritableFile(fresh, &file_, rocksdb::EnvOptions());
  if (!made.ok()) return io_status(made, fresh, "making it");
  bytes_ = 0;
  Status status = append(now);
  if (status.ok()) status = sync();
  if (!status.ok()) return status;
  made = env_.RenameFile(fresh, path_.string());
  std::unique_ptr<rocksdb::Directory> names;
  if (made.ok()) made = env_.NewDirectory(path_.parent_path().string(), &names);
  if (made.ok()) made = names->Fsync();
  return io_status(made, path_, "making it");
}

Status Watermark::append(Acknowledged to) {
  const std::string record = encode(to, store_);
  const rocksdb::Status written = file_->Append(record);
  if (written.ok()) {
    bytes_ += record.size();
    last_ = to;
  }
  return io_status(written, path_, "writing to it");
}

Status Watermark::sync() {
  synced_at_ = env_.NowNanos();
  return io_status(file_->Sync(), path_, "syncing it");
}

Status Watermark::advance(Acknowledged to) {
  if (to == last_) return {};
  if (bytes_ >= bounds_.bytes_max) return start(to);
  if (Status status = append(to); !status.ok()) return status;
  return env_.NowNanos() - synced_at_ < bounds_.sync_every_nanos ? Status() : sync();
}

Status Watermark::close() {
  if (file_ == nullptr) return {};
  Status status = sync();
  const rocksdb::Status closed = file_->Close();
  file_.reset();
  return status.ok() ? io_status(closed, path_, "closing it") : status;
}

}  // namespace muster::store
