#include "codec/foreign/device_message.h"

#include <algorithm>
#include <array>
#include <utility>

#include "codec/foreign/key.h"

namespace muster::codec {
namespace {

constexpr std::string_view kSharedIpad = "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF";
constexpr std::size_t kStatusBytesMax = 64;

std::optional<std::string> text_of(const Plist& message, std::string_view key) {
  const auto text = message.find_text(key);
  if (!text || text->empty()) return {};
  return std::string(*text);
}

DeviceIdentity on_channel(std::string host, const std::optional<std::string>& user) {
  std::string channel = user ? host + ':' + *user : host;
  return {std::move(host), std::move(channel)};
}

Platform platform_of_model(const Plist& message) {
  for (const std::string_view key : {"ProductName", "Model"}) {
    const std::string_view model = message.find_text(key).value_or("");
    if (model.starts_with("iPad")) return Platform::kIpados;
    if (model.starts_with("iPhone") || model.starts_with("iPod")) return Platform::kIos;
  }
  return Platform::kDarwin;
}

template <typename Body>
Statement make_statement(std::string_view kind, const DeviceIdentity& who,
                         std::optional<Timestamp> at, Body body) {
  Statement statement;
  statement.at = at;
  statement.body = std::move(body);
  statement.key = KeyOf("mdm").add(kind).add(who.channel).digest();
  return statement;
}

}  // namespace

std::optional<DeviceIdentity> identity_of(const Plist& message) {
  if (auto udid = text_of(message, "UDID")) {
    auto user = text_of(message, "UserID");
    if (user && *user == kSharedIpad) {
      if (auto short_name = text_of(message, "UserShortName")) user = std::move(short_name);
    }
    return on_channel(*std::move(udid), user);
  }
  if (auto enrollment = text_of(message, "EnrollmentID")) {
    return on_channel(*std::move(enrollment), text_of(message, "EnrollmentUserID"));
  }
  return {};
}

std::vector<ErrorChainEntry> error_chain_of(const Plist& message) {
  std::vector<ErrorChainEntry> chain;
  const Plist* const entries = message.find("ErrorChain", Plist::Kind::kList);
  if (entries == nullptr) return chain;
  for (const Plist& entry : entries->items()) {
    const Plist* const code = entry.find("ErrorCode", Plist::Kind::kInteger);
    if (code == nullptr) continue;
    ErrorChainEntry& added = chain.emplace_back();
    added.error_code = code->number();
    added.error_domain = text_of(entry, "ErrorDomain").value_or("");
    added.localized_description = text_of(entry, "LocalizedDescription");
    added.us_english_description = text_of(entry, "USEnglishDescription");
  }
  return chain;
}

void tell_answer(const DeviceIdentity& who, DeviceAnswer answer, std::optional<Timestamp> at,
                 Listener& listener) {
  if (answer.status == "Idle") return listener.on_passed_over("a device that waits for commands");
  if (answer.command_uuid.empty()) return listener.on_unreadable("an answer to no command");
  if (answer.status.empty() || answer.status.size() > kStatusBytesMax) {
    return listener.on_unreadable("an answer without a usable status");
  }
  if (who.is_user()) listener.on_noted("answers on a user channel, taken as their device's");
  // Only codes: descriptions are in the device's language, and some servers leave them out.
  KeyOf key("mdm/answer");
  key.add(who.channel).add(answer.command_uuid).add(answer.status);
  for (const ErrorChainEntry& entry : answer.chain) {
    key.add(entry.error_domain).add(std::to_string(entry.error_code));
  }
  Statement statement;
  statement.at = at;
  statement.key = key.digest();
  statement.time_in_key = answer.status == "NotNow" ? TimeInKey::kMinute : TimeInKey::kNone;
  CommandResult result;
  result.host_uuid = who.host;
  result.command_uuid = std::move(answer.command_uuid);
  result.status = std::move(answer.status);
  if (!answer.chain.empty()) result.error_chain = std::move(answer.chain);
  statement.body = std::move(result);
  listener.on_statement(std::move(statement));
}

namespace {

/// A device sends its token when it has enrolled, and whenever the token changes.
void tell_token(const DeviceIdentity& who, const MessageContext& context, Listener& listener) {
  if (who.is_user()) {
    return listener.on_statement(
        make_statement("user", who, context.at, UserChannelChanged{who.host, true}));
  }
  if (context.token_tally != 1) return listener.on_passed_over("mdm.TokenUpdate");
  // Beside its Authenticate it says the same once more. Whether that was told must not matter: of
  // two files that overlap, one may begin between them.
  Statement statement = make_statement("enrolled", who, context.at, HostEnrolled{who.host, {}, {}});
  statement.enrolled_before = false;
  listener.on_statement(std::move(statement));
}

void tell_report(const DeviceIdentity& who, const Plist& message, const MessageContext& context,
                 Listener& listener) {
  if (message.find("ProfileList", Plist::Kind::kList) != nullptr) {
    return listener.on_passed_over("a list of profiles without dates, which proves none");
  }
  tell_answer(who,
              {text_of(message, "CommandUUID").value_or(""),
               text_of(message, "Status").value_or(""), error_chain_of(message)},
              context.at, listener);
}

void tell_check_in(std::string_view type, const DeviceIdentity& who, const Plist& message,
                   const MessageContext& context, Listener& listener) {
  constexpr std::array<std::string_view, 5> kOthers = {"DeclarativeManagement", "GetBootstrapToken",
                                                       "GetToken", "SetBootstrapToken",
                                                       "UserAuthenticate"};
  if (type == "TokenUpdate") return tell_token(who, context, listener);
  if (type == "Authenticate" && !who.is_user()) {
    Statement statement =
        make_statement("enrolled", who, context.at, HostEnrolled{who.host, {}, {}});
    statement.platform = platform_of_model(message);
    statement.enrolled_before = false;
    return listener.on_statement(std::move(statement));
  }
  if (type == "CheckOut" && who.is_user()) {
    return listener.on_statement(
        make_statement("user gone", who, context.at, UserChannelChanged{who.host, false}));
  }
  if (type == "CheckOut") {
    return listener.on_statement(make_statement("gone", who, context.at, HostUnenrolled{who.host}));
  }
  if (type == "Authenticate") return listener.on_passed_over("mdm.Authenticate of a user");
  const auto other = std::find(kOthers.begin(), kOthers.end(), type);
  if (other == kOthers.end()) return listener.on_passed_over("a message of an unknown type");
  listener.on_passed_over(std::string("mdm.").append(*other));
}

}  // namespace

void tell_message(const Plist& message, const MessageContext& context, Listener& listener) {
  auto who = identity_of(message);
  if (!who) who = context.identity;
  if (!who) return listener.on_unreadable("it does not say which device it is of");
  if (const auto type = message.find_text("MessageType")) {
    return tell_check_in(*type, *who, message, context, listener);
  }
  if (message.find_text("Status")) return tell_report(*who, message, context, listener);
  listener.on_unreadable("it is neither a check-in message nor an answer to a command");
}

}  // namespace muster::codec
