#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "muster/snapshot.h"
#include "muster/store.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/json_output.h"
#include "tools/open_store.h"
#include "tools/table.h"
#include "tools/terminal_text.h"

namespace muster::tool {

namespace {

constexpr std::uint64_t kPageMax = 100'000;

struct OutboxSettings {
  OutboxId after = 0;
  std::uint64_t limit = 100;
  std::vector<OutboxId> sent;
};

std::string hosts_cell(const std::vector<std::string>& hosts) {
  if (hosts.empty()) return "";
  return hosts.size() == 1 ? hosts.front()
                           : fmt::format("{} and {} more", hosts.front(), hosts.size() - 1);
}

void print_commands(const std::vector<PendingCommand>& commands, bool more,
                    const Streams& streams) {
  if (commands.empty()) {
    streams.out << "nothing to send\n";
    return;
  }
  Table table({{"entry", Align::kRight},
               {"do"},
               {"operation"},
               {"profile"},
               {"command"},
               {"hosts"},
               {"issued"}});
  for (const PendingCommand& command : commands) {
    const bool send = command.kind == PendingCommand::Kind::kSend;
    table.add({command.id, Cell(name_of(command.kind), send ? Tone::kCyan : Tone::kYellow),
               name_of(command.operation), command.identifier, command.command_uuid,
               hosts_cell(command.hosts), to_string(command.issued_at)});
  }
  table.print(streams.out, streams.colour);
  if (more) streams.out << "more follow: add --after " << commands.back().id << '\n';
}

Json commands_json(const std::vector<PendingCommand>& commands, bool more) {
  Json listed = Json::array();
  for (const PendingCommand& command : commands) {
    listed.push_back({{"id", command.id},
                      {"kind", name_of(command.kind)},
                      {"command_uuid", command.command_uuid},
                      {"operation", name_of(command.operation)},
                      {"profile_uuid", command.profile_uuid},
                      {"identifier", command.identifier},
                      {"checksum", to_string(command.checksum)},
                      {"scope", name_of(command.scope)},
                      {"issued_at", time_json(command.issued_at)},
                      {"hosts", command.hosts}});
  }
  Json document = {{"commands", std::move(listed)}};
  document["next_after"] = more ? Json(commands.back().id) : Json(nullptr);
  return document;
}

int list_commands(const OutboxSettings& settings, Invocation& invocation) {
  const Result<Store> store = open_for_reading(invocation.db);
  if (!store.ok()) return fail(invocation, store.status());
  auto commands = store->pending_commands(settings.after, settings.limit + 1);
  if (!commands.ok()) return fail(invocation, commands.status());
  const bool more = commands->size() > settings.limit;
  if (more) commands->pop_back();
  if (invocation.output == Output::kJson) {
    print_json(invocation.streams.out, commands_json(*commands, more));
  } else {
    print_commands(*commands, more, invocation.streams);
  }
  return kExitFine;
}

int confirm_commands(const OutboxSettings& settings, Invocation& invocation) {
  Result<Store> store = open_for_writing(invocation.db);
  if (!store.ok()) return fail(invocation, store.status());
  const Result<std::size_t> confirmed = store->command_sent(settings.sent);
  if (!confirmed.ok()) return fail(invocation, confirmed.status());
  if (const Status closed = store->close(); !closed.ok()) return fail(invocation, closed);
  if (invocation.output == Output::kJson) {
    print_json(invocation.streams.out, {{"confirmed", *confirmed}});
  } else {
    invocation.streams.out << grouped(*confirmed) << " of " << grouped(settings.sent.size())
                           << " entries were in the outbox and left it\n";
  }
  return kExitFine;
}

int run_commands(const OutboxSettings& settings, Invocation& invocation) {
  return settings.sent.empty() ? list_commands(settings, invocation)
                               : confirm_commands(settings, invocation);
}

}  // namespace

void add_commands(CLI::App& app, Invocation& invocation) {
  const auto settings = std::make_shared<OutboxSettings>();
  CLI::App& command =
      add_command(app, invocation, "commands", "List the commands that wait to be sent.",
                  [settings](Invocation& called) { return run_commands(*settings, called); });
  command.add_option("--after", settings->after, "Begin behind this entry")->type_name("ENTRY");
  command.add_option("--limit", settings->limit, "Entries to list")
      ->check(CLI::Range(std::uint64_t{1}, kPageMax).description(""))
      ->capture_default_str()
      ->type_name("N");
  command.add_option("--sent", settings->sent, "Instead: these entries were handed over")
      ->type_name("ENTRY...");
}

}  // namespace muster::tool
