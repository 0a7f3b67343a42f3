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
  /// It goes on where a pass before it was left: hosts in front of that may be due again.
  bool goes_on = false;
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

}  // namespace muster::store
