#include "replay/input_files.h"

#include <algorithm>
#include <system_error>

namespace muster::recording {
namespace fs = std::filesystem;

namespace {

bool is_hidden(const fs::path& path) {
  return path.filename().native().front() == '.';
}

}  // namespace

Status add_files(const fs::path& path, std::vector<fs::path>& files) {
  std::error_code error;
  if (path == "-" || !fs::is_directory(path, error)) {
    files.push_back(path);
    return {};
  }
  std::vector<fs::path> found;
  fs::recursive_directory_iterator entry(path, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (is_hidden(entry->path())) {
      if (entry->is_directory(error)) entry.disable_recursion_pending();
    } else if (entry->is_regular_file(error)) {
      found.push_back(entry->path());
    }
  }
  if (error) {
    return {StatusCode::kIoError, path.string() + ": cannot be listed: " + error.message()};
  }
  if (found.empty()) {
    return {StatusCode::kInvalidArgument, path.string() + ": there are no files in this folder"};
  }
  std::sort(found.begin(), found.end());
  files.insert(files.end(), found.begin(), found.end());
  return {};
}

}  // namespace muster::recording
