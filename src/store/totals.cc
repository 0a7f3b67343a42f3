#include "store/totals.h"

#include <algorithm>

#include "core/summary.h"

namespace muster::store {
namespace {

// Modular: a damaged store may hold counts that its records contradict, and check() says so.
void add(std::uint64_t& count, std::int64_t difference) {
  count += static_cast<std::uint64_t>(difference);
}

template <typename Map, typename Deltas>
void apply_counts(Map& totals, const Deltas& deltas) {
  for (const auto& [id, delta] : deltas) {
    auto& counts = totals[id];
    add(counts.failed, delta.failed);
    add(counts.pending, delta.pending);
    add(counts.verifying, delta.verifying);
    add(counts.verified, delta.verified);
    add(counts.all, delta.all);
    if (counts == Counts<std::uint64_t>{}) totals.erase(id);
  }
}

}  // namespace

void TotalsDelta::add_host(const core::Host& host, std::int64_t sign) {
  hosts += sign;
  rows += sign * static_cast<std::int64_t>(host.slots.size());
  if (host.due != core::kNotDue) due += sign;
  if (!host.apple()) return;
  auto& team = teams[host.team];
  team.all += sign;
  if (const auto bucket = core::bucket_of(host)) team.of(*bucket) += sign;
}

/// Hosts have the same profiles in the same order, mostly.
Counts<std::int64_t>& TotalsDelta::of(core::ProfileNumber profile) {
  if (next_ >= profiles.size()) next_ = 0;
  auto at = profiles.begin() + static_cast<std::ptrdiff_t>(next_);
  if (at == profiles.end() || at->first != profile) at = profiles.try_emplace(profile).first;
  next_ = static_cast<std::size_t>(at - profiles.begin()) + 1;
  return at->second;
}

void TotalsDelta::add_rows(const core::Catalog& catalog, std::span<const core::Slot> slots,
                           std::int64_t sign) {
  for (const core::Slot& slot : slots) {
    auto& profile = of(catalog.version(slot.version()).profile);
    profile.all += sign;
    if (const auto counted = core::counted_as(slot)) profile.of(*counted) += sign;
  }
}

void TotalsDelta::add(const core::Catalog& catalog, const core::Host& host, std::int64_t sign) {
  add_host(host, sign);
  add_rows(catalog, host.slots, sign);
}

void TotalsDelta::replace(const core::Catalog& catalog, const core::Host& before,
                          const core::Host& after) {
  add_host(before, -1);
  add_host(after, 1);
  const std::size_t common = std::min(before.slots.size(), after.slots.size());
  std::size_t same = 0;
  for (; same < common; ++same) {
    const core::Slot& from = before.slots[same];
    const core::Slot& to = after.slots[same];
    if (from.version() != to.version()) break;
    const auto counted_from = core::counted_as(from);
    const auto counted_to = core::counted_as(to);
    if (counted_from == counted_to) continue;
    auto& profile = of(catalog.version(from.version()).profile);
    if (counted_from) profile.of(*counted_from) -= 1;
    if (counted_to) profile.of(*counted_to) += 1;
  }
  add_rows(catalog, std::span(before.slots).subspan(same), -1);
  add_rows(catalog, std::span(after.slots).subspan(same), 1);
}

void Totals::apply(const TotalsDelta& delta) {
  apply_counts(teams, delta.teams);
  apply_counts(profiles, delta.profiles);
  add(hosts, delta.hosts);
  add(rows, delta.rows);
  add(due, delta.due);
  add(outbox, delta.outbox);
}

StatusCounts to_status_counts(const Counts<std::uint64_t>& counts) {
  return {counts.failed, counts.pending, counts.verifying, counts.verified};
}

}  // namespace muster::store
