#include "tools/import_flags.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string>
#include <system_error>

#include "tools/choice.h"

namespace muster::tool {

namespace {

namespace fs = std::filesystem;

bool any_given(const ImportFlags& flags) {
  const ImportOptions& options = flags.options;
  return options.format || !options.catalogs.empty() || !options.commands.empty() ||
         !options.host_map.empty() || options.begin || !flags.quarantine.empty();
}

}  // namespace

void add_import_flags(CLI::App& command, ImportFlags& flags) {
  ImportOptions& options = flags.options;
  constexpr const char* kGroup = "Recordings of other systems";
  std::vector<std::pair<std::string_view, RecordingFormat>> formats;
  for (int number = 1; number <= static_cast<int>(RecordingFormat::kNanomdmRows); ++number) {
    const auto format = static_cast<RecordingFormat>(number);
    formats.emplace_back(name_of(format), format);
  }
  std::string words;
  for (const auto& [word, format] : formats)
    words += (words.empty() ? "" : ", ") + std::string(word);
  add_choice<RecordingFormat>(command, "--format", options.format, std::move(formats),
                              "What the files are, where their content does not tell: " + words)
      ->type_name("FORMAT")
      ->group(kGroup);
  command
      .add_option("--catalog", options.catalogs,
                  "Teams, profiles, labels and hosts: Fleet's API answers or canonical events")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->group(kGroup);
  command
      .add_option("--commands", options.commands,
                  "Which command carried which profile: Fleet's or NanoMDM's records, or canonical "
                  "passes")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->group(kGroup);
  command
      .add_option("--host-map", options.host_map,
                  R"(Lines {"name":...,"host_uuid":...} for node keys, host names and files)")
      ->type_name("FILE")
      ->group(kGroup);
  command
      .add_option_function<std::string>(
          "--begin",
          [&options](const std::string& text) {
            options.begin = parse_time(text);
            if (!options.begin) {
              throw CLI::ValidationError("--begin", fmt::format("'{}' is no time, as "
                                                                "2026-02-03T17:00:00Z is",
                                                                text));
            }
          },
          "When it begins, for what has no time. Default: the first time that is told")
      ->type_name("TIME")
      ->group(kGroup);
  command
      .add_option("--quarantine", flags.quarantine,
                  "List what cannot be read: source, offset, length, hash, reason")
      ->type_name("FILE")
      ->group(kGroup);
  command
      .add_flag("--quarantine-bytes", flags.quarantine_bytes,
                "Keep its bytes there, too, which may hold secrets")
      ->group(kGroup);
}

Result<bool> is_import(const std::vector<fs::path>& files, const ImportFlags& flags) {
  if (flags.quarantine_bytes && flags.quarantine.empty()) {
    return Status(StatusCode::kInvalidArgument, "--quarantine-bytes needs --quarantine FILE");
  }
  if (any_given(flags)) return true;
  for (const fs::path& file : files) {
    std::error_code error;
    const fs::file_status found = fs::status(file, error);
    if (file == "-" || (fs::exists(found) && fs::is_other(found))) continue;
    const auto format = detect_format(file, flags.options.limits);
    if (!format.ok()) return format.status();
    if (fs::is_directory(found)) return true;
    // What is of no known format is our own, damaged: its reader says what is wrong.
    if (*format && **format != RecordingFormat::kCanonical) return true;
  }
  return false;
}

Result<ImportOptions> import_options(const ImportFlags& flags, const RecordingOptions& reading,
                                     QuarantineFile& quarantine) {
  ImportOptions options = flags.options;
  std::vector<fs::path> beside = options.catalogs;
  beside.insert(beside.end(), options.commands.begin(), options.commands.end());
  if (!options.host_map.empty()) beside.push_back(options.host_map);
  for (const fs::path& file : beside) {
    std::error_code error;
    if (file != "-" && !fs::exists(file, error)) {
      return Status(StatusCode::kNotFound, file.string() + ": there is no such file");
    }
  }
  static_cast<RecordingLimits&>(options.limits) = reading.limits;
  if (flags.quarantine.empty()) return options;
  if (Status opened = quarantine.open(flags.quarantine, flags.quarantine_bytes); !opened.ok()) {
    return opened;
  }
  options.on_unread = [&quarantine](const UnreadDocument& unread) {
    return quarantine.append(unread);
  };
  return options;
}

}  // namespace muster::tool
