#include "store/open_options.h"

#include <string>
#include <utility>

#include "core/step.h"
#include "store/database_options.h"

namespace muster::store {
namespace {

constexpr std::uint64_t kMemoryBytesMin = 32u << 20;
constexpr std::uint64_t kMemoryBytesMax = std::uint64_t{1} << 40;
constexpr std::uint32_t kSubmitDelayMillisMax = 10'000;

Status out_of_range(std::string_view field, std::uint64_t value, std::uint64_t least,
                    std::uint64_t most) {
  return {StatusCode::kInvalidArgument, std::string(field) + " is " + std::to_string(value) +
                                            ": choose a value from " + std::to_string(least) +
                                            " to " + std::to_string(most)};
}

Status validate(const Policy& policy) {
  Policy checked;
  const auto fault = core::change_policy({policy.max_retries_apple, policy.grace_seconds,
                                          policy.user_channel_wait_seconds, policy.late_results},
                                         checked);
  return fault ? Status(StatusCode::kInvalidArgument, "policy: " + *fault) : Status();
}

Status validate(const StoreLimits& limits) {
  const struct {
    std::string_view field;
    std::uint64_t value;
    std::uint64_t most;
  } bounds[] = {
      {"limits.id_bytes", limits.id_bytes, kIdBytesMax},
      {"limits.detail_bytes", limits.detail_bytes, kDetailBytesMax},
      {"limits.rows_per_host", limits.rows_per_host, kRowsPerHostMax},
      {"limits.profiles_per_team", limits.profiles_per_team, kRowsPerHostMax},
      {"limits.labels_per_report", limits.labels_per_report, 1u << 16},
      {"limits.profiles_per_report", limits.profiles_per_report, 1u << 20},
      {"limits.events_per_span", limits.events_per_span, 1u << 20},
      {"limits.submitted_events", limits.submitted_events, 1u << 24},
      {"limits.host_events_burst", limits.host_events_burst, UINT32_MAX},
  };
  for (const auto& bound : bounds) {
    if (bound.value == 0 || bound.value > bound.most) {
      return out_of_range(bound.field, bound.value, 1, bound.most);
    }
  }
  return {};
}

}  // namespace

Status validate(const StoreOptions& options) {
  if (options.path.empty()) return {StatusCode::kInvalidArgument, "the store has no path"};
  if (options.memory != MemoryPreset::kAppliance && options.memory != MemoryPreset::kBulk) {
    return {StatusCode::kInvalidArgument, "memory is not one of its values"};
  }
  if (options.memory_bytes != 0 &&
      (options.memory_bytes < kMemoryBytesMin || options.memory_bytes > kMemoryBytesMax)) {
    return out_of_range("memory_bytes", options.memory_bytes, kMemoryBytesMin, kMemoryBytesMax);
  }
  if (options.submit_delay_millis > kSubmitDelayMillisMax) {
    return out_of_range("submit_delay_millis", options.submit_delay_millis, 0,
                        kSubmitDelayMillisMax);
  }
  for (const auto& [name, seconds] :
       {std::pair("command_retention_seconds", options.command_retention_seconds),
        std::pair("change_log_seconds", options.change_log_seconds)}) {
    if (seconds < 0 || seconds > kPolicySecondsMax) {
      return {StatusCode::kInvalidArgument, std::string(name) + " is " + std::to_string(seconds) +
                                                ": choose a value from 0 to " +
                                                std::to_string(kPolicySecondsMax)};
    }
  }
  if (options.change_log_seconds > 0 && options.change_log == 0) {
    return {StatusCode::kInvalidArgument,
            "change_log_seconds bounds what change_log keeps, and that keeps nothing"};
  }
  if (Status status = validate(options.limits); !status.ok() || !options.policy) return status;
  return validate(*options.policy);
}

std::uint64_t memory_bytes(const StoreOptions& options) {
  if (options.memory_bytes != 0) return options.memory_bytes;
  return options.memory == MemoryPreset::kBulk ? kBulkMemoryBytes : kApplianceMemoryBytes;
}

}  // namespace muster::store
