// Documents of other systems with secrets in them: none may be kept anywhere.
#pragma once

#include <string>
#include <string_view>

#include "muster/import.h"

namespace muster::test {

inline constexpr RecordingFormat kFormatsWithSecrets[] = {
    RecordingFormat::kMdmWebhook, RecordingFormat::kMdmMessage, RecordingFormat::kOsqueryWrite,
    RecordingFormat::kOsqueryLog, RecordingFormat::kFleet,      RecordingFormat::kNanomdmRows};

/// Documents with each secret key: valid, cut and of the wrong type. Adds to `planted` how many.
std::string with_secrets(RecordingFormat format, int& planted);

/// Where `text` has a planted secret or a payload, in plain or in base64: a piece of it. Else
/// empty.
std::string first_secret_in(std::string_view text);

}  // namespace muster::test
