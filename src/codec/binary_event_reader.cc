#include <algorithm>
#include <vector>

#include "base/utf8.h"
#include "codec/aligned.h"
#include "codec/binary_event.h"
#include "codec/problem.h"
#include "codec/words.h"
#include "schema/recording_generated.h"

namespace muster::codec {
namespace {

namespace fb = muster::fb::recording;
using Text = flatbuffers::String;
using Texts = flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>;

constexpr flatbuffers::uoffset_t kDepthMax = 8;
constexpr flatbuffers::uoffset_t kTablesBesideLists = 8;

/// Reads the fields of one entry whose structure was verified: what the structure cannot say.
/// Every function returns false with the problem set.
class Unpacker {
 public:
  Unpacker(Problem& problem, std::size_t packed_bytes)
      : problem_(problem), text_bytes_left_(packed_bytes) {}

  bool entry(const fb::Entry& from, FrameEntry& to) {
    if (!time("at", from.at(), to.event.at)) {
      to.event.at = {};
      return false;
    }
    if (!body(from, to.event.body)) return false;
    if (from.origin() == nullptr) return true;
    EventOrigin& origin = to.origin.emplace();
    origin.number = from.origin()->event();
    if (const auto at = from.origin_at(); at && !time("origin_at", *at, origin.at.emplace())) {
      return false;
    }
    return text("source", from.origin()->recording(), origin.source) || problem_.within("origin");
  }

 private:
  template <typename Alternative, typename Table>
  bool as(const Table* from, EventBody& to) {
    return from != nullptr ? fields(*from, to.emplace<Alternative>())
                           : problem_.set("the event's body is missing");
  }

  bool body(const fb::Entry& from, EventBody& to) {
    switch (from.body_type()) {
      case fb::Body::LabelCreated:
        return as<LabelCreated>(from.body_as_LabelCreated(), to);
      case fb::Body::LabelDeleted:
        return as<LabelDeleted>(from.body_as_LabelDeleted(), to);
      case fb::Body::ProfileUploaded:
        return as<ProfileUploaded>(from.body_as_ProfileUploaded(), to);
      case fb::Body::ProfileDeleted:
        return as<ProfileDeleted>(from.body_as_ProfileDeleted(), to);
      case fb::Body::HostAdded:
        return as<HostAdded>(from.body_as_HostAdded(), to);
      case fb::Body::HostEnrolled:
        return as<HostEnrolled>(from.body_as_HostEnrolled(), to);
      case fb::Body::HostUnenrolled:
        return as<HostUnenrolled>(from.body_as_HostUnenrolled(), to);
      case fb::Body::HostDeleted:
        return as<HostDeleted>(from.body_as_HostDeleted(), to);
      case fb::Body::HostTransferred:
        return as<HostTransferred>(from.body_as_HostTransferred(), to);
      case fb::Body::HostLabelsReported:
        return as<HostLabelsReported>(from.body_as_HostLabelsReported(), to);
      default:
        return later_body(from, to);
    }
  }

  bool later_body(const fb::Entry& from, EventBody& to) {
    switch (from.body_type()) {
      case fb::Body::Reconciled:
        return as<Reconciled>(from.body_as_Reconciled(), to);
      case fb::Body::CommandNotSent:
        return as<CommandNotSent>(from.body_as_CommandNotSent(), to);
      case fb::Body::UserChannelChanged:
        return as<UserChannelChanged>(from.body_as_UserChannelChanged(), to);
      case fb::Body::PolicyChanged:
        return as<PolicyChanged>(from.body_as_PolicyChanged(), to);
      case fb::Body::CommandResult:
        return as<CommandResult>(from.body_as_CommandResult(), to);
      case fb::Body::InstallResult:
        return as<InstallResult>(from.body_as_InstallResult(), to);
      case fb::Body::ProfilesReported:
        return as<ProfilesReported>(from.body_as_ProfilesReported(), to);
      case fb::Body::ProfileResent:
        return as<ProfileResent>(from.body_as_ProfileResent(), to);
      case fb::Body::ProfileBatchResent:
        return as<ProfileBatchResent>(from.body_as_ProfileBatchResent(), to);
      case fb::Body::Unreadable:
        return as<Unreadable>(from.body_as_Unreadable(), to);
      default:
        problem_.set(std::to_string(static_cast<int>(from.body_type())) +
                     " is not a type of event that this Muster knows");
        return problem_.within("type");
    }
  }

  bool fields(const fb::LabelCreated& from, LabelCreated& to) {
    return text("label", from.label(), to.label) &&
           word("membership", from.membership(), to.membership);
  }
  bool fields(const fb::LabelDeleted& from, LabelDeleted& to) {
    return text("label", from.label(), to.label);
  }
  bool fields(const fb::ProfileUploaded& from, ProfileUploaded& to) {
    to.team_id = from.team_id();
    to.per_host_variables = from.per_host_variables();
    return text("profile_uuid", from.profile_uuid(), to.profile_uuid) &&
           text("identifier", from.identifier(), to.identifier) &&
           text("name", from.name(), to.name) && checksum(*from.checksum(), to.checksum) &&
           time("uploaded_at", from.uploaded_at(), to.uploaded_at) &&
           word("scope", from.scope(), to.scope) &&
           texts("labels_include_all", from.labels_include_all(), to.labels_include_all) &&
           texts("labels_include_any", from.labels_include_any(), to.labels_include_any) &&
           texts("labels_exclude_any", from.labels_exclude_any(), to.labels_exclude_any) &&
           time("secrets_updated_at", from.secrets_updated_at(), to.secrets_updated_at) &&
           check_lists(to, problem_);
  }
  bool fields(const fb::ProfileDeleted& from, ProfileDeleted& to) {
    return text("profile_uuid", from.profile_uuid(), to.profile_uuid);
  }
  bool fields(const fb::HostAdded& from, HostAdded& to) {
    to.team_id = from.team_id();
    to.enrolled = from.enrolled();
    to.user_channel = from.user_channel();
    return text("host_uuid", from.host_uuid(), to.host_uuid) &&
           word("platform", from.platform(), to.platform) &&
           time("enrolled_at", from.enrolled_at(), to.enrolled_at) &&
           time("detail_updated_at", from.detail_updated_at(), to.detail_updated_at);
  }
  bool fields(const fb::HostEnrolled& from, HostEnrolled& to) {
    scalar(from.user_channel(), to.user_channel);
    return text("host_uuid", from.host_uuid(), to.host_uuid) &&
           time("enrolled_at", from.enrolled_at(), to.enrolled_at);
  }
  bool fields(const fb::HostTransferred& from, HostTransferred& to) {
    to.team_id = from.team_id();
    return text("host_uuid", from.host_uuid(), to.host_uuid);
  }
  bool fields(const fb::HostLabelsReported& from, HostLabelsReported& to) {
    return text("host_uuid", from.host_uuid(), to.host_uuid) &&
           texts("labels", from.labels(), to.labels) &&
           time("label_updated_at", from.label_updated_at(), to.label_updated_at);
  }
  bool fields(const fb::Reconciled& from, Reconciled& to) {
    if (from.commands() != nullptr &&
        !tables("commands", *from.commands(), to.commands.emplace())) {
      return false;
    }
    if (from.uuid_seed() != nullptr) {
      UuidSeed& seed = to.uuid_seed.emplace();
      seed.event = from.uuid_seed()->event();
      if (!text("recording", from.uuid_seed()->recording(), seed.recording)) {
        return problem_.within("uuid_seed");
      }
    }
    return text("after", from.after(), to.after) && text("through", from.through(), to.through);
  }
  bool fields(const fb::IssuedCommand& from, IssuedCommand& to) {
    return word("operation", from.operation(), to.operation) &&
           text("profile_uuid", from.profile_uuid(), to.profile_uuid) &&
           text("command_uuid", from.command_uuid(), to.command_uuid) &&
           texts("hosts", from.hosts(), to.hosts);
  }
  bool fields(const fb::CommandNotSent& from, CommandNotSent& to) {
    return text("command_uuid", from.command_uuid(), to.command_uuid) &&
           texts("hosts", from.hosts(), to.hosts);
  }
  bool fields(const fb::UserChannelChanged& from, UserChannelChanged& to) {
    to.user_channel = from.user_channel();
    return text("host_uuid", from.host_uuid(), to.host_uuid);
  }
  bool fields(const fb::PolicyChanged& from, PolicyChanged& to) {
    scalar(from.max_retries_apple(), to.max_retries_apple);
    scalar(from.grace_seconds(), to.grace_seconds);
    scalar(from.user_channel_wait_seconds(), to.user_channel_wait_seconds);
    return !from.late_results() ||
           word("late_results", *from.late_results(), to.late_results.emplace());
  }
  bool fields(const fb::CommandResult& from, CommandResult& to) {
    return text("host_uuid", from.host_uuid(), to.host_uuid) &&
           text("command_uuid", from.command_uuid(), to.command_uuid) &&
           text("status", from.status(), to.status) && text("detail", from.detail(), to.detail) &&
           (from.error_chain() == nullptr ||
            tables("error_chain", *from.error_chain(), to.error_chain.emplace()));
  }
  bool fields(const fb::ErrorChainEntry& from, ErrorChainEntry& to) {
    to.error_code = from.error_code();
    return text("ErrorDomain", from.error_domain(), to.error_domain) &&
           text("LocalizedDescription", from.localized_description(), to.localized_description) &&
           text("USEnglishDescription", from.us_english_description(), to.us_english_description);
  }
  bool fields(const fb::InstallResult& from, InstallResult& to) {
    if (from.status() != 0 && !word("status", from.status(), to.status)) return false;
    return text("host_uuid", from.host_uuid(), to.host_uuid) &&
           text("command_uuid", from.command_uuid(), to.command_uuid) &&
           text("detail", from.detail(), to.detail);
  }
  bool fields(const fb::ProfilesReported& from, ProfilesReported& to) {
    return text("host_uuid", from.host_uuid(), to.host_uuid) &&
           time("detail_updated_at", from.detail_updated_at(), to.detail_updated_at) &&
           (profiles(from, to.profiles) || problem_.within("profiles"));
  }
  bool fields(const fb::ProfileResent& from, ProfileResent& to) {
    return text("host_uuid", from.host_uuid(), to.host_uuid) &&
           text("profile_uuid", from.profile_uuid(), to.profile_uuid);
  }
  bool fields(const fb::ProfileBatchResent& from, ProfileBatchResent& to) {
    return text("profile_uuid", from.profile_uuid(), to.profile_uuid) &&
           text("status", from.status(), to.status);
  }
  bool fields(const fb::Unreadable& from, Unreadable& to) {
    return text("reason", from.reason(), to.reason);
  }
  template <typename Table, typename HostEvent>
  bool fields(const Table& from, HostEvent& to) {
    return text("host_uuid", from.host_uuid(), to.host_uuid);
  }

  /// Many fields may point to one text: together they may not be more than the entry holds.
  bool read(const Text& from, std::string& to) {
    const std::string_view value(from.data(), from.size());
    if (!problem_.admits(value)) return false;
    if (value.size() > text_bytes_left_) return problem_.set("is stored more than once");
    text_bytes_left_ -= value.size();
    if (!base::is_utf8(value)) return problem_.set("is not UTF-8");
    to.assign(value);
    return true;
  }
  bool text(std::string_view key, const Text* from, std::string& to) {
    return read(*from, to) || problem_.within(key);
  }
  bool text(std::string_view key, const Text* from, std::optional<std::string>& to) {
    return from == nullptr || text(key, from, to.emplace());
  }
  bool texts(std::string_view key, const Texts* from, std::vector<std::string>& to) {
    if (from == nullptr) return true;
    for (const Text* element : *from) {
      if (!problem_.admits_element()) return problem_.within(key);
      if (!read(*element, to.emplace_back())) {
        problem_.within(to.size() - 1);
        return problem_.within(key);
      }
    }
    return true;
  }
  bool texts(std::string_view key, const Texts* from, std::optional<std::vector<std::string>>& to) {
    return from == nullptr || texts(key, from, to.emplace());
  }
  template <typename Tables, typename Element>
  bool tables(std::string_view key, const Tables& from, std::vector<Element>& to) {
    for (const auto* element : from) {
      if (!problem_.admits_element()) return problem_.within(key);
      if (!fields(*element, to.emplace_back())) {
        problem_.within(to.size() - 1);
        return problem_.within(key);
      }
    }
    return true;
  }
  bool time(std::string_view key, std::int64_t micros, Timestamp& to) {
    to.micros = micros;
    if (to >= kTimestampMin && to <= kTimestampMax) return true;
    problem_.set("is not in the years 1 to 9999");
    return problem_.within(key);
  }
  bool time(std::string_view key, flatbuffers::Optional<std::int64_t> micros,
            std::optional<Timestamp>& to) {
    return !micros || time(key, *micros, to.emplace());
  }
  template <typename T>
  void scalar(const flatbuffers::Optional<T>& from, std::optional<T>& to) {
    if (from) to = *from;
  }
  template <typename Enum>
  bool word(std::string_view key, std::uint8_t number, Enum& to) {
    to = static_cast<Enum>(number);
    for (const Word<Enum>& known : kWords<Enum>) {
      if (known.value == to) return true;
    }
    std::string what = std::to_string(number) + " is not ";
    problem_.set(what.append(kWordKind<Enum>).append(" that this Muster knows"));
    return problem_.within(key);
  }
  bool checksum(const flatbuffers::Vector<std::uint8_t>& from, Checksum& to) {
    if (from.size() != to.size()) {
      problem_.set("does not have 16 bytes");
      return problem_.within("checksum");
    }
    std::copy(from.begin(), from.end(), to.begin());
    return true;
  }

  bool profiles(const fb::ProfilesReported& from, ReportedProfiles& to) {
    std::string_view rest(from.text()->data(), from.text()->size());
    if (!base::is_utf8(rest)) return problem_.set("is not UTF-8");
    if (from.profiles() != nullptr) {
      if (!is_aligned(from.profiles())) return problem_.set("is not aligned");
      for (const fb::ReportedProfile* row : *from.profiles()) {
        if (!problem_.admits_element()) return false;
        if (!profile(*row, rest, to)) return problem_.within(to.size());
      }
    }
    return rest.empty() || problem_.set("more text than profiles");
  }
  bool profile(const fb::ReportedProfile& row, std::string_view& rest, ReportedProfiles& to) {
    std::string_view identifier;
    std::string_view display_name;
    if (!take(row.identifier_bytes(), rest, identifier)) return problem_.within("identifier");
    if (!take(row.display_name_bytes(), rest, display_name)) {
      return problem_.within("display_name");
    }
    Timestamp installed;
    if (!time("install_date", row.install_date(), installed)) return false;
    to.add(identifier, display_name, installed);
    return true;
  }
  bool take(std::size_t bytes, std::string_view& rest, std::string_view& out) {
    if (bytes > rest.size()) return problem_.set("is longer than the text");
    out = rest.substr(0, bytes);
    rest.remove_prefix(bytes);
    if (!problem_.admits(out)) return false;
    const bool cuts_character = !rest.empty() && (rest.front() & 0xC0) == 0x80;
    return !cuts_character || problem_.set("is not UTF-8");
  }

  Problem& problem_;
  std::size_t text_bytes_left_;
};

}  // namespace

FrameEntry unpack_entry(std::string_view packed, const RecordingLimits& limits) {
  FrameEntry entry;
  Problem problem(limits);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(packed.data());
  const auto tables_max = static_cast<flatbuffers::uoffset_t>(
      std::min<std::size_t>(limits.elements_max, 1U << 30) + kTablesBesideLists);
  flatbuffers::Verifier verifier(bytes, packed.size(), kDepthMax, tables_max);
  if (!verifier.VerifySizePrefixedBuffer<fb::Entry>(nullptr)) {
    entry.event.body =
        Unreadable{"the event's bytes are not of the schema, or it has too many elements"};
    return entry;
  }
  Unpacker unpacker(problem, packed.size());
  if (!unpacker.entry(*flatbuffers::GetSizePrefixedRoot<fb::Entry>(bytes), entry)) {
    entry.event.body = Unreadable{problem.text()};
    entry.origin.reset();
  }
  return entry;
}

}  // namespace muster::codec
