// A process that applies a recording and kills itself at a chosen place.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/process.h"

namespace muster::test {

enum class KillPlace { kNowhere, kAnywhere, kFanOut, kFold, kInRocksDb };

struct KillOrder {
  std::filesystem::path store;
  std::filesystem::path recording;
  /// Gets a line with the number of the last event of each span that was answered. What it holds
  /// outlives the process.
  std::filesystem::path answers;
  std::size_t batch = 64;  ///< events a span
  KillPlace place = KillPlace::kNowhere;
  std::uint64_t after_event = 0;  ///< not before the recording's cursor is here
  std::uint64_t skipped = 0;      ///< this many such places are passed over
  bool before_write = true;       ///< or: written and not synced
  int odds = 0;                   ///< kInRocksDb: one in so many of its kill points is deadly
};

/// Whether this librocksdb was built with points, around its writes and syncs, at which it can be
/// made to end the process.
bool has_kill_points();

/// Starts this program again with the order. It ends with 137 where it was killed, in RocksDB with
/// 143, and with 0 at the end of the recording.
ProcessResult run_killed(const KillOrder& order, const std::filesystem::path& scratch);

/// The other side: main() calls it where `arguments` are an order.
bool is_kill_order(const std::vector<std::string>& arguments);
int obey_kill_order(const std::vector<std::string>& arguments);

}  // namespace muster::test
