#include <array>

#include "muster/types.h"

namespace muster {
namespace {

struct OutcomeWords {
  Outcome outcome;
  Refusal refusal;
  std::string_view name;
  std::string_view sentence;
};

constexpr std::array kOutcomes = {
    OutcomeWords{Outcome::kApplied, Refusal::kNone, "applied", "The event changed the state."},
    OutcomeWords{Outcome::kUnchanged, Refusal::kNone, "unchanged",
                 "The event is fine and nothing had to change."},
    OutcomeWords{Outcome::kDuplicate, Refusal::kNone, "duplicate",
                 "The event at this place of its recording was applied before."},
    OutcomeWords{Outcome::kRepeated, Refusal::kNone, "repeated",
                 "Another place of the recordings has said the same before."},
    OutcomeWords{Outcome::kTooOld, Refusal::kNone, "too_old",
                 "It is older than what is remembered of its host; it may have been said before."},
    OutcomeWords{Outcome::kUnknownHost, Refusal::kNotFound, "unknown_host",
                 "The host is not in the inventory."},
    OutcomeWords{Outcome::kUnknownProfile, Refusal::kNotFound, "unknown_profile",
                 "The profile is not in the catalog."},
    OutcomeWords{Outcome::kUnknownLabel, Refusal::kNotFound, "unknown_label",
                 "No label has this name."},
    OutcomeWords{Outcome::kUnknownCommand, Refusal::kNotFound, "unknown_command",
                 "No reconcile pass issued this command."},
    OutcomeWords{Outcome::kNoWaitingRow, Refusal::kNotFound, "no_waiting_row",
                 "The install failed, and no row of the host carries its command."},
    OutcomeWords{Outcome::kNoInstallRow, Refusal::kNotFound, "no_install_row",
                 "The host has no installed profile of this uuid that could be sent again."},
    OutcomeWords{Outcome::kNoHostRow, Refusal::kNoRows, "no_host_row",
                 "The install was acknowledged by a host that is no longer in the inventory."},
    OutcomeWords{Outcome::kNoRemovalRow, Refusal::kNoRows, "no_removal_row",
                 "The removal failed, and no row of the host carries its command."},
    OutcomeWords{Outcome::kDeliveryUnderWay, Refusal::kConflict, "delivery_under_way",
                 "The profile is already waiting to be sent or confirmed on this host."},
    OutcomeWords{Outcome::kScopeChanged, Refusal::kConflict, "scope_changed",
                 "An edit must not move a profile between the system and the user scope."},
    OutcomeWords{Outcome::kNameTaken, Refusal::kConflict, "name_taken",
                 "Another profile of the team has this name."},
    OutcomeWords{Outcome::kIdentifierTaken, Refusal::kConflict, "identifier_taken",
                 "The team has this identifier under another profile uuid."},
    OutcomeWords{Outcome::kProfileUuidTaken, Refusal::kConflict, "profile_uuid_taken",
                 "The profile uuid belongs to another team or identifier."},
    OutcomeWords{Outcome::kStaleResult, Refusal::kConflict, "stale_result",
                 "The row no longer waits for this command."},
    OutcomeWords{Outcome::kCommandUuidTaken, Refusal::kConflict, "command_uuid_taken",
                 "The command uuid is in use for another operation or profile."},
    OutcomeWords{Outcome::kInvalid, Refusal::kInvalid, "invalid",
                 "The event cannot be read, goes back in time or breaks a limit."},
    OutcomeWords{Outcome::kRateLimited, Refusal::kRateLimited, "rate_limited",
                 "The host sent too many events in a short time; this one was not taken."},
};

constexpr OutcomeWords kUnknown = {Outcome::kInvalid, Refusal::kInvalid, "unknown",
                                   "An outcome that this version does not know."};

const OutcomeWords& words_of(Outcome outcome) {
  for (const OutcomeWords& words : kOutcomes) {
    if (words.outcome == outcome) return words;
  }
  return kUnknown;
}

}  // namespace

Refusal refusal_of(Outcome outcome) {
  return words_of(outcome).refusal;
}

std::string_view name_of(Outcome outcome) {
  return words_of(outcome).name;
}

std::string_view describe(Outcome outcome) {
  return words_of(outcome).sentence;
}

}  // namespace muster
