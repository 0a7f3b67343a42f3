#include "core/reconcile.h"

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <cstddef>
#include <optional>

#include "base/contract.h"
#include "base/time.h"
#include "core/targeting.h"
#include "core/verify.h"

namespace muster::core {
namespace {

constexpr std::size_t kNoSlot = static_cast<std::size_t>(-1);

struct Install {
  const Profile* profile = nullptr;
  std::size_t slot = kNoSlot;
};

/// What a host needs, both parts in profile_uuid order.
struct Plan {
  boost::container::small_vector<Install, 16> installs;
  boost::container::small_vector<std::size_t, 16> removals;  ///< slots
};

bool needs_install(const Catalog& catalog, const Profile& profile, const Slot* slot) {
  if (slot == nullptr || slot->operation() == Operation::kRemove ||
      slot->status() == DeliveryStatus::kUnsent) {
    return true;
  }
  const ProfileVersion& wanted = *profile.version;
  const ProfileVersion& held = catalog.version(slot->version());
  if (held.checksum != wanted.checksum) return true;
  return wanted.secrets_updated_at &&
         (!held.secrets_updated_at || *wanted.secrets_updated_at > *held.secrets_updated_at);
}

bool held_back(const Policy& policy, const Host& host, const Profile& profile) {
  const auto& names = policy.macos_only_profile_names;
  return host.mobile() &&
         std::find(names.begin(), names.end(), profile.version->name) != names.end();
}

bool needs_removal(const Catalog& catalog, const Slot& slot) {
  const Profile* profile = catalog.find_profile(catalog.version(slot.version()).profile);
  if (profile != nullptr && profile->broken()) return false;
  return slot.operation() == Operation::kInstall || slot.status() == DeliveryStatus::kUnsent;
}

/// Walks the team's profiles and the host's slots together: both stand in profile_uuid order.
Plan plan_host(const Policy& policy, const Catalog& catalog, const Host& host) {
  static const Team kNoProfiles;
  const Team* found = catalog.find_team(host.team);
  const auto& profiles = (found == nullptr ? kNoProfiles : *found).profiles;
  Plan plan;
  std::size_t next = 0;
  for (std::size_t i = 0; i < host.slots.size() || next < profiles.size();) {
    const Profile* profile = next < profiles.size() ? profiles[next].get() : nullptr;
    const Slot* slot = i < host.slots.size() ? &host.slots[i] : nullptr;
    if (profile != nullptr && slot != nullptr) {
      const ProfileVersion& held = catalog.version(slot->version());
      if (held.profile != profile->number()) {
        if (held.profile_uuid < profile->uuid()) {
          profile = nullptr;
        } else {
          slot = nullptr;
        }
      }
    }
    const bool installed = slot != nullptr && slot->operation() == Operation::kInstall;
    if (profile != nullptr && desired_on(catalog, host, *profile, installed)) {
      if (!held_back(policy, host, *profile) && needs_install(catalog, *profile, slot)) {
        plan.installs.push_back({profile, slot == nullptr ? kNoSlot : i});
      }
    } else if (slot != nullptr && needs_removal(catalog, *slot)) {
      plan.removals.push_back(i);
    }
    if (profile != nullptr) ++next;
    if (slot != nullptr) ++i;
  }
  return plan;
}

/// The host's rows after the pass, built beside the old ones so that every decision sees the state
/// of before.
class HostPassBuilder {
 public:
  HostPassBuilder(const Policy& policy, const Catalog& catalog, Timestamp at, const Host& before,
                  CommandIssuer& issuer)
      : policy_(policy), catalog_(catalog), at_(at), before_(before), issuer_(issuer) {}

  HostPass run(Plan& plan, std::size_t rows_max, Host& after);
  Timestamp deadline() const { return deadline_; }

 private:
  /// A row of the next state with its side data.
  struct Row {
    Slot slot;
    std::string_view detail;
    std::optional<Timestamp> variables;
  };

  Row upserted(const Install& install, Operation operation, DeliveryStatus status) const;
  Row taken_over(const Install& install, const Slot& old) const;
  Row installed(const Install& install);
  std::optional<Row> removed(const Slot& old) const;
  const Slot* arriving_from(const Plan& plan, const ProfileVersion& version) const;
  bool arrives(const Plan& plan, const ProfileVersion& version) const;
  void write(Host& after, const std::vector<std::optional<Row>>& old_rows,
             const std::vector<std::pair<const Profile*, Row>>& new_rows) const;

  const Policy& policy_;
  const Catalog& catalog_;
  Timestamp at_;
  const Host& before_;
  CommandIssuer& issuer_;
  Timestamp deadline_ = kNotDue;
};

/// What an insert-or-update leaves: the retry counter of an existing row stays.
HostPassBuilder::Row HostPassBuilder::upserted(const Install& install, Operation operation,
                                               DeliveryStatus status) const {
  Row row;
  row.slot = Slot(install.profile->version->number, operation, status, install.profile->scope);
  if (install.slot != kNoSlot) {
    const Slot& old = before_.slots[install.slot];
    row.slot.set_retries(old.retries());
    if (operation == Operation::kRemove) row.slot.set_ignore_error(old.ignore_error());
  }
  return row;
}

HostPassBuilder::Row HostPassBuilder::taken_over(const Install& install, const Slot& old) const {
  Row row = upserted(install, old.operation(), old.status());
  row.slot.set_command(old.command());
  row.slot.set_scope(old.scope());
  row.detail = before_.detail_of(old);
  return row;
}

HostPassBuilder::Row HostPassBuilder::installed(const Install& install) {
  const Profile& profile = *install.profile;
  if (profile.scope == Scope::kUser && !before_.user_channel) {
    const std::int64_t wait = policy_.user_channel_wait_seconds * base::kMicrosPerSecond;
    const Timestamp ends{before_.enrolled_at.micros + wait};
    if (at_ < ends) {
      deadline_ = std::min(deadline_, ends);
      return upserted(install, Operation::kInstall, DeliveryStatus::kUnsent);
    }
    Row row = upserted(install, Operation::kInstall, DeliveryStatus::kFailed);
    row.detail = before_.mobile() ? kNoUserChannelMobile : kNoUserChannelDesktop;
    return row;
  }
  Row row = upserted(install, Operation::kInstall, DeliveryStatus::kPending);
  row.slot.set_command(issuer_.issue(Operation::kInstall, *profile.version, before_.uuid,
                                     profile.per_host_variables));
  if (profile.per_host_variables) {
    row.variables = Timestamp{at_.micros - kVariablesSlackSeconds * base::kMicrosPerSecond};
  }
  return row;
}

/// The row after its removal was decided; nothing where it just goes.
std::optional<HostPassBuilder::Row> HostPassBuilder::removed(const Slot& old) const {
  if (old.scope() == Scope::kUser && !before_.user_channel) return std::nullopt;
  const std::string_view detail = before_.detail_of(old);
  const bool install = old.operation() == Operation::kInstall;
  const bool failed = install && old.status() == DeliveryStatus::kFailed;
  if (failed && detail != kFailedWasVerifying && detail != kFailedWasVerified) return std::nullopt;
  Row row;
  row.slot = old;
  row.slot.set_operation(Operation::kRemove);
  row.slot.set_status(DeliveryStatus::kPending);
  row.slot.set_command(
      issuer_.issue(Operation::kRemove, catalog_.version(old.version()), before_.uuid, false));
  if (failed || (install && old.status() == DeliveryStatus::kPending)) {
    row.slot.set_ignore_error(true);
    row.slot.set_retries(0);
  }
  return row;
}

/// The row that an install may take over: of several with one identifier the last.
const Slot* HostPassBuilder::arriving_from(const Plan& plan, const ProfileVersion& version) const {
  const Slot* last = nullptr;
  for (const std::size_t index : plan.removals) {
    const Slot& slot = before_.slots[index];
    if (catalog_.version(slot.version()).identifier_number == version.identifier_number) {
      last = &slot;
    }
  }
  if (last == nullptr || last->status() == DeliveryStatus::kUnsent ||
      last->status() == DeliveryStatus::kFailed ||
      catalog_.version(last->version()).checksum != version.checksum) {
    return nullptr;
  }
  return last;
}

bool HostPassBuilder::arrives(const Plan& plan, const ProfileVersion& version) const {
  return std::any_of(plan.installs.begin(), plan.installs.end(), [&](const Install& install) {
    return install.profile->version->identifier_number == version.identifier_number;
  });
}

HostPass HostPassBuilder::run(Plan& plan, std::size_t rows_max, Host& after) {
  HostPass pass;
  // Rows are bounded. Installs that would pass the bound wait, the last ones in uuid order.
  std::size_t fresh = rows_max - std::min(rows_max, before_.slots.size());
  auto kept = plan.installs.begin();
  for (const Install& install : plan.installs) {
    if (install.slot == kNoSlot) {
      if (fresh == 0) {
        ++pass.rows_over_limit;
        continue;
      }
      --fresh;
    }
    *kept++ = install;
  }
  plan.installs.erase(kept, plan.installs.end());

  std::vector<std::optional<Row>> old_rows(before_.slots.size());
  for (std::size_t i = 0; i < before_.slots.size(); ++i) {
    const Slot& slot = before_.slots[i];
    old_rows[i] = Row{slot, before_.detail_of(slot), before_.variables_of(slot)};
  }
  std::vector<std::pair<const Profile*, Row>> new_rows;
  for (const Install& install : plan.installs) {
    const Slot* old = arriving_from(plan, *install.profile->version);
    Row row = old != nullptr ? taken_over(install, *old) : installed(install);
    if (install.slot == kNoSlot) {
      new_rows.emplace_back(install.profile, row);
    } else {
      old_rows[install.slot] = row;
    }
  }
  for (const std::size_t index : plan.removals) {
    const Slot& slot = before_.slots[index];
    const bool dropped = arrives(plan, catalog_.version(slot.version()));
    old_rows[index] = dropped ? std::nullopt : removed(slot);
  }
  write(after, old_rows, new_rows);
  pass.changed = after.slots != before_.slots || after.details != before_.details ||
                 after.variables != before_.variables;
  return pass;
}

/// Merges kept and new rows in profile_uuid order.
void HostPassBuilder::write(Host& after, const std::vector<std::optional<Row>>& old_rows,
                            const std::vector<std::pair<const Profile*, Row>>& new_rows) const {
  after.slots.clear();
  after.details.clear();
  after.variables.clear();
  const auto add = [&after](const Row& row) {
    after.slots.push_back(row.slot);
    after.set_detail(row.slot, row.detail);
    after.set_variables(row.slot, row.variables);
  };
  auto fresh = new_rows.begin();
  for (const std::optional<Row>& row : old_rows) {
    if (!row) continue;
    const std::string& uuid = catalog_.version(row->slot.version()).profile_uuid;
    for (; fresh != new_rows.end() && fresh->first->uuid() < uuid; ++fresh) add(fresh->second);
    add(*row);
  }
  for (; fresh != new_rows.end(); ++fresh) add(fresh->second);
}

}  // namespace

bool wants_visit(const Catalog& catalog, const Host& host, Timestamp at, Sequence last_full_pass) {
  if (host.due != kNotDue && host.due <= at) return true;
  return catalog.epoch_of(host.team) > std::max(host.reconciled, last_full_pass);
}

HostPass reconcile_host(const Policy& policy, const StoreLimits& limits, const Catalog& catalog,
                        Timestamp at, Sequence pass, Host& host, CommandIssuer& issuer) {
  if (!host.enrolled || !host.apple()) {
    host.due = kNotDue;
    return {};
  }
  Plan plan = plan_host(policy, catalog, host);
  if (plan.installs.empty() && plan.removals.empty()) {
    host.due = kNotDue;
    return {};
  }
  const Host before = host;
  HostPassBuilder builder(policy, catalog, at, before, issuer);
  const HostPass result = builder.run(plan, limits.rows_per_host, host);
  host.due = result.rows_over_limit > 0 ? kDueNow : builder.deadline();
  if (result.changed) host.reconciled = pass;
  return result;
}

}  // namespace muster::core
