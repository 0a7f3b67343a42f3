// Where documents are listed that could not be read.
#pragma once

#include <filesystem>

#include "muster/import.h"
#include "muster/status.h"
#include "tools/line_file.h"

namespace muster::tool {

/// One JSON line a document: {"source","offset","length","hash","reason"}, and "bytes" in base64
/// where they are asked for. Only its owner may read it. Lines are appended to an existing file.
class QuarantineFile {
 public:
  Status open(const std::filesystem::path& path, bool with_bytes);
  Status append(const UnreadDocument& unread);

 private:
  LineFile lines_;
  bool with_bytes_ = false;
};

}  // namespace muster::tool
