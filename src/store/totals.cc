#include "store/totals.h"

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

void TotalsDelta::add(const core::Catalog& catalog, const core::Host& host, std::int64_t sign) {
  hosts += sign;
  rows += sign * static_cast<std::int64_t>(host.slots.size());
  if (host.due != core::kNotDue) due += sign;
  if (host.apple()) {
    auto& team = teams[host.team];
    team.all += sign;
    if (const auto bucket = core::bucket_of(host)) team.of(*bucket) += sign;
  }
  for (const core::Slot& slot : host.slots) {
    auto& profile = profiles[catalog.version(slot.version()).profile];
    profile.all += sign;
    if (const auto counted = core::counted_as(slot)) profile.of(*counted) += sign;
  }
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
