// The directory around RocksDB: a marker that says what it is, and the lock of its one writer.
//
//   DIR/MUSTER        text: "format 1" and the store's id
//   DIR/muster.lock   flock of the writer, with its process id
//   DIR/data/         RocksDB
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "muster/status.h"

namespace muster::store {

inline constexpr const char* kLockName = "muster.lock";

/// Holds the lock until it is destroyed.
class StoreLock {
 public:
  StoreLock() = default;
  StoreLock(StoreLock&& other) noexcept;
  StoreLock& operator=(StoreLock&& other) noexcept;
  ~StoreLock();

  /// kBusy, naming the holder, when another writer has it.
  static Result<StoreLock> take(const std::filesystem::path& directory);

 private:
  explicit StoreLock(int file) : file_(file) {}
  int file_ = -1;
};

struct StoreMarker {
  std::uint32_t format = 0;
  std::string store_id;
};

/// What the directory is: kNotFound (missing or empty), kNotAStore, kFormatTooNew, or its marker.
Result<StoreMarker> read_marker(const std::filesystem::path& directory);

/// Makes the directory (0700) and, once `lock` holds it, a marker with a new random id. Whoever had
/// the lock before may have made one: that one counts.
Result<StoreMarker> make_store_directory(const std::filesystem::path& directory, StoreLock& lock);

/// Makes or finds a directory, 0700; its name is on the device.
Status make_private_directory(const std::filesystem::path& directory);

/// The directory that a directory's name stands in, also where a slash ends the path.
std::filesystem::path parent_of(const std::filesystem::path& directory);

/// The marker is there whole, and on the device, or not at all.
Status write_marker(const std::filesystem::path& directory, const StoreMarker& marker);

/// Names that were made in the directory are on the device.
Status sync_directory(const std::filesystem::path& directory);

std::filesystem::path data_path(const std::filesystem::path& directory);

}  // namespace muster::store
