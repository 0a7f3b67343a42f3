#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "muster/recording.h"
#include "muster/recording_writer.h"
#include "tools/choice.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/import_flags.h"
#include "tools/import_report.h"
#include "tools/progress.h"
#include "tools/quarantine_file.h"
#include "tools/recording_flags.h"
#include "tools/table.h"
#include "tools/terminal_text.h"

namespace muster::tool {

namespace {

struct ConvertSettings {
  std::vector<std::filesystem::path> files;
  std::filesystem::path target;
  std::optional<RecordingForm> form;
  std::optional<RecordingCompression> compression;
  bool force = false;
  RecordingOptions reading;
  ImportFlags import;
};

struct Converted {
  std::uint64_t events = 0;
  std::uint64_t unreadable = 0;
  std::vector<std::string> damage;
};

/// What was not said follows from the name: fleet.ndjson.zst, fleet.mrec.
Result<RecordingWriterOptions> writer_options(const ConvertSettings& settings) {
  RecordingWriterOptions options;
  options.replace = settings.force;
  std::filesystem::path name = settings.target.filename();
  if (name.extension() == ".gz") options.compression = RecordingCompression::kGzip;
  if (name.extension() == ".zst") options.compression = RecordingCompression::kZstd;
  if (options.compression != RecordingCompression::kNone) name = name.stem();
  options.compression = settings.compression.value_or(options.compression);
  const std::filesystem::path suffix = name.extension();
  if (settings.form) {
    options.form = *settings.form;
  } else if (suffix == ".mrec") {
    options.form = RecordingForm::kBinary;
  } else if (suffix != ".ndjson" && suffix != ".jsonl" && settings.target != "-") {
    return Status(StatusCode::kInvalidArgument,
                  fmt::format("{} does not end in .ndjson, .jsonl or .mrec: say --to text or --to "
                              "binary",
                              settings.target.native()));
  }
  return options;
}

class Conversion {
 public:
  Conversion(const ConvertSettings& settings, const RecordingWriterOptions& options,
             const Streams& streams)
      : settings_(settings), options_(options), bar_(streams.err, streams.progress) {}

  Result<Converted> run() {
    for (const std::filesystem::path& file : settings_.files) {
      if (Status status = convert_file(file); !status.ok()) return status;
    }
    if (Status closed = writer_->close(); !closed.ok()) return closed;
    return std::move(converted_);
  }

 private:
  Status convert_file(const std::filesystem::path& file) {
    Result<RecordingReader> reader = RecordingReader::open(file, settings_.reading);
    if (!reader.ok()) return reader.status();
    if (Status begun = begin(file, reader->header()); !begun.ok()) return begun;
    for (;;) {
      const Result<RecordedEvent*> next = reader->next();
      if (!next.ok()) return next.status();
      if (*next == nullptr) break;
      const RecordedEvent& recorded = **next;
      if (Status added = writer_->append(recorded.event, recorded.origin); !added.ok())
        return added;
      ++next_event_;
      ++converted_.events;
      if (std::holds_alternative<Unreadable>(recorded.event.body)) ++converted_.unreadable;
      bar_.update(reader->bytes_read(), reader->bytes_total(), converted_.events);
    }
    const std::vector<std::string>& damage = reader->damage();
    converted_.damage.insert(converted_.damage.end(), damage.begin(), damage.end());
    return {};
  }

  /// The first file names the recording; the others must go on where it ended.
  Status begin(const std::filesystem::path& file, const RecordingHeader& header) {
    if (!writer_) {
      Result<RecordingWriter> writer = RecordingWriter::create(settings_.target, header, options_);
      if (!writer.ok()) return writer.status();
      writer_ = *std::move(writer);
      id_ = header.id;
      next_event_ = header.first_event;
      return {};
    }
    if (header.id == id_ && header.first_event == next_event_) return {};
    return {StatusCode::kBadInput,
            fmt::format("{}: begins with event {} of {}, and not with event {} of {}, where the "
                        "file before it ended",
                        file.native(), header.first_event, header.id, next_event_, id_)};
  }

  const ConvertSettings& settings_;
  RecordingWriterOptions options_;
  Progress bar_;
  std::optional<RecordingWriter> writer_;
  std::string id_;
  std::uint64_t next_event_ = 1;
  Converted converted_;
};

/// One stream of events, without what it says twice.
Result<ImportNotes> convert_import(const ConvertSettings& settings, const ImportOptions& import,
                                   const RecordingWriterOptions& options, const Streams& streams,
                                   Converted& converted) {
  Result<ImportReader> reader = ImportReader::open(settings.files, import);
  if (!reader.ok()) return reader.status();
  RecordingHeader header;
  header.id = reader->id();
  Result<RecordingWriter> writer = RecordingWriter::create(settings.target, header, options);
  if (!writer.ok()) return writer.status();
  Progress bar(streams.err, streams.progress);
  RepeatFilter filter;
  for (;;) {
    const Result<ImportedEvent*> next = reader->next();
    if (!next.ok()) return next.status();
    if (*next == nullptr) break;
    if (!filter.take(**next)) continue;
    if (Status added = writer->append((*next)->event); !added.ok()) return added;
    ++converted.events;
    bar.update(reader->bytes_read(), reader->bytes_total(), converted.events);
  }
  if (Status closed = writer->close(); !closed.ok()) return closed;
  converted.unreadable = reader->notes().unreadable;
  return reader->notes();
}

int run_import(const ConvertSettings& settings, const RecordingWriterOptions& options,
               Invocation& invocation) {
  QuarantineFile quarantine;
  const Result<ImportOptions> import =
      import_options(settings.import, settings.reading, quarantine);
  if (!import.ok()) return fail(invocation, import.status());
  Converted converted;
  const Result<ImportNotes> notes =
      convert_import(settings, *import, options, invocation.streams, converted);
  if (!notes.ok()) return fail_writing(invocation, settings.target, notes.status());
  if (settings.target == "-") return kExitFine;
  invocation.streams.out << fmt::format("{} events\n", grouped(converted.events));
  print_notes(invocation.streams.out, *notes);
  return kExitFine;
}

int run_convert(ConvertSettings& settings, Invocation& invocation) {
  const Result<RecordingWriterOptions> options = writer_options(settings);
  if (!options.ok()) return fail(invocation, options.status());
  const Result<bool> foreign = is_import(settings.files, settings.import);
  if (!foreign.ok()) return fail(invocation, foreign.status());
  if (*foreign) return run_import(settings, *options, invocation);
  const Result<Converted> converted = Conversion(settings, *options, invocation.streams).run();
  if (!converted.ok()) return fail_writing(invocation, settings.target, converted.status());
  for (const std::string& damage : converted->damage) {
    invocation.streams.err << "muster convert: " << terminal_text(damage) << '\n';
  }
  if (settings.target == "-") return kExitFine;
  invocation.streams.out << fmt::format("{} events, {} of them unreadable\n",
                                        grouped(converted->events), grouped(converted->unreadable));
  return kExitFine;
}

}  // namespace

void add_convert(CLI::App& app, Invocation& invocation) {
  const auto settings = std::make_shared<ConvertSettings>();
  CLI::App& command = add_free_command(
      app, invocation, "convert",
      "Write a recording in another form. Several files must be parts of one, in order; of other "
      "systems they may be anything that replay takes.",
      [settings](Invocation& called) { return run_convert(*settings, called); });
  command
      .add_option("FILE", settings->files,
                  "Recordings of any format, or folders of them; - is the standard input")
      ->required()
      ->type_name("");
  command.add_option("-o", settings->target, "The file to write; - is the standard output")
      ->required()
      ->type_name("FILE");
  add_choice<RecordingForm>(command, "--to", settings->form,
                            {{"text", RecordingForm::kText},
                             {"canonical", RecordingForm::kText},
                             {"binary", RecordingForm::kBinary}},
                            "text (or canonical, the same) or binary; default: text for .ndjson, "
                            ".jsonl and -, binary for .mrec")
      ->type_name("FORM");
  add_choice<RecordingCompression>(command, "--compress", settings->compression,
                                   {{"none", RecordingCompression::kNone},
                                    {"gzip", RecordingCompression::kGzip},
                                    {"zstd", RecordingCompression::kZstd}},
                                   "none, gzip or zstd; default: gzip for .gz, zstd for .zst")
      ->type_name("WAY");
  command.add_flag("--force", settings->force, "Replace a file of that name");
  add_recording_flags(command, settings->reading);
  add_import_flags(command, settings->import);
}

}  // namespace muster::tool
