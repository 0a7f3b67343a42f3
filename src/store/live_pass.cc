#include "store/live_pass.h"

#include <algorithm>
#include <set>

#include "core/host.h"
#include "store/damage.h"
#include "store/layout.h"

namespace muster::store {

void LivePass::begin_window(std::optional<std::string> after) {
  window = Reconciled{std::vector<IssuedCommand>(), std::move(after), {}, {}};
  window_bytes_ = 0;
  listed_.clear();
}

void LivePass::note(core::CommandNumber number, Operation operation,
                    const std::string& profile_uuid, const std::string& command_uuid,
                    std::string_view host_uuid) {
  constexpr std::size_t kPunctuation = 3;
  constexpr std::size_t kKeys = 80;
  std::vector<IssuedCommand>& commands = *window.commands;
  const auto [place, fresh] = listed_.try_emplace(core::to_integer(number), commands.size());
  if (fresh) {
    commands.push_back({operation, profile_uuid, command_uuid, {}});
    window_bytes_ += kKeys + profile_uuid.size() + command_uuid.size();
  }
  commands[place->second].hosts.emplace_back(host_uuid);
  window_bytes_ += host_uuid.size() + kPunctuation;
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

Result<Timestamp> find_next_due(const Database& database, Timestamp at) {
  const Scan scan(database, Family::kDue, due_later_prefix(Timestamp{at.micros + 1}), {}, nullptr);
  if (!scan.valid()) {
    if (Status status = scan.status(); !status.ok()) return status;
    return core::kNotDue;
  }
  const auto due = parse_due_key(scan.key());
  if (!due) return damaged("due", printable_key(scan.key()), "it is not a key of this family");
  return due->due;
}

}  // namespace muster::store
