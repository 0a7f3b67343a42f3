#include "codec/foreign/fleet_export.h"

#include <array>
#include <string>
#include <utility>

#include "codec/foreign/reader.h"

namespace muster::codec {
namespace {

using TellOne = void (*)(const JsonFields& fields, Listener& listener);

class FleetReader final : public ForeignReader {
 public:
  explicit FleetReader(const DocumentLimits& limits) : limits_(limits), json_(limits) {}

  void read(std::string_view document, Listener& listener) override {
    std::string reason;
    const auto root = json_.parse(document, reason);
    JsonFields fields;
    if (!root || root->get(fields) != simdjson::SUCCESS) {
      return listener.on_unreadable(root ? "it is no object" : reason);
    }
    bool told = false;
    if (const auto host = find_fields(fields, "host")) {
      tell_fleet_host(*host, listener);
      told = true;
    }
    told = tell_all(fields, "hosts", tell_fleet_host, listener) || told;
    told = tell_all(fields, "profiles", tell_fleet_profile, listener) || told;
    told = tell_all(fields, "configuration_profiles", tell_fleet_profile, listener) || told;
    told = tell_commands(fields, "results", listener) || told;
    told = tell_commands(fields, "commands", listener) || told;
    if (!told) tell_single(fields, listener);
  }

 private:
  static bool tell_all(const JsonFields& fields, std::string_view key, TellOne tell_one,
                       Listener& listener) {
    const auto list = find_list(fields, key);
    if (!list) return false;
    for (const JsonElement element : *list) {
      JsonFields entry;
      if (element.get(entry) == simdjson::SUCCESS) {
        tell_one(entry, listener);
      } else {
        listener.on_unreadable("an entry that is no object");
      }
    }
    return true;
  }

  bool tell_commands(const JsonFields& fields, std::string_view key, Listener& listener) {
    const auto list = find_list(fields, key);
    if (!list) return false;
    for (const JsonElement element : *list) {
      JsonFields entry;
      if (element.get(entry) == simdjson::SUCCESS) {
        tell_fleet_command(entry, limits_, listener);
      } else {
        listener.on_unreadable("an entry that is no object");
      }
    }
    return true;
  }

  /// A line of one of the lists.
  void tell_single(const JsonFields& fields, Listener& listener) {
    if (find_text(fields, "command_uuid")) return tell_fleet_command(fields, limits_, listener);
    if (find_text(fields, "profile_uuid")) return tell_fleet_profile(fields, listener);
    if (find_text(fields, "uuid")) return tell_fleet_host(fields, listener);
    // Labels of a host stand beside its uuid; alone they are the server's.
    if (tell_all(fields, "labels", tell_fleet_label, listener)) return;
    listener.on_unreadable("it has neither hosts, profiles, labels nor commands");
  }

  DocumentLimits limits_;
  JsonDocument json_;
};

}  // namespace

std::unique_ptr<ForeignReader> make_fleet_reader(const DocumentLimits& limits) {
  return std::make_unique<FleetReader>(limits);
}

}  // namespace muster::codec
