#include "store/command_retention.h"

#include "base/time.h"
#include "store/catalog_records.h"
#include "store/damage.h"
#include "store/host_reader.h"
#include "store/outbox.h"

namespace muster::store {
namespace {

/// Commands by number.
using Named = std::vector<bool>;

Status name(Named& named, core::CommandNumber number) {
  const std::uint64_t place = core::to_integer(number);
  if (place >= named.size()) {
    return damaged("commands", "command " + std::to_string(place),
                   "it is named and was never issued");
  }
  named[place] = true;
  return {};
}

Status name_commands_of_rows(const View& view, Named& named) {
  HostReader reader(view);
  return reader.scan({}, [&](const core::Host& host) -> Result<bool> {
    for (const core::Slot& slot : host.slots) {
      if (Status status = name(named, slot.command()); !status.ok()) return status;
    }
    return true;
  });
}

Status name_commands_of_outbox(const View& view, Named& named) {
  Scan scan(*view.database, Family::kOutbox, {}, {}, view.snapshot);
  std::string value;
  for (; scan.valid(); scan.next()) {
    const Result<StoredOutboxEntry> entry =
        decode_outbox_entry(parse_u64(scan.key()).value_or(0), scan.value());
    if (!entry.ok()) return entry.status();
    const Result<bool> found = view.database->get(
        Family::kCommands, command_uuid_key(entry->command_uuid), value, view.snapshot);
    if (!found.ok()) return found.status();
    if (!*found) continue;
    const auto index = decode_command_index(entry->command_uuid, value);
    if (!index.ok()) return index.status();
    if (Status status = name(named, index->number); !status.ok()) return status;
  }
  return scan.status();
}

}  // namespace

Result<std::vector<SweptCommand>> find_swept(const View& view, Timestamp now,
                                             std::int64_t kept_seconds) {
  Named named(view.next_command);
  if (Status status = name_commands_of_rows(view, named); !status.ok()) return status;
  if (Status status = name_commands_of_outbox(view, named); !status.ok()) return status;
  const Timestamp unnamed_before{now.micros - kept_seconds * base::kMicrosPerSecond};
  std::vector<SweptCommand> out;
  const std::string begin(1, kCommandPrefix);
  Scan scan(*view.database, Family::kCommands, begin, after_prefix(begin), view.snapshot);
  for (; scan.valid(); scan.next()) {
    const auto number = parse_u64(scan.key().substr(1));
    if (!number) {
      return damaged("commands", printable_key(scan.key()), "it is not a key of this family");
    }
    const auto command = decode_command(core::CommandNumber{*number}, scan.value());
    if (!command.ok()) return command.status();
    if (!command->handed_out) continue;
    // One of behind the view was just issued.
    const bool is_named = *number >= named.size() || named[*number];
    const std::optional<Timestamp>& since = command->unnamed_since;
    if (is_named && since) out.push_back({core::CommandNumber{*number}, false, std::nullopt});
    if (!is_named && !since) out.push_back({core::CommandNumber{*number}, false, now});
    if (!is_named && since && *since <= unnamed_before) {
      out.push_back({core::CommandNumber{*number}, true, since});
    }
  }
  if (Status status = scan.status(); !status.ok()) return status;
  return out;
}

}  // namespace muster::store
