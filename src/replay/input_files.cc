// Which files a name stands for.
#include <algorithm>
#include <system_error>

#include "muster/import.h"

namespace muster {
namespace fs = std::filesystem;

namespace {

bool is_hidden(const fs::path& path) {
  return path.filename().native().front() == '.';
}

/// Appends the files of one folder.
Status add_folder(const fs::path& folder, std::vector<fs::path>& files) {
  std::error_code error;
  const auto before = static_cast<std::ptrdiff_t>(files.size());
  fs::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (is_hidden(entry->path())) {
      if (entry->is_directory(error)) entry.disable_recursion_pending();
    } else if (entry->is_regular_file(error)) {
      files.push_back(entry->path());
    }
  }
  if (error) {
    return {StatusCode::kIoError, folder.string() + ": cannot be listed: " + error.message()};
  }
  if (files.begin() + before == files.end()) {
    return {StatusCode::kInvalidArgument, folder.string() + ": there are no files in this folder"};
  }
  std::sort(files.begin() + before, files.end());
  return {};
}

}  // namespace

Result<std::vector<fs::path>> files_in(std::span<const fs::path> paths) {
  std::vector<fs::path> files;
  for (const fs::path& path : paths) {
    std::error_code error;
    if (path == "-" || !fs::is_directory(path, error)) {
      files.push_back(path);
    } else if (Status added = add_folder(path, files); !added.ok()) {
      return added;
    }
  }
  return files;
}

}  // namespace muster
