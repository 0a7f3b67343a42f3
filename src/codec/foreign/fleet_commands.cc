// Commands and their results as Fleet's API lists them.
#include <string>
#include <utility>

#include "codec/foreign/apple_command.h"
#include "codec/foreign/base64.h"
#include "codec/foreign/device_message.h"
#include "codec/foreign/fleet_export.h"

namespace muster::codec {
namespace {

std::string bytes_of(const JsonFields& fields, std::string_view key) {
  std::string bytes;
  if (!decode_base64(find_text(fields, key).value_or(""), bytes)) bytes.clear();
  return bytes;
}

bool is_answer(std::string_view status) {
  return status == "Acknowledged" || status == "Error" || status == "CommandFormatError" ||
         status == "NotNow";
}

void tell_result(const JsonFields& command, std::string_view host, std::string_view uuid,
                 const DocumentLimits& limits, Listener& listener) {
  std::string status(find_text(command, "status").value_or(""));
  const std::string body = bytes_of(command, "result");
  DeviceIdentity who{std::string(host), std::string(host)};
  std::vector<ErrorChainEntry> chain;
  bool answered = is_answer(status);
  if (!body.empty()) {
    std::string reason;
    if (const auto message = parse_plist(body, limits, reason)) {
      // The server's name of the host counts, as its commands go by it.
      auto told = identity_of(*message);
      if (told && told->host == host) who = *std::move(told);
      chain = error_chain_of(*message);
      // The payload counts.
      if (const auto told_status = message->find_text("Status")) {
        status = *told_status;
        answered = true;
      }
    }
  }
  if (!answered) return listener.on_passed_over("a command without an answer");
  tell_answer(who, {std::string(uuid), std::move(status), std::move(chain)},
              find_time(command, "updated_at"), listener);
}

}  // namespace

void tell_fleet_command(const JsonFields& command, const DocumentLimits& limits,
                        Listener& listener) {
  const auto uuid = find_text(command, "command_uuid");
  const auto host = find_text(command, "host_uuid");
  if (!uuid || uuid->empty() || !host || host->empty()) {
    return listener.on_unreadable("a command without its uuid or its host's");
  }
  CommandStatement issued;
  issued.command_uuid = *uuid;
  issued.host_uuid = *host;
  issued.request_type = find_text(command, "request_type").value_or("");
  if (const auto read = read_apple_command(bytes_of(command, "payload"), limits)) {
    if (issued.request_type.empty()) issued.request_type = read->request_type;
    issued.identifier = read->identifier;
  }
  const bool about_profiles =
      issued.request_type == "InstallProfile" || issued.request_type == "RemoveProfile";
  if (!issued.request_type.empty() && !about_profiles) {
    listener.on_command(std::move(issued));
    return listener.on_passed_over("a command that is not about profiles");
  }
  if (issued.identifier.empty()) listener.on_noted("commands whose profile is not told");
  listener.on_command(std::move(issued));
  tell_result(command, *host, *uuid, limits, listener);
}

}  // namespace muster::codec
