// Verification: a host's report of installed profiles against those expected there (SEMANTICS 2.4,
// 3, 13 A12 to A14). The functions carry the names of the original's entry point and of the
// operations of its profile verification store.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "core/catalog.h"
#include "core/expected.h"
#include "core/host.h"
#include "muster/event.h"
#include "muster/policy.h"

namespace muster::core {

/// The detail of a row that failed verification, by its status before (SEMANTICS 2.5).
inline constexpr std::string_view kFailedWasVerifying = "Failed, was verifying";
inline constexpr std::string_view kFailedWasVerified = "Failed, was verified";

/// What a report says of one expected identifier.
enum class Verdict : std::uint8_t { kTolerated = 0, kVerified, kFail, kRetry };

struct Verification {
  bool changed = false;  ///< a row moved
  /// The same report at a later time could get another verdict: something expected was missing or
  /// outdated.
  bool depends_on_time = false;
};

/// Judges `reported` with the host's detail_updated_at of before and moves its rows.
Verification verify_host_mdm_profiles(const Policy& policy, const Catalog& catalog,
                                      ExpectedSets& expected_sets, Host& host,
                                      const ReportedProfiles& reported);

/// Whether no report that confirms what is expected there can move a row of the host, or has
/// another date to pass than its team's: such a report need not be judged with the host's rows.
bool is_settled(const Host& host);
/// Whether the report has every expected profile, none of them too old.
bool confirms(const ExpectedSet& expected, const ReportedProfiles& reported);

/// The expected profiles by identifier, from team and labels alone (SEMANTICS 3.1).
std::shared_ptr<const ExpectedSet> get_host_mdm_profiles_expected_for_verification(
    const Catalog& catalog, ExpectedSets& expected_sets, const Host& host);

/// The retry counter of each expected identifier: of the last row in profile_uuid order that has
/// it, removals included; 0 without a row. `counts` is parallel to `expected`.
void get_host_mdm_profiles_retry_counts(const Catalog& catalog, const Host& host,
                                        const ExpectedSet& expected, std::span<int> counts);

/// Gives each verdict to every install row with the identifier, under the verdict's own status
/// filter (SEMANTICS 2.4, 12.7). Returns whether a row moved.
bool update_host_mdm_profiles_verification(const Catalog& catalog, Host& host,
                                           const ExpectedSet& expected,
                                           std::span<const Verdict> verdicts);

/// The retry part of the above, for one identifier: install rows with any status but unsent.
bool retry_install_rows(const Catalog& catalog, Host& host, std::uint32_t identifier_number);

}  // namespace muster::core
