// Which files a name on the command line stands for.
#pragma once

#include <filesystem>
#include <vector>

#include "muster/status.h"

namespace muster::recording {

/// Appends `path`; where it is a folder, all files in it and deeper, in order of names, without
/// hidden ones (a name that begins with a dot). A folder without files is kInvalidArgument.
Status add_files(const std::filesystem::path& path, std::vector<std::filesystem::path>& files);

}  // namespace muster::recording
