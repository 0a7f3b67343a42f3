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

void TotalsCount::add_host(const core::Host& host, std::int64_t sign) {
  hosts_.hosts += sign;
  hosts_.rows += sign * static_cast<std::int64_t>(host.slots.size());
  if (host.due != core::kNotDue) hosts_.due += sign;
  if (!host.apple()) return;
  auto& team = hosts_.teams[host.team];
  team.all += sign;
  if (const auto bucket = core::bucket_of(host)) team.of(*bucket) += sign;
}

TotalsCount::Rows& TotalsCount::rows_of(core::VersionNumber version) {
  std::uint32_t& guess = guesses_[core::to_integer(version) % kGuesses];
  if (guess < rows_.size() && rows_[guess].version == version) return rows_[guess];
  const auto [at, is_new] = places_.try_emplace(version, static_cast<std::uint32_t>(rows_.size()));
  if (is_new) rows_.push_back({version, {}});
  guess = at->second;
  return rows_[guess];
}

void TotalsCount::add_rows(std::span<const core::Slot> slots, std::int64_t sign) {
  for (const core::Slot& slot : slots) rows_of(slot.version()).count[slot.standing()] += sign;
}

void TotalsCount::add(const core::Host& host, std::int64_t sign) {
  add_host(host, sign);
  add_rows(host.slots, sign);
}

void TotalsCount::replace(const core::Host& before, const core::Host& after) {
  add_host(before, -1);
  add_host(after, 1);
  const std::size_t common = std::min(before.slots.size(), after.slots.size());
  std::size_t same = 0;
  for (; same < common; ++same) {
    const core::Slot& from = before.slots[same];
    const core::Slot& to = after.slots[same];
    if (from.version() != to.version()) break;
    if (from.standing() == to.standing()) continue;
    Rows& rows = rows_of(from.version());
    --rows.count[from.standing()];
    ++rows.count[to.standing()];
  }
  add_rows(std::span(before.slots).subspan(same), -1);
  add_rows(std::span(after.slots).subspan(same), 1);
}

void TotalsCount::add_to(const core::Catalog& catalog, TotalsDelta& delta) const {
  delta.hosts += hosts_.hosts;
  delta.rows += hosts_.rows;
  delta.due += hosts_.due;
  for (const auto& [team, counts] : hosts_.teams) delta.teams[team] += counts;
  for (const Rows& rows : rows_) {
    Counts<std::int64_t>& profile = delta.profiles[catalog.version(rows.version).profile];
    for (const Operation operation : {Operation::kInstall, Operation::kRemove}) {
      for (int status = 0; status <= static_cast<int>(DeliveryStatus::kFailed); ++status) {
        const core::Slot row(rows.version, operation, DeliveryStatus(status), Scope::kSystem);
        const std::int64_t count = rows.count[row.standing()];
        profile.all += count;
        if (const auto counted = core::counted_as(row)) profile.of(*counted) += count;
      }
    }
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
