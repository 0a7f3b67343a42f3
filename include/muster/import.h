// Recordings of other systems (docs/recordings.md): read as events, and replayed.
//
// Such recordings have no numbers, come in any order, overlap, and tell only a part: devices'
// answers without the commands, lists of profiles without a catalog. An import puts what they state
// in order of time, adds what they leave out (hosts, passes of the reconciler), and gives each
// event a key by which a store takes it once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "muster/recording.h"
#include "muster/store.h"

namespace muster {

enum class RecordingFormat : std::uint8_t {
  kCanonical = 1,     ///< our own, text or binary (muster/recording.h)
  kMdmWebhook = 2,    ///< NanoMDM's, NanoHUB's and MicroMDM's webhook events
  kMdmMessage = 3,    ///< property lists of devices, single or one behind the other
  kOsqueryWrite = 4,  ///< bodies of osquery's distributed/write
  kOsqueryLog = 5,    ///< osquery's result log and bodies of its TLS logger
  kFleet = 6,         ///< answers of Fleet's API
  kNanomdmRows = 7,   ///< rows of NanoMDM's command tables
};

std::string_view name_of(RecordingFormat format);  ///< "mdm_webhook"
std::optional<RecordingFormat> recording_format_of(std::string_view name);

/// The files that paths stand for, in the order of the paths: a folder for all files in it and
/// deeper, in order of names, without hidden ones (a name that begins with a dot). A folder without
/// files is kInvalidArgument.
Result<std::vector<std::filesystem::path>> files_in(std::span<const std::filesystem::path> paths);

/// Tells a file's format by its first documents. Nothing: by none of them. Of a folder, by its
/// first file in order of names; not for pipes.
Result<std::optional<RecordingFormat>> detect_format(const std::filesystem::path& path,
                                                     const RecordingLimits& limits = {});

/// What documents of foreign formats may hold, beside RecordingLimits. One that passes a limit is
/// unreadable; the others are read on.
struct ImportLimits : RecordingLimits {
  std::size_t plist_bytes_max = 4u << 20;          ///< of a property list in XML
  std::size_t binary_plist_bytes_max = 64u << 10;  ///< of a binary one
};

/// A document, or a part of one, that could not be read. Told when it is met.
struct UnreadDocument {
  std::string source;        ///< the file
  std::uint64_t offset = 0;  ///< in the expanded content
  std::uint64_t length = 0;  ///< bytes
  Digest hash;               ///< XXH3-128 of them; all zero for one that was too long to keep
  std::string reason;        ///< without text of the document
  std::string_view bytes;    ///< valid during the call; empty for one that was too long to keep
};

struct ImportOptions {
  ImportLimits limits = {};
  /// Of all files but catalogs and commands. Nothing: each file's is detected.
  std::optional<RecordingFormat> format;
  /// Teams, profiles, labels and hosts: canonical recordings or answers of Fleet's API. At equal
  /// times they come first; what has no time comes before everything.
  std::vector<std::filesystem::path> catalogs;
  /// Which command installs or removes what: canonical recordings (their passes), answers of
  /// Fleet's API, or rows of NanoMDM's tables. Kept in memory as a whole.
  std::vector<std::filesystem::path> commands;
  /// Lines {"name":"...","host_uuid":"..."}: hosts that go by node keys or other identifiers. A
  /// file's own name may stand there, too, for files that do not say whose they are. Empty: none.
  std::filesystem::path host_map;
  /// Of statements before which nothing told a time. Nothing: the first time that any file tells.
  std::optional<Timestamp> begin;
  /// Go on behind damage in our own recordings, each event that is lost being unreadable.
  bool skip_damaged = false;
  /// Statements of a file that are put in order with each other. One that comes later than that is
  /// told with the time of the one before it.
  std::size_t order_window = 8192;
  /// Called for what could not be read, from the thread that reads; an error of it ends the import.
  std::function<Status(const UnreadDocument&)> on_unread = {};
};

/// What an import met beside events, and what it had to add.
struct ImportNotes {
  std::map<std::string, RecordingFormat> files;  ///< each file's format
  std::uint64_t documents = 0;
  std::uint64_t statements = 0;                      ///< events that documents state
  std::map<std::string, std::uint64_t> passed_over;  ///< what says nothing of profiles, by kind
  std::map<std::string, std::uint64_t> noted;        ///< what was taken in a way worth to know
  std::uint64_t unreadable = 0;
  std::vector<UnreadDocument> first_unreadable;  ///< at most kRejectedShown, without bytes
  std::uint64_t hosts_introduced = 0;            ///< that nobody told of before they said something
  std::uint64_t passes_made = 0;                 ///< because no recording told of passes
  std::uint64_t times_made = 0;                  ///< statements without a time of their own
  std::uint64_t times_raised = 0;                ///< statements out of order beyond the window
  std::uint64_t commands_known = 0;              ///< of ImportOptions::commands
  std::uint64_t commands_unresolved = 0;  ///< of them: of no profile that any catalog tells of
};

/// The next event of an import.
struct ImportedEvent {
  Event event;
  StatementKey statement;
  const std::string* file = nullptr;  ///< that states it; null for one that was added
  std::uint64_t offset = 0;           ///< there, of its document
};

/// Reads recordings as one stream of events, in order of time. Not safe from two threads at once.
class ImportReader {
 public:
  /// Folders stand for all files in them, deeper ones included, in order of names. "-" is the
  /// standard input.
  static Result<ImportReader> open(std::span<const std::filesystem::path> files,
                                   ImportOptions options);
  ImportReader(ImportReader&&) noexcept;
  ImportReader& operator=(ImportReader&&) noexcept;
  ~ImportReader();

  /// 32 hex digits that name the stream: of each file's first MiB and its size.
  const std::string& id() const;
  /// The next event, valid until the next call and the caller's to move from; null at the end.
  /// Where a file is cut or damaged, everything that could be read comes first, then the error.
  Result<ImportedEvent*> next();
  const ImportNotes& notes() const;
  std::uint64_t bytes_read() const;   ///< of all files, as they are stored
  std::uint64_t bytes_total() const;  ///< 0: not known, as of a pipe

  class Impl;
  explicit ImportReader(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> impl_;
};

/// Leaves out what a stream says twice, as a store does that takes events by their keys. For
/// writing an import as a canonical recording. Keeps up to 64 keys a host.
class RepeatFilter {
 public:
  RepeatFilter();
  RepeatFilter(RepeatFilter&&) noexcept;
  RepeatFilter& operator=(RepeatFilter&&) noexcept;
  ~RepeatFilter();
  /// Whether the event is to be taken.
  bool take(const ImportedEvent& imported);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

struct ImportReport : ReplayReport {
  ImportNotes notes;
  /// Commands that devices answered and that nobody told of, in the order of their answers: at most
  /// kRejectedShown. Their number is by_type["command_result"][kUnknownCommand].
  std::vector<std::string> unknown_commands;
};

/// Replays recordings of any format as one stream. Feeding what was fed before changes nothing.
/// Stops at the first storage error; everything applied before stays.
Result<ImportReport> replay(Store& store, std::span<const std::filesystem::path> files,
                            const ImportOptions& import, const ReplayOptions& options,
                            const std::function<void(const ReplayProgress&)>& progress);

}  // namespace muster
