// The keys of every event, once, for the reader and the writer of canonical lines. The order of a
// table is the order of the keys in canonical text (docs/recording.md).
#pragma once

#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "codec/profile_row.h"
#include "muster/event.h"

namespace muster::codec {

enum class Need {
  kRequired,   ///< must be there; always written
  kDefaulted,  ///< may be missing or null; written when it differs from the default
  kOptional,   ///< a std::optional: may be missing or null; written when it holds a value
};

template <typename Owner, typename T>
struct Field {
  std::string_view key;
  T Owner::*member;
  Need need;
};

template <typename Owner, typename T>
constexpr Field<Owner, T> required(std::string_view key, T Owner::*member) {
  return {key, member, Need::kRequired};
}

template <typename Owner, typename T>
constexpr Field<Owner, T> defaulted(std::string_view key, T Owner::*member) {
  return {key, member, Need::kDefaulted};
}

template <typename Owner, typename T>
constexpr Field<Owner, std::optional<T>> optional(std::string_view key,
                                                  std::optional<T> Owner::*member) {
  return {key, member, Need::kOptional};
}

template <typename Owner>
inline constexpr std::tuple<> kFields = {};

template <typename T>
concept HasFields = std::tuple_size_v<std::remove_cv_t<decltype(kFields<T>)>>
!= 0;

template <>
inline constexpr auto kFields<LabelCreated> = std::tuple(required("label", &LabelCreated::label),
                                                         required("membership",
                                                                  &LabelCreated::membership));

template <>
inline constexpr auto kFields<LabelDeleted> = std::tuple(required("label", &LabelDeleted::label));

template <>
inline constexpr auto kFields<ProfileUploaded> = std::tuple(
    required("profile_uuid", &ProfileUploaded::profile_uuid),
    required("team_id", &ProfileUploaded::team_id),
    required("identifier", &ProfileUploaded::identifier), required("name", &ProfileUploaded::name),
    required("checksum", &ProfileUploaded::checksum),
    required("uploaded_at", &ProfileUploaded::uploaded_at),
    defaulted("scope", &ProfileUploaded::scope),
    defaulted("labels_include_all", &ProfileUploaded::labels_include_all),
    defaulted("labels_include_any", &ProfileUploaded::labels_include_any),
    defaulted("labels_exclude_any", &ProfileUploaded::labels_exclude_any),
    optional("secrets_updated_at", &ProfileUploaded::secrets_updated_at),
    defaulted("per_host_variables", &ProfileUploaded::per_host_variables));

template <>
inline constexpr auto kFields<ProfileDeleted> = std::tuple(required("profile_uuid",
                                                                    &ProfileDeleted::profile_uuid));

template <>
inline constexpr auto kFields<HostAdded> = std::tuple(
    required("host_uuid", &HostAdded::host_uuid), required("platform", &HostAdded::platform),
    required("team_id", &HostAdded::team_id), defaulted("enrolled", &HostAdded::enrolled),
    optional("enrolled_at", &HostAdded::enrolled_at),
    defaulted("user_channel", &HostAdded::user_channel),
    optional("detail_updated_at", &HostAdded::detail_updated_at));

template <>
inline constexpr auto kFields<HostEnrolled> =
    std::tuple(required("host_uuid", &HostEnrolled::host_uuid),
               optional("enrolled_at", &HostEnrolled::enrolled_at),
               optional("user_channel", &HostEnrolled::user_channel));

template <>
inline constexpr auto kFields<HostUnenrolled> = std::tuple(required("host_uuid",
                                                                    &HostUnenrolled::host_uuid));

template <>
inline constexpr auto kFields<HostDeleted> = std::tuple(required("host_uuid",
                                                                 &HostDeleted::host_uuid));

template <>
inline constexpr auto kFields<HostTransferred> =
    std::tuple(required("host_uuid", &HostTransferred::host_uuid),
               required("team_id", &HostTransferred::team_id));

template <>
inline constexpr auto kFields<HostLabelsReported> =
    std::tuple(required("host_uuid", &HostLabelsReported::host_uuid),
               required("labels", &HostLabelsReported::labels),
               optional("label_updated_at", &HostLabelsReported::label_updated_at));

template <>
inline constexpr auto kFields<IssuedCommand> =
    std::tuple(required("operation", &IssuedCommand::operation),
               required("profile_uuid", &IssuedCommand::profile_uuid),
               required("command_uuid", &IssuedCommand::command_uuid),
               required("hosts", &IssuedCommand::hosts));

template <>
inline constexpr auto kFields<UuidSeed> = std::tuple(required("recording", &UuidSeed::recording),
                                                     required("event", &UuidSeed::event));

template <>
inline constexpr auto kFields<Reconciled> = std::tuple(
    optional("commands", &Reconciled::commands), optional("after", &Reconciled::after),
    optional("through", &Reconciled::through), optional("uuid_seed", &Reconciled::uuid_seed));

template <>
inline constexpr auto kFields<CommandNotSent> =
    std::tuple(required("command_uuid", &CommandNotSent::command_uuid),
               optional("hosts", &CommandNotSent::hosts));

template <>
inline constexpr auto kFields<UserChannelChanged> =
    std::tuple(required("host_uuid", &UserChannelChanged::host_uuid),
               required("user_channel", &UserChannelChanged::user_channel));

template <>
inline constexpr auto kFields<PolicyChanged> =
    std::tuple(optional("max_retries_apple", &PolicyChanged::max_retries_apple),
               optional("grace_seconds", &PolicyChanged::grace_seconds),
               optional("user_channel_wait_seconds", &PolicyChanged::user_channel_wait_seconds),
               optional("late_results", &PolicyChanged::late_results));

template <>
inline constexpr auto kFields<ErrorChainEntry> =
    std::tuple(required("ErrorCode", &ErrorChainEntry::error_code),
               required("ErrorDomain", &ErrorChainEntry::error_domain),
               optional("LocalizedDescription", &ErrorChainEntry::localized_description),
               optional("USEnglishDescription", &ErrorChainEntry::us_english_description));

template <>
inline constexpr auto kFields<CommandResult> = std::tuple(
    required("host_uuid", &CommandResult::host_uuid),
    required("command_uuid", &CommandResult::command_uuid),
    required("status", &CommandResult::status), optional("detail", &CommandResult::detail),
    optional("error_chain", &CommandResult::error_chain));

template <>
inline constexpr auto kFields<InstallResult> = std::tuple(
    required("host_uuid", &InstallResult::host_uuid),
    required("command_uuid", &InstallResult::command_uuid),
    required("status", &InstallResult::status), required("detail", &InstallResult::detail));

template <>
inline constexpr auto kFields<ProfileRow> =
    std::tuple(required("identifier", &ProfileRow::identifier),
               required("display_name", &ProfileRow::display_name),
               required("install_date", &ProfileRow::install_date));

template <>
inline constexpr auto kFields<ProfilesReported> =
    std::tuple(required("host_uuid", &ProfilesReported::host_uuid),
               required("detail_updated_at", &ProfilesReported::detail_updated_at),
               required("profiles", &ProfilesReported::profiles));

template <>
inline constexpr auto kFields<ProfileResent> =
    std::tuple(required("host_uuid", &ProfileResent::host_uuid),
               required("profile_uuid", &ProfileResent::profile_uuid));

template <>
inline constexpr auto kFields<ProfileBatchResent> =
    std::tuple(required("profile_uuid", &ProfileBatchResent::profile_uuid),
               required("status", &ProfileBatchResent::status));

template <>
inline constexpr auto kFields<Unreadable> = std::tuple(required("reason", &Unreadable::reason));

}  // namespace muster::codec
