// A pass of Store::reconcile(), which goes on window by window.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/numbers.h"
#include "muster/event.h"
#include "muster/live.h"
#include "muster/status.h"
#include "store/database.h"

namespace muster::store {

struct LivePass {
  explicit LivePass(const UuidSource& source) : uuids(source) {}

  struct Issued {
    core::CommandNumber number = core::kNoCommand;
    std::string uuid;
  };

  const UuidSource& uuids;
  /// Commands that hosts share: an install by its version, a removal by its profile.
  std::map<std::pair<Operation, std::uint64_t>, Issued> shared;
  PassReport report;
  bool begun = false;
  /// The last window as an event of a recording.
  Reconciled window;
  Timestamp at;

  /// Notes in `window` that the host gets the command.
  void note(core::CommandNumber number, Operation operation, const std::string& profile_uuid,
            const std::string& command_uuid, std::string_view host_uuid);
  /// As a line of text the window's event stays below 1 MiB, unless one host alone needs more.
  bool window_full() const { return window_bytes_ > kWindowBytes; }
  void begin_window(std::optional<std::string> after);

 private:
  static constexpr std::size_t kWindowBytes = 768u << 10;

  std::size_t window_bytes_ = 0;
  boost::unordered_flat_map<std::uint64_t, std::size_t> listed_;  ///< by command, in `window`
};

/// Hosts behind `after` that a pass at `at` has to visit, in order, `limit` at most; and whether
/// there are more.
struct DueHosts {
  std::vector<std::string> hosts;
  bool more = false;
};
Result<DueHosts> find_due_hosts(const Database& database, std::string_view after, Timestamp at,
                                std::size_t limit);

/// When the first host behind `at` is due; core::kNotDue where none is.
Result<Timestamp> find_next_due(const Database& database, Timestamp at);

}  // namespace muster::store
