// Totals: what a group counts while hosts come, change and go is what the hosts count for.
#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "core/catalog.h"
#include "core/summary.h"
#include "store/totals.h"
#include "tests/support/fleet.h"
#include "tests/support/record_damage.h"

namespace muster::store {
namespace {

/// Two versions a profile.
constexpr std::uint32_t kVersions = 700;

core::Catalog make_catalog() {
  core::Catalog catalog;
  for (std::uint32_t i = 1; i <= kVersions; ++i) {
    core::ProfileVersion version;
    version.number = core::VersionNumber{i};
    version.profile = core::ProfileNumber{(i - 1) % (kVersions / 2) + 1};
    version.profile_uuid = "p" + std::to_string((i - 1) % (kVersions / 2));
    version.identifier = version.profile_uuid;
    catalog.restore_version(std::move(version));
  }
  return catalog;
}

core::Host some_host(test::RandomValues& random) {
  core::Host host;
  host.platform = static_cast<Platform>(1 + random.below(4));
  host.team = static_cast<TeamId>(random.below(3));
  host.due = random.chance(50) ? core::kNotDue : core::kDueNow;
  for (std::uint64_t left = random.below(6); left > 0; --left) {
    // Versions a multiple of 256 apart meet in the table of guesses.
    const auto version = static_cast<std::uint32_t>(1 + random.below(8) + 256 * random.below(3));
    host.slots.emplace_back(core::VersionNumber{version},
                            random.chance(50) ? Operation::kInstall : Operation::kRemove,
                            static_cast<DeliveryStatus>(random.below(5)), Scope::kSystem);
  }
  return host;
}

/// Mostly the same rows in another standing; sometimes others.
core::Host changed(test::RandomValues& random, core::Host host) {
  if (random.chance(20)) return some_host(random);
  for (core::Slot& slot : host.slots) {
    if (random.chance(50)) slot.set_status(static_cast<DeliveryStatus>(random.below(5)));
    if (random.chance(20)) slot.set_operation(Operation::kRemove);
  }
  if (!host.slots.empty() && random.chance(20)) host.slots.pop_back();
  return host;
}

Totals totals_of(const core::Catalog& catalog, const std::vector<core::Host>& hosts) {
  Totals totals;
  for (const core::Host& host : hosts) {
    ++totals.hosts;
    totals.rows += host.slots.size();
    if (host.due != core::kNotDue) ++totals.due;
    if (host.apple()) {
      ++totals.teams[host.team].all;
      if (const auto bucket = core::bucket_of(host)) ++totals.teams[host.team].of(*bucket);
    }
    for (const core::Slot& slot : host.slots) {
      auto& profile = totals.profiles[catalog.version(slot.version()).profile];
      ++profile.all;
      if (const auto counted = core::counted_as(slot)) ++profile.of(*counted);
    }
  }
  return totals;
}

TEST(TotalsCount, IsWhatTheHostsCountFor) {
  const std::uint64_t seed = test::seed_or(4711);
  std::cout << "MUSTER_SEED=" << seed << '\n';
  test::RandomValues random(seed);
  const core::Catalog catalog = make_catalog();
  std::vector<core::Host> hosts;
  Totals totals;
  for (int group = 0; group < 300; ++group) {
    TotalsCount count;
    for (std::uint64_t left = random.below(30); left > 0; --left) {
      if (hosts.empty() || random.chance(30)) {
        hosts.push_back(some_host(random));
        count.add(hosts.back(), 1);
      } else if (random.chance(20)) {
        count.add(hosts.back(), -1);
        hosts.pop_back();
      } else {
        core::Host& host = hosts[random.below(hosts.size())];
        const core::Host before = host;
        host = changed(random, before);
        count.replace(before, host);
      }
    }
    TotalsDelta delta;
    count.add_to(catalog, delta);
    totals.apply(delta);
    ASSERT_EQ(totals, totals_of(catalog, hosts)) << "group " << group;
  }
}

}  // namespace
}  // namespace muster::store
