#include "tests/support/fast_dir.h"

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <system_error>

namespace muster::test {

FastDir::FastDir() {
  for (const std::filesystem::path& base :
       {std::filesystem::path("/dev/shm"), std::filesystem::temp_directory_path()}) {
    std::string pattern = (base / "muster-test-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) continue;
    path_ = pattern;
    return;
  }
  throw std::runtime_error("cannot make a folder for a test");
}

FastDir::~FastDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace muster::test
