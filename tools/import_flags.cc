#include "tools/import_flags.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <system_error>
#include <variant>

#include "tools/choice.h"

namespace muster::tool {

namespace {

namespace fs = std::filesystem;

/// As many lines tell whether a text has events.
constexpr int kLinesTried = 10'000;

/// The flag that only recordings of other systems have a use for.
const char* foreign_flag_given(const ImportFlags& flags) {
  if (!flags.options.host_map.empty()) return "--host-map";
  if (flags.options.begin) return "--begin";
  return flags.quarantine.empty() ? nullptr : "--quarantine";
}

/// A text without any event was hardly meant to be a recording of ours. Where it cannot be read to
/// its end, its reader says why.
Status expect_an_event(const fs::path& file, const RecordingLimits& limits) {
  RecordingOptions options;
  options.limits = limits;
  Result<RecordingReader> reader = RecordingReader::open(file, options);
  if (!reader.ok()) return {};
  for (int tried = 0; tried < kLinesTried; ++tried) {
    const Result<RecordedEvent*> next = reader->next();
    if (!next.ok() || (*next == nullptr && tried == 0)) return {};
    if (*next == nullptr) break;
    if (!std::holds_alternative<Unreadable>((*next)->event.body)) return {};
  }
  return {StatusCode::kBadInput,
          file.string() +
              ": none of its lines is an event, and it is of no other format that "
              "Muster knows; say what it is meant to be (--format)"};
}

/// Whether a file is a recording of ours. `named`: on the command line, not within a folder.
Result<bool> is_ours(const fs::path& file, const RecordingLimits& limits, bool named) {
  std::error_code error;
  const fs::file_status found = fs::status(file, error);
  if (file == "-" || (fs::exists(found) && fs::is_other(found))) return true;
  const auto format = detect_format(file, limits);
  if (!format.ok()) return format.status();
  if (*format) return **format == RecordingFormat::kCanonical;
  if (!named) return false;
  if (Status event = expect_an_event(file, limits); !event.ok()) return event;
  return true;
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

Result<bool> is_import(std::vector<fs::path>& files, const ImportFlags& flags) {
  if (flags.quarantine_bytes && flags.quarantine.empty()) {
    return Status(StatusCode::kInvalidArgument, "--quarantine-bytes needs --quarantine FILE");
  }
  const ImportOptions& options = flags.options;
  const auto told = options.format;
  if (told.value_or(RecordingFormat::kCanonical) != RecordingFormat::kCanonical) return true;
  if (!options.catalogs.empty() || !options.commands.empty()) return true;
  Result<std::vector<fs::path>> listed = files_in(files);
  if (!listed.ok()) return listed.status();
  for (const fs::path& file : *listed) {
    if (told) break;
    const bool named = std::find(files.begin(), files.end(), file) != files.end();
    const Result<bool> ours = is_ours(file, options.limits, named);
    if (!ours.ok()) return ours.status();
    if (!*ours) return true;
  }
  if (const char* flag = foreign_flag_given(flags)) {
    return Status(StatusCode::kInvalidArgument,
                  std::string(flag) +
                      " is for recordings of other systems, and all of these are "
                      "Muster's own");
  }
  files = *std::move(listed);
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
  options.skip_damaged = reading.skip_damaged;
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
