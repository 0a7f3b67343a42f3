#include "muster/status.h"

#include <utility>

namespace muster {

std::string_view name_of(StatusCode code) {
  switch (code) {
    case StatusCode::kOk:
      return "ok";
    case StatusCode::kInvalidArgument:
      return "invalid_argument";
    case StatusCode::kNotFound:
      return "not_found";
    case StatusCode::kBusy:
      return "busy";
    case StatusCode::kCorruption:
      return "corruption";
    case StatusCode::kIoError:
      return "io_error";
    case StatusCode::kFormatTooNew:
      return "format_too_new";
    case StatusCode::kNotAStore:
      return "not_a_store";
    case StatusCode::kPolicyMismatch:
      return "policy_mismatch";
    case StatusCode::kReadOnly:
      return "read_only";
    case StatusCode::kClosed:
      return "closed";
    case StatusCode::kBadInput:
      return "bad_input";
    case StatusCode::kLimit:
      return "limit";
    case StatusCode::kEventsLost:
      return "events_lost";
  }
  return "unknown";
}

Status::Status(StatusCode code, std::string message) {
  if (code != StatusCode::kOk) {
    error_ = std::make_shared<const Error>(Error{code, std::move(message)});
  }
}

std::string Status::to_string() const {
  if (ok()) return "ok";
  std::string text(name_of(error_->code));
  text += ": ";
  text += error_->message;
  return text;
}

}  // namespace muster
