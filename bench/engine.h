// What is measured: something that keeps the state of a fleet and takes its events, or a floor that
// only does a part of that work.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "muster/event.h"
#include "muster/options.h"

namespace muster::bench {

/// What every engine of a run gets alike.
struct EngineSetting {
  std::filesystem::path folder;  ///< empty and its own
  Durability durability = Durability::kBuffered;
  MemoryPreset preset = MemoryPreset::kAppliance;
  std::uint32_t profiles = 30;  ///< a host; floors need the size of its value

  std::uint64_t memory_bytes() const;  ///< of the preset, for caches and buffers
};

/// What an engine has used since it was made. 0 where it has no such thing.
struct EngineUse {
  std::uint64_t commits = 0;
  std::uint64_t syncs = 0;
  std::uint64_t log_bytes = 0;      ///< given to its log
  std::uint64_t disk_bytes = 0;     ///< on disk now
  std::uint64_t commit_micros = 0;  ///< spent in writes, where it says so
};

struct ReplaySetting {
  std::uint32_t batch = 256;  ///< events a commit
  unsigned threads = 1;       ///< that decode
};
/// Called behind each commit.
using CommitSeen = std::function<void()>;

class Engine {
 public:
  virtual ~Engine() = default;

  /// Commits the events together. Refusals are counted, errors thrown.
  virtual void apply(std::span<const Event> events) = 0;
  /// Takes a recording. Without an own way: read by the library's reader and applied.
  virtual void replay(const std::filesystem::path& recording, const ReplaySetting& setting,
                      const CommitSeen& seen);
  /// What a log holds goes where the engine keeps it in the end: memtables are flushed, a log is
  /// checkpointed. Called at the end of each round and counted, so that each pays for its own.
  virtual void settle() {}
  /// What is no part of the measured work: called behind each round.
  virtual void after_round() {}
  /// Equal for engines whose rows are equal: profile, checksum, operation, status and retries of
  /// each. A floor has no rows and no digest.
  virtual std::string digest() { return ""; }
  virtual EngineUse use() = 0;
  /// More of what it can say about the last round, by name.
  virtual std::map<std::string, double> counts() { return {}; }

  std::uint64_t refused() const { return refused_; }

 protected:
  std::uint64_t refused_ = 0;
};

struct EngineKind {
  std::string_view name;
  std::string_view what;  ///< for people, one line
  bool floor;             ///< does a part of the work and keeps no rows
  std::unique_ptr<Engine> (*make)(const EngineSetting& setting);
};

/// Muster first.
std::span<const EngineKind> engine_kinds();
/// Throws where there is none.
const EngineKind& find_engine(std::string_view name);

// In engines/.
std::unique_ptr<Engine> make_muster(const EngineSetting& setting);
std::unique_ptr<Engine> make_memory(const EngineSetting& setting);
std::unique_ptr<Engine> make_lmdb_blob(const EngineSetting& setting);
std::unique_ptr<Engine> make_sqlite_blob(const EngineSetting& setting);
std::unique_ptr<Engine> make_sqlite_rows(const EngineSetting& setting);
std::unique_ptr<Engine> make_rocksdb_put(const EngineSetting& setting);
std::unique_ptr<Engine> make_rocksdb_rewrite(const EngineSetting& setting);
std::unique_ptr<Engine> make_parse(const EngineSetting& setting);

/// Sums rows up into an engine's digest, in any order of hosts.
class DigestSum {
 public:
  void begin_host(std::string_view host_uuid);
  void add_row(std::string_view profile_uuid, const Checksum& checksum, Operation operation,
               DeliveryStatus status, int retries);
  void end_host();
  std::string text() const;

 private:
  std::string bytes_;
  bool has_rows_ = false;  ///< of the host; one without rows does not count
  std::uint64_t sum_ = 0;
};

}  // namespace muster::bench
