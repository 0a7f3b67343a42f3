#include "store/live_pass.h"

#include <algorithm>
#include <set>

#include "core/host.h"
#include "store/damage.h"
#include "store/layout.h"

namespace muster::store {

void LivePass::note(Operation operation, const std::string& profile_uuid,
                    const std::string& command_uuid, std::string_view host_uuid) {
  const auto at =
      std::find_if(window.commands->begin(), window.commands->end(),
                   [&](const IssuedCommand& c) { return c.command_uuid == command_uuid; });
  if (at != window.commands->end()) {
    at->hosts.emplace_back(host_uuid);
  } else {
    window.commands->push_back({operation, profile_uuid, command_uuid, {std::string(host_uuid)}});
  }
}

Result<DueHosts> find_due_hosts(const Database& database, std::string_view after, Timestamp at,
                                std::size_t limit) {
  // The least `limit` + 1 uuids of both parts of the index.
  std::set<std::string, std::less<>> least;
  const auto add = [&](std::string_view key) -> Status {
    const auto due = parse_due_key(key);
    if (!due) return damaged("due", printable_key(key), "it is not a key of this family");
    if (due->host_uuid <= after) return {};
    if (least.size() > limit && due->host_uuid >= *least.rbegin()) return {};
    least.emplace(due->host_uuid);
    if (least.size() > limit + 1) least.erase(std::prev(least.end()));
    return {};
  };
  Scan now(database, Family::kDue, due_key(core::kDueNow, after), std::string(1, kDueLaterPrefix),
           nullptr);
  for (std::size_t seen = 0; now.valid() && seen < limit + 2; now.next(), ++seen) {
    if (Status status = add(now.key()); !status.ok()) return status;
  }
  if (Status status = now.status(); !status.ok()) return status;
  Scan later(database, Family::kDue, std::string(1, kDueLaterPrefix),
             due_later_prefix(Timestamp{at.micros + 1}), nullptr);
  for (; later.valid(); later.next()) {
    if (Status status = add(later.key()); !status.ok()) return status;
  }
  if (Status status = later.status(); !status.ok()) return status;
  DueHosts out;
  out.more = least.size() > limit;
  if (out.more) least.erase(std::prev(least.end()));
  out.hosts.assign(least.begin(), least.end());
  return out;
}

}  // namespace muster::store
