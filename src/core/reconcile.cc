#include "core/reconcile.h"

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "base/time.h"
#include "core/targeting.h"
#include "core/verify.h"

namespace muster::core {
namespace {

/// An install on a host: over the row of its profile, or a new row before `place`.
struct Install {
  const Profile* profile = nullptr;
  std::size_t place = 0;  ///< of slots
  bool fresh = false;
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
  if (slot->version() == wanted.number) return false;
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
    const bool current =
        profile != nullptr && slot != nullptr && slot->version() == profile->version->number;
    if (profile != nullptr && slot != nullptr && !current) {
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
        plan.installs.push_back({profile, i, slot == nullptr});
      }
    } else if (slot != nullptr && needs_removal(catalog, *slot)) {
      plan.removals.push_back(i);
    }
    if (profile != nullptr) ++next;
    if (slot != nullptr) ++i;
  }
  return plan;
}

/// A row of the next state with its side data.
struct Row {
  Slot slot;
  std::string detail;
  std::optional<Timestamp> variables;
};

/// What becomes of a host's rows. Every decision sees the rows of before; then those that move are
/// written.
class RowMoves {
 public:
  RowMoves(const Policy& policy, const Catalog& catalog, Timestamp at, const Host& before,
           CommandIssuer& issuer)
      : policy_(policy), catalog_(catalog), at_(at), before_(before), issuer_(issuer) {}

  void decide(const Plan& plan);
  /// `host` is the one that was decided about. True: a row moved.
  bool write(Host& host) const;
  Timestamp deadline() const { return deadline_; }

 private:
  struct Move {
    std::size_t place;
    bool fresh;              ///< a new row before `place`
    std::optional<Row> row;  ///< nothing: the row goes
  };

  Row upserted(const Install& install, Operation operation, DeliveryStatus status) const;
  Row taken_over(const Install& install, const Slot& old) const;
  Row installed(const Install& install);
  std::optional<Row> removed(const Slot& old) const;
  const Slot* arriving_from(const Plan& plan, const ProfileVersion& version) const;
  bool arrives(const Plan& plan, const ProfileVersion& version) const;

  const Policy& policy_;
  const Catalog& catalog_;
  const Timestamp at_;
  const Host& before_;
  CommandIssuer& issuer_;
  Timestamp deadline_ = kNotDue;
  boost::container::small_vector<Move, 4> moves_;  ///< by place, a new row before the one there
};

/// What an insert-or-update leaves: the retry counter of an existing row stays.
Row RowMoves::upserted(const Install& install, Operation operation, DeliveryStatus status) const {
  Row row;
  row.slot = Slot(install.profile->version->number, operation, status, install.profile->scope);
  if (!install.fresh) {
    const Slot& old = before_.slots[install.place];
    row.slot.set_retries(old.retries());
    if (operation == Operation::kRemove) row.slot.set_ignore_error(old.ignore_error());
  }
  return row;
}

Row RowMoves::taken_over(const Install& install, const Slot& old) const {
  Row row = upserted(install, old.operation(), old.status());
  row.slot.set_command(old.command());
  row.slot.set_scope(old.scope());
  row.detail = before_.detail_of(old);
  return row;
}

Row RowMoves::installed(const Install& install) {
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
std::optional<Row> RowMoves::removed(const Slot& old) const {
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
const Slot* RowMoves::arriving_from(const Plan& plan, const ProfileVersion& version) const {
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

bool RowMoves::arrives(const Plan& plan, const ProfileVersion& version) const {
  return std::any_of(plan.installs.begin(), plan.installs.end(), [&](const Install& install) {
    return install.profile->version->identifier_number == version.identifier_number;
  });
}

void RowMoves::decide(const Plan& plan) {
  moves_.reserve(plan.installs.size() + plan.removals.size());
  for (const Install& install : plan.installs) {
    const Slot* old = arriving_from(plan, *install.profile->version);
    moves_.push_back({install.place, install.fresh,
                      old != nullptr ? taken_over(install, *old) : installed(install)});
  }
  const auto installs = static_cast<std::ptrdiff_t>(moves_.size());
  for (const std::size_t place : plan.removals) {
    const Slot& slot = before_.slots[place];
    const bool dropped = arrives(plan, catalog_.version(slot.version()));
    moves_.push_back({place, false, dropped ? std::nullopt : removed(slot)});
  }
  const auto goes_first = [](const Move& a, const Move& b) {
    return std::pair(a.place, !a.fresh) < std::pair(b.place, !b.fresh);
  };
  std::inplace_merge(moves_.begin(), moves_.begin() + installs, moves_.end(), goes_first);
}

bool RowMoves::write(Host& host) const {
  bool changed = false;
  // From the last one on: the places of the others stay.
  for (auto move = moves_.rbegin(); move != moves_.rend(); ++move) {
    const auto at = host.slots.begin() + static_cast<std::ptrdiff_t>(move->place);
    if (move->fresh) {
      host.slots.insert(at, move->row->slot);
    } else if (!move->row || move->row->slot.version() != at->version()) {
      host.set_detail(*at, {});
      host.set_variables(*at, std::nullopt);
    }
    if (!move->row) {
      host.slots.erase(at);
      changed = true;
      continue;
    }
    const Row& row = *move->row;
    Slot& slot = host.slots[move->place];
    changed |= move->fresh || slot != row.slot || host.detail_of(row.slot) != row.detail ||
               host.variables_of(row.slot) != row.variables;
    slot = row.slot;
    host.set_detail(slot, row.detail);
    host.set_variables(slot, row.variables);
  }
  return changed;
}

/// Rows are bounded. Installs that would pass the bound wait, the last ones in uuid order. Returns
/// how many.
std::uint64_t hold_back_over_limit(Plan& plan, std::size_t rows, std::size_t rows_max) {
  std::size_t room = rows_max - std::min(rows_max, rows);
  const auto waits = [&room](const Install& install) {
    if (!install.fresh) return false;
    if (room == 0) return true;
    --room;
    return false;
  };
  const auto kept = std::remove_if(plan.installs.begin(), plan.installs.end(), waits);
  const auto held = static_cast<std::uint64_t>(plan.installs.end() - kept);
  plan.installs.erase(kept, plan.installs.end());
  return held;
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
  HostPass result;
  result.rows_over_limit = hold_back_over_limit(plan, host.slots.size(), limits.rows_per_host);
  RowMoves moves(policy, catalog, at, host, issuer);
  moves.decide(plan);
  result.changed = moves.write(host);
  host.due = result.rows_over_limit > 0 ? kDueNow : moves.deadline();
  if (result.changed) host.reconciled = pass;
  return result;
}

}  // namespace muster::core
