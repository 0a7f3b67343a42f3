#include <type_traits>
#include <variant>
#include <vector>

#include "codec/binary_event.h"
#include "codec/event_fields.h"
#include "schema/recording_generated.h"

namespace muster::codec {
namespace {

namespace fb = muster::fb::recording;
using Builder = flatbuffers::FlatBufferBuilder;

// A table of the largest event, its vtable and its size; each value with its offset and padding.
constexpr std::size_t kEntryBytes = 256;
constexpr std::size_t kValueBytes = 24;

template <typename T>
concept Plain = std::is_trivially_copyable_v<T> && !HasFields<T>;

template <Plain T>
std::size_t bound(const T&) {
  return kValueBytes;
}

std::size_t bound(const std::string& text) {
  return kValueBytes + text.size();
}

std::size_t bound(const ReportedProfiles& profiles) {
  std::size_t sum = kValueBytes;
  for (std::size_t index = 0; index < profiles.size(); ++index) {
    const ReportedProfile profile = profiles[index];
    sum += kValueBytes + profile.identifier.size() + profile.display_name.size();
  }
  return sum;
}

template <HasFields Owner>
std::size_t bound(const Owner& owner);

template <typename T>
std::size_t bound(const std::vector<T>& list) {
  std::size_t sum = kValueBytes;
  for (const T& element : list) sum += bound(element);
  return sum;
}

template <typename T>
std::size_t bound_of_field(const T& value) {
  return bound(value);
}

template <typename T>
std::size_t bound_of_field(const std::optional<T>& value) {
  return value ? bound(*value) : 0;
}

template <HasFields Owner>
std::size_t bound(const Owner& owner) {
  return std::apply(
      [&](const auto&... field) {
        return (kValueBytes + ... + bound_of_field(owner.*field.member));
      },
      kFields<Owner>);
}

auto text(Builder& builder, const std::string& value) {
  return builder.CreateString(value);
}

flatbuffers::Offset<flatbuffers::String> text(Builder& builder,
                                              const std::optional<std::string>& value) {
  return value ? builder.CreateString(*value) : 0;
}

/// A list that may not be absent is left out where it is empty.
flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>> texts(
    Builder& builder, const std::vector<std::string>& values) {
  return values.empty() ? 0 : builder.CreateVectorOfStrings(values);
}

flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>> texts(
    Builder& builder, const std::optional<std::vector<std::string>>& values) {
  return values ? builder.CreateVectorOfStrings(*values) : 0;
}

flatbuffers::Optional<std::int64_t> micros(const std::optional<Timestamp>& time) {
  if (!time) return flatbuffers::nullopt;
  return time->micros;
}

template <typename T>
flatbuffers::Optional<T> scalar(const std::optional<T>& value) {
  if (!value) return flatbuffers::nullopt;
  return *value;
}

template <typename Enum>
std::uint8_t word(Enum value) {
  return static_cast<std::uint8_t>(value);
}

auto place(Builder& builder, const std::string& recording, std::uint64_t event) {
  return fb::CreatePlace(builder, text(builder, recording), event);
}

auto pack(Builder& builder, const LabelCreated& event) {
  return fb::CreateLabelCreated(builder, text(builder, event.label), word(event.membership));
}

auto pack(Builder& builder, const LabelDeleted& event) {
  return fb::CreateLabelDeleted(builder, text(builder, event.label));
}

auto pack(Builder& builder, const ProfileUploaded& event) {
  return fb::CreateProfileUploaded(
      builder, text(builder, event.profile_uuid), event.team_id, text(builder, event.identifier),
      text(builder, event.name), builder.CreateVector(event.checksum.data(), event.checksum.size()),
      event.uploaded_at.micros, word(event.scope), texts(builder, event.labels_include_all),
      texts(builder, event.labels_include_any), texts(builder, event.labels_exclude_any),
      micros(event.secrets_updated_at), event.per_host_variables);
}

auto pack(Builder& builder, const ProfileDeleted& event) {
  return fb::CreateProfileDeleted(builder, text(builder, event.profile_uuid));
}

auto pack(Builder& builder, const HostAdded& event) {
  return fb::CreateHostAdded(builder, text(builder, event.host_uuid), word(event.platform),
                             event.team_id, event.enrolled, micros(event.enrolled_at),
                             event.user_channel, micros(event.detail_updated_at));
}

auto pack(Builder& builder, const HostEnrolled& event) {
  return fb::CreateHostEnrolled(builder, text(builder, event.host_uuid), micros(event.enrolled_at),
                                scalar(event.user_channel));
}

auto pack(Builder& builder, const HostUnenrolled& event) {
  return fb::CreateHostUnenrolled(builder, text(builder, event.host_uuid));
}

auto pack(Builder& builder, const HostDeleted& event) {
  return fb::CreateHostDeleted(builder, text(builder, event.host_uuid));
}

auto pack(Builder& builder, const HostTransferred& event) {
  return fb::CreateHostTransferred(builder, text(builder, event.host_uuid), event.team_id);
}

auto pack(Builder& builder, const HostLabelsReported& event) {
  return fb::CreateHostLabelsReported(builder, text(builder, event.host_uuid),
                                      texts(builder, event.labels), micros(event.label_updated_at));
}

auto pack(Builder& builder, const Reconciled& event) {
  flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<fb::IssuedCommand>>> commands = 0;
  if (event.commands) {
    std::vector<flatbuffers::Offset<fb::IssuedCommand>> packed;
    for (const IssuedCommand& command : *event.commands) {
      packed.push_back(fb::CreateIssuedCommand(
          builder, word(command.operation), text(builder, command.profile_uuid),
          text(builder, command.command_uuid), texts(builder, command.hosts)));
    }
    commands = builder.CreateVector(packed);
  }
  flatbuffers::Offset<fb::Place> seed = 0;
  if (event.uuid_seed) seed = place(builder, event.uuid_seed->recording, event.uuid_seed->event);
  return fb::CreateReconciled(builder, commands, text(builder, event.after),
                              text(builder, event.through), seed);
}

auto pack(Builder& builder, const CommandNotSent& event) {
  return fb::CreateCommandNotSent(builder, text(builder, event.command_uuid),
                                  texts(builder, event.hosts));
}

auto pack(Builder& builder, const UserChannelChanged& event) {
  return fb::CreateUserChannelChanged(builder, text(builder, event.host_uuid), event.user_channel);
}

auto pack(Builder& builder, const PolicyChanged& event) {
  flatbuffers::Optional<std::uint8_t> late_results = flatbuffers::nullopt;
  if (event.late_results) late_results = word(*event.late_results);
  return fb::CreatePolicyChanged(builder, scalar(event.max_retries_apple),
                                 scalar(event.grace_seconds),
                                 scalar(event.user_channel_wait_seconds), late_results);
}

auto pack(Builder& builder, const CommandResult& event) {
  flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<fb::ErrorChainEntry>>> chain = 0;
  if (event.error_chain) {
    std::vector<flatbuffers::Offset<fb::ErrorChainEntry>> packed;
    for (const ErrorChainEntry& entry : *event.error_chain) {
      packed.push_back(fb::CreateErrorChainEntry(
          builder, entry.error_code, text(builder, entry.error_domain),
          text(builder, entry.localized_description), text(builder, entry.us_english_description)));
    }
    chain = builder.CreateVector(packed);
  }
  return fb::CreateCommandResult(builder, text(builder, event.host_uuid),
                                 text(builder, event.command_uuid), text(builder, event.status),
                                 text(builder, event.detail), chain);
}

auto pack(Builder& builder, const InstallResult& event) {
  return fb::CreateInstallResult(builder, text(builder, event.host_uuid),
                                 text(builder, event.command_uuid), word(event.status),
                                 text(builder, event.detail));
}

auto pack(Builder& builder, const ProfilesReported& event) {
  const ReportedProfiles& profiles = event.profiles;
  std::string all;
  fb::ReportedProfile* rows = nullptr;
  const auto packed = builder.CreateUninitializedVectorOfStructs(profiles.size(), &rows);
  for (std::size_t index = 0; index < profiles.size(); ++index) {
    const ReportedProfile profile = profiles[index];
    rows[index] = fb::ReportedProfile(profile.install_date.micros,
                                      static_cast<std::uint32_t>(profile.identifier.size()),
                                      static_cast<std::uint32_t>(profile.display_name.size()));
    all.append(profile.identifier).append(profile.display_name);
  }
  return fb::CreateProfilesReported(builder, text(builder, event.host_uuid),
                                    event.detail_updated_at.micros, packed, text(builder, all));
}

auto pack(Builder& builder, const ProfileResent& event) {
  return fb::CreateProfileResent(builder, text(builder, event.host_uuid),
                                 text(builder, event.profile_uuid));
}

auto pack(Builder& builder, const ProfileBatchResent& event) {
  return fb::CreateProfileBatchResent(builder, text(builder, event.profile_uuid),
                                      text(builder, event.status));
}

auto pack(Builder& builder, const Unreadable& event) {
  return fb::CreateUnreadable(builder, text(builder, event.reason));
}

template <typename Table>
fb::Body body_of(flatbuffers::Offset<Table>) {
  return fb::BodyTraits<Table>::enum_value;
}

}  // namespace

std::size_t packed_bytes_bound(const Event& event) {
  return kEntryBytes + std::visit([](const auto& body) { return bound(body); }, event.body);
}

void pack_entry(Builder& builder, const Event& event, const std::optional<EventOrigin>& origin) {
  builder.Clear();
  fb::Body type = fb::Body::NONE;
  const flatbuffers::Offset<void> body = std::visit(
      [&](const auto& alternative) {
        const auto packed = pack(builder, alternative);
        type = body_of(packed);
        return packed.Union();
      },
      event.body);
  flatbuffers::Offset<fb::Place> where = 0;
  flatbuffers::Optional<std::int64_t> origin_at;
  if (origin) where = place(builder, origin->source, origin->number);
  if (origin && origin->at) origin_at = origin->at->micros;
  builder.FinishSizePrefixed(
      fb::CreateEntry(builder, event.at.micros, type, body, where, origin_at));
}

}  // namespace muster::codec
