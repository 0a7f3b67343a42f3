// Telling formats of documents apart.
#pragma once

#include <optional>
#include <string_view>

#include "muster/import.h"

namespace muster::codec {

/// By the begin of a document, which may be cut.
std::optional<RecordingFormat> format_of_document(std::string_view document);

}  // namespace muster::codec
