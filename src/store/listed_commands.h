// The commands that a recorded pass lists, found by host.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/numbers.h"
#include "muster/event.h"

namespace muster::store {

/// Keeps views into the event, which outlives it.
class ListedCommands {
 public:
  explicit ListedCommands(const std::vector<IssuedCommand>& commands);

  /// Position in the event's commands, or nothing where the pass lists none for the host. Marks
  /// the entry as needed.
  std::optional<std::size_t> take(Operation operation, std::string_view profile_uuid,
                                  std::string_view host_uuid);
  std::uint64_t not_needed() const { return entries_.size() - taken_count_; }
  /// In words, of the first entry that nobody took.
  std::string first_not_needed() const;

 private:
  struct Entry {
    std::string_view host_uuid;
    std::string_view profile_uuid;
    Operation operation = Operation::kInstall;
    std::uint32_t command = 0;
    bool taken = false;
  };
  static bool before(const Entry& left, const Entry& right);

  std::vector<Entry> entries_;  ///< one a (host, profile, operation), sorted
  std::uint64_t taken_count_ = 0;
};

}  // namespace muster::store
