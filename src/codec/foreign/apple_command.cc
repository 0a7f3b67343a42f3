#include "codec/foreign/apple_command.h"

#include "codec/foreign/plist.h"

namespace muster::codec {
namespace {

/// A signature wraps the profile's text, which stands in it as it is.
std::string_view without_signature(std::string_view profile) {
  constexpr std::string_view kBegin = "<?xml";
  constexpr std::string_view kEnd = "</plist>";
  if (profile.starts_with("bplist")) return profile;
  const std::size_t begin = profile.find(kBegin);
  const std::size_t end = profile.rfind(kEnd);
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) {
    return profile;
  }
  return profile.substr(begin, end + kEnd.size() - begin);
}

}  // namespace

std::optional<AppleCommand> read_apple_command(std::string_view document,
                                               const DocumentLimits& limits) {
  std::string reason;
  const auto plist = parse_plist(document, limits, reason);
  if (!plist) return {};
  const Plist* const command = plist->find("Command", Plist::Kind::kDict);
  if (command == nullptr) return {};
  AppleCommand read;
  read.request_type = command->find_text("RequestType").value_or("");
  if (read.request_type == "RemoveProfile") {
    read.identifier = command->find_text("Identifier").value_or("");
  }
  const auto payload = command->find_data("Payload");
  if (read.request_type == "InstallProfile" && payload) {
    const auto profile = parse_plist(without_signature(*payload), limits, reason);
    if (profile) read.identifier = profile->find_text("PayloadIdentifier").value_or("");
  }
  return read;
}

}  // namespace muster::codec
