#include "core/verify.h"

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <limits>

#include "base/contract.h"
#include "base/time.h"

namespace muster::core {
namespace {

constexpr std::size_t kUsualProfiles = 64;
constexpr Timestamp kAbsent{std::numeric_limits<std::int64_t>::min()};

template <typename T>
using PerExpected = boost::container::small_vector<T, kUsualProfiles>;

/// Install dates by expected index; of two entries with one identifier the last counts.
PerExpected<Timestamp> install_dates(const ExpectedSet& expected,
                                     const ReportedProfiles& reported) {
  PerExpected<Timestamp> dates(expected.size(), kAbsent);
  std::size_t guess = 0;
  for (std::size_t i = 0; i < reported.size(); ++i) {
    const ReportedProfile profile = reported[i];
    const auto index = expected.find(profile.identifier, guess);
    if (!index) continue;
    dates[*index] = profile.install_date;
    guess = *index + 1;
  }
  return dates;
}

/// Where the version's profile stands, which may have got another identifier since.
std::optional<std::size_t> place_of(const ExpectedSet& expected, const ProfileVersion& version) {
  const auto index = expected.find(version.identifier_number, expected.size());
  if (index && expected[*index].profile == version.profile) return index;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (expected[i].profile == version.profile) return i;
  }
  return std::nullopt;
}

/// The earliest acceptable install dates: the checksum groups', or the override of the profile's
/// own row where that is later (SEMANTICS 3.2).
PerExpected<Timestamp> earliest_dates(const Catalog& catalog, const Host& host,
                                      const ExpectedSet& expected) {
  PerExpected<Timestamp> earliest(expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) earliest[i] = expected[i].earliest;
  for (const SlotVariables& entry : host.variables) {
    const ProfileVersion& version = catalog.version(entry.version);
    const auto index = place_of(expected, version);
    if (index) earliest[*index] = std::max(earliest[*index], entry.updated_at);
  }
  return earliest;
}

bool verify_row(Host& host, Slot& slot) {
  switch (slot.status()) {
    case DeliveryStatus::kPending:
    case DeliveryStatus::kVerifying:
    case DeliveryStatus::kFailed:
      host.set_status(slot, DeliveryStatus::kVerified);
      host.set_detail(slot, {});
      return true;
    case DeliveryStatus::kUnsent:
    case DeliveryStatus::kVerified:
      return false;
  }
  return false;
}

bool fail_row(Host& host, Slot& slot) {
  const bool verifying = slot.status() == DeliveryStatus::kVerifying;
  if (!verifying && slot.status() != DeliveryStatus::kVerified) return false;
  host.set_detail(slot, verifying ? kFailedWasVerifying : kFailedWasVerified);
  host.set_status(slot, DeliveryStatus::kFailed);
  return true;
}

bool retry_row(Host& host, Slot& slot) {
  if (slot.status() == DeliveryStatus::kUnsent) return false;
  host.set_status(slot, DeliveryStatus::kUnsent);
  host.set_detail(slot, {});
  slot.set_retries(slot.retries() + 1);
  return true;
}

}  // namespace

bool is_settled(const Host& host) {
  if (!host.variables.empty()) return false;
  return std::all_of(host.slots.begin(), host.slots.end(), [](const Slot& slot) {
    return slot.operation() != Operation::kInstall || slot.status() == DeliveryStatus::kVerified ||
           slot.status() == DeliveryStatus::kUnsent;
  });
}

bool confirms(const ExpectedSet& expected, const ReportedProfiles& reported) {
  const auto dates = install_dates(expected, reported);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (dates[i] == kAbsent || dates[i] < expected[i].earliest) return false;
  }
  return true;
}

std::shared_ptr<const ExpectedSet> get_host_mdm_profiles_expected_for_verification(
    const Catalog& catalog, ExpectedSets& expected_sets, const Host& host) {
  return expected_sets.find(catalog, host);
}

void get_host_mdm_profiles_retry_counts(const Catalog& catalog, const Host& host,
                                        const ExpectedSet& expected, std::span<int> counts) {
  MUSTER_ASSERT(counts.size() == expected.size());
  std::size_t guess = 0;
  for (const Slot& slot : host.slots) {
    const auto index = expected.find(catalog, slot, guess);
    if (!index) continue;
    counts[*index] = slot.retries();
    guess = *index + 1;
  }
}

bool update_host_mdm_profiles_verification(const Catalog& catalog, Host& host,
                                           const ExpectedSet& expected,
                                           std::span<const Verdict> verdicts) {
  MUSTER_ASSERT(verdicts.size() == expected.size());
  bool changed = false;
  std::size_t guess = 0;
  for (Slot& slot : host.slots) {
    if (slot.operation() != Operation::kInstall) continue;
    const auto index = expected.find(catalog, slot, guess);
    if (!index) continue;
    guess = *index + 1;
    switch (verdicts[*index]) {
      case Verdict::kTolerated:
        break;
      case Verdict::kVerified:
        changed |= verify_row(host, slot);
        break;
      case Verdict::kFail:
        changed |= fail_row(host, slot);
        break;
      case Verdict::kRetry:
        changed |= retry_row(host, slot);
        break;
    }
  }
  return changed;
}

bool retry_install_rows(const Catalog& catalog, Host& host, std::uint32_t identifier_number) {
  bool changed = false;
  for (Slot& slot : host.slots) {
    if (slot.operation() != Operation::kInstall) continue;
    if (catalog.version(slot.version()).identifier_number != identifier_number) continue;
    changed |= retry_row(host, slot);
  }
  return changed;
}

Verification verify_host_mdm_profiles(const Policy& policy, const Catalog& catalog,
                                      ExpectedSets& expected_sets, Host& host,
                                      const ReportedProfiles& reported) {
  const auto expected =
      get_host_mdm_profiles_expected_for_verification(catalog, expected_sets, host);
  const auto dates = install_dates(*expected, reported);
  const auto earliest = earliest_dates(catalog, host, *expected);
  const std::int64_t grace = policy.grace_seconds * base::kMicrosPerSecond;

  Verification result;
  PerExpected<Verdict> verdicts(expected->size(), Verdict::kTolerated);
  bool missing = false;
  for (std::size_t i = 0; i < expected->size(); ++i) {
    if (dates[i] != kAbsent && dates[i] >= earliest[i]) {
      verdicts[i] = Verdict::kVerified;
      continue;
    }
    result.depends_on_time = true;
    if (host.detail_updated_at.micros - earliest[i].micros >= grace) {
      verdicts[i] = Verdict::kRetry;
      missing = true;
    }
  }
  if (missing) {
    PerExpected<int> counts(expected->size(), 0);
    get_host_mdm_profiles_retry_counts(catalog, host, *expected, counts);
    for (std::size_t i = 0; i < expected->size(); ++i) {
      if (verdicts[i] == Verdict::kRetry && counts[i] >= policy.max_retries_apple) {
        verdicts[i] = Verdict::kFail;
      }
    }
  }
  result.changed = update_host_mdm_profiles_verification(catalog, host, *expected, verdicts);
  return result;
}

}  // namespace muster::core
