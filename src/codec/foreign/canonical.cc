#include "codec/foreign/canonical.h"

#include <utility>
#include <variant>

#include "codec/foreign/key.h"
#include "muster/recording.h"

namespace muster::codec {
namespace {

void tell_commands(Timestamp at, const Reconciled& pass, Listener& listener) {
  if (!pass.commands) return;
  for (const IssuedCommand& issued : *pass.commands) {
    for (const std::string& host : issued.hosts) {
      CommandStatement command;
      command.at = at;
      command.command_uuid = issued.command_uuid;
      command.host_uuid = host;
      command.request_type =
          issued.operation == Operation::kInstall ? "InstallProfile" : "RemoveProfile";
      command.profile_uuid = issued.profile_uuid;
      listener.on_command(std::move(command));
    }
  }
}

}  // namespace

void tell(Event event, const UuidSeed& otherwise, Listener& listener) {
  if (std::holds_alternative<Unreadable>(event.body)) {
    // Its reason may quote what it was.
    return listener.on_unreadable("it is no event of the canonical recording");
  }
  if (const auto* pass = std::get_if<Reconciled>(&event.body)) {
    tell_commands(event.at, *pass, listener);
  }
  Statement statement;
  statement.at = event.at;
  statement.key = KeyOf("canonical").add(to_canonical_line(event)).digest();
  if (auto* pass = std::get_if<Reconciled>(&event.body);
      pass != nullptr && !pass->commands && !pass->uuid_seed) {
    pass->uuid_seed = otherwise;
  }
  statement.body = std::move(event.body);
  listener.on_statement(std::move(statement));
}

}  // namespace muster::codec
