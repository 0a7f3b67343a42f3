#include "tests/support/places.h"

namespace muster::test {

const std::string& source_dir() {
  static const std::string kFolder = MUSTER_SOURCE_DIR;
  return kFolder;
}

const std::string& tool_file() {
  static const std::string kFile = MUSTER_TOOL;
  return kFile;
}

}  // namespace muster::test
