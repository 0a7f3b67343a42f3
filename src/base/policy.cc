#include "muster/policy.h"

namespace muster {

Policy Policy::fleet_current() {
  Policy policy;
  policy.max_retries_apple = 3;
  return policy;
}

std::string to_string(const Policy& policy) {
  std::string text = "max_retries_apple=" + std::to_string(policy.max_retries_apple);
  text += " grace_seconds=" + std::to_string(policy.grace_seconds);
  text += " user_channel_wait_seconds=" + std::to_string(policy.user_channel_wait_seconds);
  text += " late_results=";
  text += policy.late_results == LateResults::kUpstream ? "upstream" : "ignore_stale";
  text += " macos_only_profile_names=[";
  bool first = true;
  for (const std::string& name : policy.macos_only_profile_names) {
    if (!first) text += ", ";
    first = false;
    text += '"' + name + '"';
  }
  text += ']';
  return text;
}

}  // namespace muster
