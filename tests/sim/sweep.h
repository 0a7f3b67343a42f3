// The crash sweep: power losses at the operations of a run, and whether the store keeps its promise
// (ARCHITECTURE.md) on every disk that they leave.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/scenario.h"

namespace muster::test {

/// A power loss after so many operations, and what it leaves. Behind the first one: during the
/// recovery from the one before.
struct CrashPoint {
  std::size_t operation = 0;
  ImageKind kind = ImageKind::kSynced;
};
using CrashPath = std::vector<CrashPoint>;
/// "132:torn/14:synced"
std::string to_text(const CrashPath& path);
std::optional<CrashPath> parse_crash_path(std::string_view text);

/// How many of the scenario's changes a recovered store may hold.
struct Bounds {
  std::size_t least = 0;
  std::size_t most = 0;
  std::size_t durable = 0;  ///< the least after a power loss before it is open again
};
Bounds bounds_of(const Mark& mark, ImageKind kind);

struct SweepPlan {
  std::vector<ImageKind> kinds;
  std::size_t stride = 1;           ///< crash at every so many-th operation
  std::size_t recovery_every = 0;   ///< crash during every so many-th recovery; 0: during none
  std::size_t recovery_stride = 1;  ///< at every so many-th operation of it, one kind at a time
  std::size_t depth = 2;            ///< crashes one after the other
  std::size_t violations_max = 3;
  std::size_t begin = 0;  ///< the first operation to crash at
};

struct SweepReport {
  std::size_t images = 0;
  std::size_t distinct = 0;             ///< images that differ from all before; these are opened
  std::size_t in_recovery = 0;          ///< of them: left by a crash during recovery
  std::size_t within_fan_out = 0;       ///< of them: with a fan-out that the open had to finish
  std::size_t seen_within_fan_out = 0;  ///< of them: such ones that were read before
  std::vector<std::string> violations;
};

class Sweep {
 public:
  Sweep(const Scenario& scenario, const SweepPlan& plan);

  /// Every image of the plan; or only the one of `only`.
  SweepReport go(const SimRun& run, const std::optional<CrashPath>& only = std::nullopt);
  /// One disk: opens it, checks, opens again, applies the rest (of one in eight), checks. The
  /// number of changes that were recovered; nothing where the promise was broken.
  std::optional<std::size_t> check(Disk image, const Bounds& bounds, const std::string& replay);
  const SweepReport& report() const { return report_; }

 private:
  std::optional<std::size_t> visit(Disk image, const Bounds& bounds, const CrashPath& path);
  void crash_in_recovery(const Disk& image, const Bounds& bounds, std::size_t recovered,
                         const CrashPath& path);
  /// Reads a store as a crash left it, also in the middle of a fan-out.
  void look(Machine& machine, const Bounds& bounds);
  bool enough() const { return report_.violations.size() >= plan_.violations_max; }
  bool wanted(const CrashPath& path) const;
  void violated(const std::string& what, const std::string& replay);

  const Scenario& scenario_;
  const SweepPlan plan_;
  Machine idle_;
  Store idle_store_;  ///< RocksDB starts a thread with the first open database and joins it with
                      ///< the last
  std::optional<CrashPath> only_;
  std::map<std::uint64_t, std::size_t> recovered_;  ///< changes by the image's fingerprint
  std::vector<Operation> last_recovery_;            ///< operations of the open that check() made
  SweepReport report_;
};

}  // namespace muster::test
