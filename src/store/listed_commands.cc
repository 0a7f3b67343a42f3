#include "store/listed_commands.h"

#include <algorithm>
#include <tuple>

namespace muster::store {

bool ListedCommands::before(const Entry& left, const Entry& right) {
  return std::tie(left.host_uuid, left.profile_uuid, left.operation) <
         std::tie(right.host_uuid, right.profile_uuid, right.operation);
}

ListedCommands::ListedCommands(const std::vector<IssuedCommand>& commands) {
  for (std::size_t i = 0; i < commands.size(); ++i) {
    for (const std::string& host : commands[i].hosts) {
      entries_.push_back({host, commands[i].profile_uuid, commands[i].operation,
                          static_cast<std::uint32_t>(i), false});
    }
  }
  // Of two entries for one need the last in the list counts.
  std::stable_sort(entries_.begin(), entries_.end(), before);
  const auto last_of_equals = [](const Entry& left, const Entry& right) {
    return !before(left, right) && !before(right, left);
  };
  const auto end = std::unique(entries_.rbegin(), entries_.rend(), last_of_equals).base();
  entries_.erase(entries_.begin(), end);
}

std::optional<std::size_t> ListedCommands::take(Operation operation, std::string_view profile_uuid,
                                                std::string_view host_uuid) {
  const Entry wanted{host_uuid, profile_uuid, operation, 0, false};
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), wanted, before);
  if (at == entries_.end() || before(wanted, *at)) return std::nullopt;
  if (!at->taken) ++taken_count_;
  at->taken = true;
  return at->command;
}

std::string ListedCommands::first_not_needed() const {
  for (const Entry& entry : entries_) {
    if (entry.taken) continue;
    return "listed and not needed: " + std::string(name_of(entry.operation)) + " of profile " +
           std::string(entry.profile_uuid) + " on host " + std::string(entry.host_uuid);
  }
  return {};
}

}  // namespace muster::store
