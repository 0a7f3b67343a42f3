#include "core/step.h"

#include <algorithm>

#include "base/contract.h"
#include "base/time.h"
#include "core/targeting.h"
#include "core/verify.h"

namespace muster::core {
namespace {

/// Whether the host is a member of a label, or was never asked.
struct Membership {
  bool member = false;
  bool unknown = false;
  friend bool operator==(const Membership&, const Membership&) = default;
};

Membership membership(const Catalog& catalog, const Host& host, LabelNumber number) {
  const Label* label = catalog.find_label(number);
  return {host.member_of(number), label != nullptr && membership_unknown(host, *label)};
}

Step refused(Outcome outcome) {
  Step step;
  step.outcome = outcome;
  return step;
}

Step judged(bool changed) {
  return refused(changed ? Outcome::kApplied : Outcome::kUnchanged);
}

/// One handler an event about a host; each sees the host that is there, or an empty one.
class HostStep {
 public:
  HostStep(const StepInput& input, std::optional<Host>& host) : input_(input), host_(host) {}

  Step operator()(const HostAdded& event);
  Step operator()(const HostEnrolled& event);
  Step operator()(const HostUnenrolled& event);
  Step operator()(const HostDeleted& event);
  Step operator()(const HostTransferred& event);
  Step operator()(const HostLabelsReported& event);
  Step operator()(const UserChannelChanged& event);
  Step operator()(const CommandResult& event);
  Step operator()(const InstallResult& event);
  Step operator()(const ProfilesReported& event);
  Step operator()(const ProfileResent& event);

  template <typename Other>
  Step operator()(const Other&) {
    MUSTER_ASSERT(false && "the event is not about one host");
    return {};
  }

 private:
  Host* host() { return host_ ? &*host_ : nullptr; }

  const StepInput& input_;
  std::optional<Host>& host_;
};

Step HostStep::operator()(const HostAdded& event) {
  if (host_) {
    const bool changed = host_->platform != event.platform || host_->team != event.team_id;
    host_->platform = event.platform;
    host_->team = event.team_id;
    if (changed) host_->mark_due();
    return judged(changed);
  }
  Host added;
  added.uuid = event.host_uuid;
  added.ordinal = input_.new_ordinal;
  added.platform = event.platform;
  added.team = event.team_id;
  added.enrolled = event.enrolled;
  added.enrolled_at = event.enrolled_at.value_or(input_.at);
  added.user_channel = event.user_channel;
  added.detail_updated_at =
      base::round_to_seconds(event.detail_updated_at.value_or(kNeverReported));
  host_ = std::move(added);
  return judged(true);
}

Step HostStep::operator()(const HostEnrolled& event) {
  if (!host_) return refused(Outcome::kUnknownHost);
  host_->enrolled = true;
  host_->enrolled_at = event.enrolled_at.value_or(input_.at);
  host_->user_channel = event.user_channel.value_or(host_->user_channel);
  host_->erase_all_slots();
  return judged(true);
}

Step HostStep::operator()(const HostUnenrolled&) {
  if (!host_) return refused(Outcome::kUnknownHost);
  const bool changed = host_->enrolled || !host_->slots.empty();
  host_->enrolled = false;
  if (changed) host_->erase_all_slots();
  return judged(changed);
}

Step HostStep::operator()(const HostDeleted&) {
  if (!host_) return refused(Outcome::kUnknownHost);
  host_.reset();
  return judged(true);
}

Step HostStep::operator()(const HostTransferred& event) {
  if (!host_) return refused(Outcome::kUnknownHost);
  const bool changed = host_->team != event.team_id;
  host_->team = event.team_id;
  if (changed) host_->mark_due();
  return judged(changed);
}

Step HostStep::operator()(const HostLabelsReported& event) {
  if (!host_) return refused(Outcome::kUnknownHost);
  Step result;
  std::vector<LabelNumber> members;
  for (const std::string& name : event.labels) {
    if (const Label* label = input_.catalog.find_label(name)) {
      members.push_back(label->number);
    } else if (result.unknown_labels++ == 0) {
      result.unknown_label = name;
    }
  }
  std::sort(members.begin(), members.end());
  members.erase(std::unique(members.begin(), members.end()), members.end());

  const Team* team = input_.catalog.find_team(host_->team);
  std::vector<Membership> before;
  for (std::size_t i = 0; team != nullptr && i < team->labels.size(); ++i) {
    before.push_back(membership(input_.catalog, *host_, team->labels[i]));
  }
  result.outcome = host_->labels == members ? Outcome::kUnchanged : Outcome::kApplied;
  host_->labels = std::move(members);
  host_->label_updated_at = base::round_to_seconds(event.label_updated_at.value_or(input_.at));
  for (std::size_t i = 0; i < before.size(); ++i) {
    const Membership after = membership(input_.catalog, *host_, team->labels[i]);
    if (before[i] != after) host_->mark_due();
    result.depends_on_time = result.depends_on_time || after.unknown;
  }
  return result;
}

Step HostStep::operator()(const UserChannelChanged& event) {
  if (!host_) return refused(Outcome::kUnknownHost);
  const bool changed = host_->user_channel != event.user_channel;
  host_->user_channel = event.user_channel;
  if (changed) host_->mark_due();
  return judged(changed);
}

Step HostStep::operator()(const CommandResult& event) {
  return refused(
      command_result(input_.policy, input_.limits, input_.catalog, host(), input_.command, event));
}

Step HostStep::operator()(const InstallResult& event) {
  std::optional<CommandNumber> command;
  if (input_.command) command = input_.command->number;
  if (event.command_uuid.empty()) command = kNoCommand;
  return refused(handle_host_mdm_profile_install_result(
      input_.policy, input_.limits, input_.catalog, host(), command, event.status, event.detail));
}

Step HostStep::operator()(const ProfilesReported& event) {
  if (!host_) return refused(Outcome::kUnknownHost);
  Step result;
  if (!event.profiles.empty() && host_->apple()) {
    const Verification verification = verify_host_mdm_profiles(
        input_.policy, input_.catalog, input_.expected_sets, *host_, event.profiles);
    result.outcome = verification.changed ? Outcome::kApplied : Outcome::kUnchanged;
    result.depends_on_time = verification.depends_on_time;
  }
  host_->detail_updated_at = base::round_to_seconds(event.detail_updated_at);
  return result;
}

Step HostStep::operator()(const ProfileResent& event) {
  if (!host_) return refused(Outcome::kUnknownHost);
  const Profile* profile = input_.catalog.find_profile(event.profile_uuid);
  if (profile == nullptr) return refused(Outcome::kUnknownProfile);
  Slot* slot = host_->find_slot(input_.catalog, profile->number());
  if (slot == nullptr || slot->operation() != Operation::kInstall) {
    return refused(Outcome::kNoInstallRow);
  }
  if (slot->status() != DeliveryStatus::kFailed && slot->status() != DeliveryStatus::kVerified) {
    return refused(Outcome::kDeliveryUnderWay);
  }
  host_->set_status(*slot, DeliveryStatus::kUnsent);
  return judged(true);
}

template <typename Body>
concept AboutHost = requires(const Body& body) {
  body.host_uuid;
};
template <typename Body>
concept AboutCommand = requires(const Body& body) {
  body.host_uuid;
  body.command_uuid;
};

}  // namespace

std::optional<std::string_view> host_of(const Event& event) {
  return std::visit(
      []<typename Body>(const Body& body) -> std::optional<std::string_view> {
        if constexpr (AboutHost<Body>) return body.host_uuid;
        return std::nullopt;
      },
      event.body);
}

std::optional<std::string_view> command_of(const Event& event) {
  return std::visit(
      []<typename Body>(const Body& body) -> std::optional<std::string_view> {
        if constexpr (AboutCommand<Body>) return body.command_uuid;
        return std::nullopt;
      },
      event.body);
}

Step step(const StepInput& input, const Event& event, std::optional<Host>& host) {
  Step step = std::visit(HostStep(input, host), event.body);
  if (!step.detail.empty()) return step;
  if (step.outcome == Outcome::kUnknownHost) step.detail = *host_of(event);
  const bool about_command =
      step.outcome == Outcome::kUnknownCommand || step.outcome == Outcome::kNoWaitingRow;
  if (about_command) step.detail = command_of(event).value_or("");
  return step;
}

}  // namespace muster::core
