// What an MDM server tells of each request of a device.
#include <string>
#include <utility>

#include "codec/foreign/base64.h"
#include "codec/foreign/device_message.h"
#include "codec/foreign/json_document.h"
#include "codec/foreign/reader.h"

namespace muster::codec {
namespace {

/// A server that knows no time writes the year 1.
constexpr Timestamp kZeroTime = kTimestampMin;

std::optional<std::string> text_of(const JsonFields& fields, std::string_view key) {
  const auto text = find_text(fields, key);
  if (!text || text->empty()) return {};
  return std::string(*text);
}

bool is_user_type(std::string_view type) {
  return type == "User" || type == "User Enrollment" || type == "Shared iPad";
}

/// As the event itself says, for messages that do not.
std::optional<DeviceIdentity> identity_of(const JsonFields& event) {
  if (const auto ids = find_fields(event, "ids")) {
    if (auto id = text_of(*ids, "id")) {
      auto parent = text_of(*ids, "parent_id");
      if (!parent && is_user_type(text_of(*ids, "type").value_or(""))) {
        parent = id->substr(0, id->find(':'));
      }
      if (parent) return DeviceIdentity{*std::move(parent), *std::move(id)};
      return DeviceIdentity{*id, *id};
    }
  }
  auto id = text_of(event, "udid");
  if (!id) id = text_of(event, "enrollment_id");
  if (!id) return {};
  return DeviceIdentity{*id, *id};
}

class WebhookReader final : public ForeignReader {
 public:
  explicit WebhookReader(const DocumentLimits& limits) : limits_(limits), json_(limits) {}

  void read(std::string_view document, Listener& listener) override {
    std::string reason;
    const auto root = json_.parse(document, reason);
    JsonFields fields;
    if (!root || root->get(fields) != simdjson::SUCCESS) {
      return listener.on_unreadable(root ? "it is no object" : reason);
    }
    MessageContext context;
    context.at = find_time(fields, "created_at");
    if (context.at == kZeroTime) context.at.reset();
    if (const auto answer = find_fields(fields, "acknowledge_event")) {
      return read_answer(*answer, std::move(context), listener);
    }
    if (const auto check_in = find_fields(fields, "checkin_event")) {
      return read_check_in(*check_in, std::move(context), listener);
    }
    listener.on_unreadable("it has neither a check-in nor an acknowledge event");
  }

 private:
  std::optional<Plist> payload_of(const JsonFields& event, std::string& reason) {
    const auto text = find_text(event, "raw_payload");
    if (!text || text->empty()) {
      reason = "it has no payload";
      return {};
    }
    // Four digits make three bytes.
    if (text->size() / 2 > limits_.plist_bytes_max || !decode_base64(*text, payload_)) {
      reason = "its payload is no base64, or too long";
      return {};
    }
    auto plist = parse_plist(payload_, limits_, reason);
    if (!plist) reason = "its payload: " + reason;
    return plist;
  }

  void read_check_in(const JsonFields& event, MessageContext context, Listener& listener) {
    context.token_tally = find_number(event, "token_update_tally");
    context.identity = identity_of(event);
    std::string reason;
    const auto message = payload_of(event, reason);
    if (!message) return listener.on_unreadable(reason);
    tell_message(*message, context, listener);
  }

  void read_answer(const JsonFields& event, MessageContext context, Listener& listener) {
    context.identity = identity_of(event);
    std::string reason;
    const auto message = payload_of(event, reason);
    if (message && message->find_text("Status")) {
      return tell_message(*message, context, listener);
    }
    // What the server copied out of the payload is enough where no reason is needed.
    const std::string status = text_of(event, "status").value_or("");
    const bool enough = status == "Acknowledged" || status == "NotNow" || status == "Idle";
    if (!enough || !context.identity) {
      return listener.on_unreadable(message ? "its payload is no answer" : reason);
    }
    listener.on_noted("answers without a readable payload");
    tell_answer(*context.identity, {text_of(event, "command_uuid").value_or(""), status, {}},
                context.at, listener);
  }

  DocumentLimits limits_;
  JsonDocument json_;
  std::string payload_;
};

}  // namespace

std::unique_ptr<ForeignReader> make_mdm_webhook_reader(const DocumentLimits& limits) {
  return std::make_unique<WebhookReader>(limits);
}

}  // namespace muster::codec
