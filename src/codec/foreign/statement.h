// What recordings of other systems say, in the words of our own (docs/recordings.md).
//
// A reader takes one document (a JSON object, a property list) and tells a listener what it states.
// Readers take the fields that they name and nothing else: no other text of a document reaches an
// event, a message or a count.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "muster/event.h"
#include "muster/types.h"

namespace muster::codec {

/// How much of its time belongs to a statement when it is known again.
enum class TimeInKey : std::uint8_t {
  kNone,    ///< the same answer to a command, however often the device sends it
  kMinute,  ///< once a minute: a device that is busy says so again and again
  kExact,   ///< another time makes another statement
};

/// One event that a document states.
struct Statement {
  /// Nothing: the document has no time of its own.
  std::optional<Timestamp> at;
  /// Without a time of its own: it was so before anything else happened.
  bool from_begin = false;
  EventBody body;
  /// XXH3-128 of what makes the statement the same one when it comes again: the format's name, the
  /// host, the kind and the content, each with its length. Never of the source or its position.
  Digest key;
  TimeInKey time_in_key = TimeInKey::kExact;
  /// Of the host, where the document tells. Whoever puts statements in order adds a host that
  /// nobody has told of yet: with this platform, and enrolled or not.
  std::optional<Platform> platform;
  bool enrolled_before = true;
  /// The labels that it names were there, even if nobody has told of them yet.
  bool labels_exist = false;
};

/// A command that a server issued.
struct CommandStatement {
  std::optional<Timestamp> at;  ///< when it was issued
  std::string command_uuid;
  std::string host_uuid;     ///< empty: not told, any host may answer
  std::string request_type;  ///< "InstallProfile", "RemoveProfile", or any other
  std::string profile_uuid;  ///< empty: only the identifier is told
  std::string identifier;    ///< the profile's PayloadIdentifier; empty: not told
};

/// One profile of a host as a server shows it.
struct ServerProfile {
  std::string profile_uuid;
  std::string name;
  Operation operation = Operation::kInstall;
  DeliveryStatus status = DeliveryStatus::kUnsent;
  std::string detail;
};

/// What a server says of all profiles of a host, in its order.
struct HostProfiles {
  std::string host_uuid;
  std::vector<ServerProfile> profiles;
  std::uint64_t others = 0;      ///< rows of declarations, and of profiles of other systems
  std::uint64_t unreadable = 0;  ///< rows that lack something
};

class Listener {
 public:
  virtual ~Listener() = default;
  virtual void on_statement(Statement statement) = 0;
  virtual void on_command(CommandStatement command) = 0;
  /// For comparing; nothing that happened.
  virtual void on_host_profiles(HostProfiles /*profiles*/) {}
  /// Fine, and nothing that profiles depend on. `what` names the kind, in a few words of ours and
  /// without text of the document: "mdm.GetToken", "an answer with a list of profiles".
  virtual void on_passed_over(std::string_view what) = 0;
  /// Told, but in a way that people should know of, in such words: "a result on a user channel".
  virtual void on_noted(std::string_view what) = 0;
  /// The document, or this part of it, cannot be read. `reason` has no text of the document.
  virtual void on_unreadable(std::string reason) = 0;
};

/// Names of hosts that are not uuids: node keys and host identifiers.
class HostNames {
 public:
  virtual ~HostNames() = default;
  /// The uuid of the host that goes by `name`, or nothing. The empty name is for documents that
  /// do not say whose they are: the host that the whole source is of. Valid while this is.
  virtual std::optional<std::string_view> find(std::string_view name) const = 0;
};

/// What a document may hold. One that passes a limit is unreadable.
struct DocumentLimits {
  std::size_t bytes_max = 16U << 20;
  std::size_t plist_bytes_max = 4U << 20;
  std::size_t binary_plist_bytes_max = 64U << 10;
  std::size_t depth_max = 64;
  std::size_t elements_max = 1U << 20;  ///< in all lists together
};

}  // namespace muster::codec
