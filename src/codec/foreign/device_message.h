// What a device says to its server, in check-in messages and in answers to commands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/foreign/plist.h"
#include "codec/foreign/statement.h"
#include "muster/event.h"

namespace muster::codec {

/// Who a message is of. Ids are opaque bytes.
struct DeviceIdentity {
  std::string host;     ///< the device's id: its UDID, or the id of its enrollment
  std::string channel;  ///< the same, or "device:user" of a user channel
  bool is_user() const { return channel != host; }
};

/// Nothing: no key of the message names anybody.
std::optional<DeviceIdentity> identity_of(const Plist& message);

/// A device's answer to a command.
struct DeviceAnswer {
  std::string command_uuid;
  std::string status;
  std::vector<ErrorChainEntry> chain;
};

/// The chain of a message; empty where it has none. Entries without a code are left out.
std::vector<ErrorChainEntry> error_chain_of(const Plist& message);

/// Tells the answer: the event is the device's, whatever the channel. The same answer has the same
/// key whoever recorded it.
void tell_answer(const DeviceIdentity& who, DeviceAnswer answer, std::optional<Timestamp> at,
                 Listener& listener);

/// What stands around a message.
struct MessageContext {
  std::optional<Timestamp> at;
  std::optional<std::int64_t> token_tally;
  std::optional<DeviceIdentity> identity;  ///< where the message has none
};

void tell_message(const Plist& message, const MessageContext& context, Listener& listener);

}  // namespace muster::codec
