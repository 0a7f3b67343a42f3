#include "tools/policy_flags.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <span>
#include <string_view>
#include <utility>

#include "tools/choice.h"
#include "tools/open_store.h"

namespace muster::tool {

namespace {

std::string_view text_of(LateResults value) {
  return value == LateResults::kIgnoreStale ? "ignore_stale" : "upstream";
}

template <typename Stored, typename Given>
void note_difference(std::string& out, std::string_view name, const Stored& stored,
                     const std::optional<Given>& given) {
  if (!given || static_cast<Given>(stored) == *given) return;
  if (!out.empty()) out += "; ";
  out += fmt::format("{} is {} in the store and {} on the command line", name, stored, *given);
}

Status change_policy(Store& store, const PolicyFlags& flags) {
  // The store raises the time to the last one that it used.
  const Event event{.at = Timestamp{}, .body = flags.given};
  const Result<Applied> applied_events = store.apply(std::span(&event, 1));
  if (!applied_events.ok()) return applied_events.status();
  const EventResult& result = applied_events->results.front();
  if (refusal_of(result.outcome) == Refusal::kNone) return {};
  return Status(StatusCode::kInvalidArgument, fmt::format("the store refuses the policy: {} {}",
                                                          describe(result.outcome), result.detail));
}

}  // namespace

void add_policy_flags(CLI::App& command, PolicyFlags& flags) {
  const std::string group = "Policy";
  command
      .add_option("--max-retries-apple", flags.given.max_retries_apple,
                  fmt::format("Retries after the first attempt, 0 to {}", kRetriesMax))
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{kRetriesMax}).description(""))
      ->type_name("N")
      ->group(group);
  const CLI::Validator seconds = CLI::Range(std::int64_t{0}, kPolicySecondsMax).description("");
  command
      .add_option("--grace-seconds", flags.given.grace_seconds,
                  "How long a missing profile is not judged")
      ->check(seconds)
      ->type_name("N")
      ->group(group);
  command
      .add_option("--user-channel-wait-seconds", flags.given.user_channel_wait_seconds,
                  "How long a user profile waits for a user channel")
      ->check(seconds)
      ->type_name("N")
      ->group(group);
  add_choice<LateResults>(
      command, "--late-results", flags.given.late_results,
      {{"upstream", LateResults::kUpstream}, {"ignore_stale", LateResults::kIgnoreStale}},
      "What a result of a superseded command does: upstream or ignore_stale")
      ->type_name("RULE")
      ->group(group);
  command
      .add_flag("--set-policy", flags.set_policy,
                "Change the policy of a store that holds another one")
      ->group(group);
}

bool any_given(const PolicyFlags& flags) {
  return flags.given.max_retries_apple || flags.given.grace_seconds ||
         flags.given.user_channel_wait_seconds || flags.given.late_results;
}

Policy applied(const Policy& base, const PolicyFlags& flags) {
  Policy policy = base;
  const PolicyChanged& given = flags.given;
  if (given.max_retries_apple)
    policy.max_retries_apple = static_cast<int>(*given.max_retries_apple);
  policy.grace_seconds = given.grace_seconds.value_or(policy.grace_seconds);
  policy.user_channel_wait_seconds =
      given.user_channel_wait_seconds.value_or(policy.user_channel_wait_seconds);
  policy.late_results = given.late_results.value_or(policy.late_results);
  return policy;
}

std::string difference(const Policy& stored, const PolicyFlags& flags) {
  const PolicyChanged& given = flags.given;
  std::string out;
  note_difference(out, "max_retries_apple", stored.max_retries_apple, given.max_retries_apple);
  note_difference(out, "grace_seconds", stored.grace_seconds, given.grace_seconds);
  note_difference(out, "user_channel_wait_seconds", stored.user_channel_wait_seconds,
                  given.user_channel_wait_seconds);
  std::optional<std::string_view> late_results;
  if (given.late_results) late_results = text_of(*given.late_results);
  note_difference(out, "late_results", text_of(stored.late_results), late_results);
  return out;
}

Result<Store> open_with_policy(StoreOptions options, const PolicyFlags& flags) {
  // Its data may be lost alone, and what was recorded be there.
  const bool is_new = is_new_store(options.path / "data");
  if (is_new && any_given(flags)) options.policy = applied(Policy{}, flags);
  Result<Store> store = Store::open(options);
  if (!store.ok()) return store;
  const std::string differs = difference(store->policy(), flags);
  if (differs.empty()) return store;
  if (!flags.set_policy) {
    return Status(StatusCode::kPolicyMismatch,
                  fmt::format("{}: {}; leave the flags out to go on with the store's policy, or "
                              "add --set-policy to change it from here on",
                              options.path.native(), differs));
  }
  if (Status changed = change_policy(*store, flags); !changed.ok()) return changed;
  return store;
}

}  // namespace muster::tool
