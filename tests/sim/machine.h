// A machine with a store on its simulated disk.
#pragma once

#include <compare>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "muster/store.h"
#include "tests/sim/disk.h"
#include "tests/sim/file_system.h"
#include "tests/sim/pump_env.h"
#include "tests/support/files.h"

namespace muster::test {

/// The disk of a machine that has seen no store yet; the recorder's folder is there.
Disk new_disk();

/// Transitions of rows that a machine's store keeps at least; a scenario has more.
inline constexpr std::uint64_t kChangesKept = 60;

/// What a store says of itself, as far as the same events give the same.
struct StoreState {
  Sequence sequence = 0;
  std::string digest;
  std::map<std::string, std::pair<std::uint64_t, Timestamp>> cursors;  ///< event and time a source
  std::uint64_t hosts = 0;
  std::uint64_t rows = 0;
  std::uint64_t commands = 0;
  std::vector<std::string> outbox;   ///< its entries, in words
  std::uint64_t last_change = 0;     ///< the newest transition of a row
  std::vector<std::string> changes;  ///< those of the newest events, in words
  friend bool operator==(const StoreState&, const StoreState&) = default;
};
/// Throws std::runtime_error where the store cannot be read.
StoreState state_of(const Store& store);
std::string to_text(const StoreState& state);
/// Both in one line, and the first entries that differ.
std::string compared(const StoreState& expected, const StoreState& got);

class Machine {
 public:
  enum class Recorder { kOff, kOn };
  explicit Machine(Disk disk, Recorder recorder = Recorder::kOff);
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;
  ~Machine();

  /// Opens the machine's store: windows of four hosts, small write buffers, frequent folds, a short
  /// change log, a watermark that is often synced and begun anew.
  Result<Store> open(Durability durability);
  Result<Store> open_read_only();
  /// What the recorder's segments hold, each as a file in `folder`; in order.
  std::vector<std::filesystem::path> copy_segments(const std::filesystem::path& folder);
  SimFileSystem& files() { return *files_; }
  const SimFileSystem& files() const { return *files_; }
  PumpEnv& env() { return *env_; }

  /// For a machine whose store failed: the store's database goes on using its environment until the
  /// process ends.
  void leave_behind() { left_behind_ = true; }

 private:
  Result<Store> open_store(StoreOptions options);

  const Recorder recorder_;
  TempDir folder_;
  std::shared_ptr<SimFileSystem> files_;
  std::shared_ptr<PumpEnv> env_;
  bool left_behind_ = false;
};

}  // namespace muster::test
