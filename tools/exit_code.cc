#include "tools/exit_code.h"

namespace muster::tool {

int exit_code_of(StatusCode code) {
  switch (code) {
    case StatusCode::kOk:
      return kExitFine;
    case StatusCode::kInvalidArgument:
    case StatusCode::kNotFound:
    case StatusCode::kPolicyMismatch:
    case StatusCode::kReadOnly:
      return kExitUsage;
    case StatusCode::kFormatTooNew:
    case StatusCode::kNotAStore:
    case StatusCode::kBadInput:
    case StatusCode::kLimit:
    case StatusCode::kEventsLost:
      return kExitBadData;
    case StatusCode::kBusy:
      return kExitBusy;
    case StatusCode::kCorruption:
    case StatusCode::kIoError:
    case StatusCode::kClosed:
      break;
  }
  return kExitStorage;
}

}  // namespace muster::tool
