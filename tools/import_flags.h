// Options of the commands that read recordings of other systems.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "muster/import.h"
#include "muster/status.h"
#include "tools/quarantine_file.h"

namespace CLI {
class App;
}  // namespace CLI

namespace muster::tool {

struct ImportFlags {
  ImportOptions options;
  std::filesystem::path quarantine;
  bool quarantine_bytes = false;
};

void add_import_flags(CLI::App& command, ImportFlags& flags);

/// Whether the files are to be read as one stream: one of them is of another format than our own,
/// or there are catalogs or commands. Where they are not, folders among them give way to the files
/// in them. Errors name a file that cannot be read at all, or is nothing that Muster knows.
Result<bool> is_import(std::vector<std::filesystem::path>& files, const ImportFlags& flags);

/// The options with the limits of `reading`. What cannot be read goes to `quarantine`, which must
/// live as long, where a file was named for it.
Result<ImportOptions> import_options(const ImportFlags& flags, const RecordingOptions& reading,
                                     QuarantineFile& quarantine);

}  // namespace muster::tool
