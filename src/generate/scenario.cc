#include "generate/scenario.h"

#include <array>
#include <string_view>

#include "base/contract.h"

namespace muster::generate {
namespace {

constexpr std::array<PlannedDeed, 3> kRolloutDeeds = {{
    {250, Deed::kRollOut},
    {500, Deed::kEditRollOut},
    {750, Deed::kDeleteRollOut},
}};

constexpr std::array<PlannedDeed, 2> kStormDeeds = {{
    {400, Deed::kBatchResend},
    {600, Deed::kBatchResend},
}};

constexpr std::array<PlannedDeed, 27> kMixedDeeds = {{
    {120, Deed::kUploadAgain},   {150, Deed::kCreateLabel},   {180, Deed::kEdit},
    {200, Deed::kUpload},        {230, Deed::kUnenrol},       {260, Deed::kSwitchUserChannel},
    {280, Deed::kEdit},          {300, Deed::kTransfer},      {330, Deed::kRotateSecret},
    {350, Deed::kNotSent},       {360, Deed::kRollOut},       {400, Deed::kDeleteHost},
    {420, Deed::kResend},        {450, Deed::kBatchResend},   {480, Deed::kChangePolicy},
    {520, Deed::kEdit},          {550, Deed::kDeleteLabel},   {580, Deed::kEditRollOut},
    {620, Deed::kResend},        {640, Deed::kDelete},        {680, Deed::kEdit},
    {700, Deed::kMend},          {720, Deed::kRestorePolicy}, {760, Deed::kBatchResend},
    {800, Deed::kDeleteRollOut}, {830, Deed::kEdit},          {870, Deed::kDeleteHost},
}};

constexpr Rates kSteadyRates = {
    .no_user_channel = 20'000,
    .not_now = 10'000,
    .errors = 500,
    .goes_offline = 2'000,
    .gets_user_channel = 300'000,
};

constexpr Rates kRolloutRates = {
    .no_user_channel = 30'000,
    .not_now = 30'000,
    .errors = 2'000,
    .flaky_versions = 100'000,
    .flaky_devices = 10'000,
    .repeated = 2'000,
    .goes_offline = 10'000,
    .gets_user_channel = 300'000,
};

constexpr Rates kStormRates = {
    .founders = 667'000,
    .enrol_storm = Rates::kEverybody,
    .bad_devices = 100'000,
    .no_user_channel = 30'000,
    .not_now = 50'000,
    .errors = 5'000,
    .repeated = 5'000,
    .goes_offline = 5'000,
    .gets_user_channel = 300'000,
};

constexpr Rates kDriftRates = {
    .no_user_channel = 20'000,
    .not_now = 10'000,
    .errors = 1'000,
    .goes_offline = 5'000,
    .loses_profile = 7'000,
    .restores_old = 3'000,
    .gets_user_channel = 300'000,
};

constexpr Rates kMixedRates = {
    .founders = 850'000,
    .enrol_storm = 100'000,
    .bad_devices = 3'000,
    .no_user_channel = 60'000,
    .not_now = 30'000,
    .errors = 3'000,
    .flaky_versions = 60'000,
    .flaky_devices = 30'000,
    .repeated = 2'000,
    .as_status = 20'000,
    .goes_offline = 25'000,
    .loses_profile = 700,
    .restores_old = 200,
    .changes_labels = 4'000,
    .transferred = 500,
    .wiped = 150,
    .unenrolled = 300,
    .deleted = 200,
    .gets_user_channel = 50'000,
    .resent = 10'000,
    .not_sent = 20'000,
};

constexpr std::array<Scenario, 5> kScenarios = {{
    {kSteadyRates, {}},
    {kRolloutRates, kRolloutDeeds},
    {kStormRates, kStormDeeds},
    {kDriftRates, {}},
    {kMixedRates, kMixedDeeds},
}};

constexpr std::array<std::string_view, 5> kNames = {"steady", "rollout", "storm", "drift", "mixed"};

std::size_t index_of(FleetScenario scenario) {
  const auto index = static_cast<std::size_t>(scenario) - 1;
  MUSTER_ASSERT(index < kScenarios.size());
  return index;
}

}  // namespace

const Scenario& scenario_of(FleetScenario scenario) {
  return kScenarios[index_of(scenario)];
}

}  // namespace muster::generate

namespace muster {

std::string_view name_of(FleetScenario scenario) {
  return generate::kNames[generate::index_of(scenario)];
}

std::optional<FleetScenario> fleet_scenario_of(std::string_view name) {
  for (std::size_t i = 0; i < generate::kNames.size(); ++i) {
    if (generate::kNames[i] == name) return static_cast<FleetScenario>(i + 1);
  }
  return std::nullopt;
}

}  // namespace muster
