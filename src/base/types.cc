#include "muster/types.h"

#include "base/time.h"
#include "muster/live.h"

namespace muster {
namespace {

void append_hex(std::string& out, std::uint8_t byte) {
  constexpr char kDigits[] = "0123456789abcdef";
  out.push_back(kDigits[byte >> 4]);
  out.push_back(kDigits[byte & 15]);
}

void append_hex(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    append_hex(out, static_cast<std::uint8_t>(value >> shift));
  }
}

}  // namespace

std::optional<Timestamp> parse_time(std::string_view text) {
  return base::parse_rfc3339(text);
}

std::string to_string(Timestamp time) {
  std::string text;
  base::append_time(text, time);
  return text;
}

std::string to_string(const Digest& digest) {
  std::string text;
  text.reserve(32);
  append_hex(text, digest.high);
  append_hex(text, digest.low);
  return text;
}

std::string to_string(const Checksum& checksum) {
  std::string text;
  text.reserve(2 * checksum.size());
  for (std::uint8_t byte : checksum) append_hex(text, byte);
  return text;
}

std::string_view name_of(Refusal refusal) {
  switch (refusal) {
    case Refusal::kNone:
      return "";
    case Refusal::kNotFound:
      return "not_found";
    case Refusal::kConflict:
      return "conflict";
    case Refusal::kNoRows:
      return "no_rows";
    case Refusal::kInvalid:
      return "invalid";
    case Refusal::kRateLimited:
      return "rate_limited";
  }
  return "unknown";
}

std::string_view name_of(Platform platform) {
  switch (platform) {
    case Platform::kDarwin:
      return "darwin";
    case Platform::kIos:
      return "ios";
    case Platform::kIpados:
      return "ipados";
    case Platform::kWindows:
      return "windows";
  }
  return "unknown";
}

std::string_view name_of(DeliveryStatus status) {
  switch (status) {
    case DeliveryStatus::kUnsent:
      return "null";
    case DeliveryStatus::kPending:
      return "pending";
    case DeliveryStatus::kVerifying:
      return "verifying";
    case DeliveryStatus::kVerified:
      return "verified";
    case DeliveryStatus::kFailed:
      return "failed";
  }
  return "unknown";
}

std::string_view name_of(Operation operation) {
  switch (operation) {
    case Operation::kInstall:
      return "install";
    case Operation::kRemove:
      return "remove";
  }
  return "unknown";
}

std::string_view name_of(Scope scope) {
  switch (scope) {
    case Scope::kSystem:
      return "System";
    case Scope::kUser:
      return "User";
  }
  return "unknown";
}

std::string_view name_of(PendingCommand::Kind kind) {
  switch (kind) {
    case PendingCommand::Kind::kSend:
      return "send";
    case PendingCommand::Kind::kCancel:
      return "cancel";
  }
  return "unknown";
}

std::string_view name_of(LabelMembership membership) {
  switch (membership) {
    case LabelMembership::kDynamic:
      return "dynamic";
    case LabelMembership::kManual:
      return "manual";
    case LabelMembership::kHostVitals:
      return "host_vitals";
  }
  return "unknown";
}

std::optional<Platform> platform_of(std::string_view name) {
  for (Platform platform :
       {Platform::kDarwin, Platform::kIos, Platform::kIpados, Platform::kWindows}) {
    if (name == name_of(platform)) return platform;
  }
  return std::nullopt;
}

std::optional<DeliveryStatus> delivery_status_of(std::string_view name) {
  for (DeliveryStatus status : {DeliveryStatus::kPending, DeliveryStatus::kVerifying,
                                DeliveryStatus::kVerified, DeliveryStatus::kFailed}) {
    if (name == name_of(status)) return status;
  }
  return std::nullopt;
}

}  // namespace muster
