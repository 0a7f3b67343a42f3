// Writing recordings (docs/recording.md).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "muster/event.h"
#include "muster/recording.h"
#include "muster/status.h"

namespace muster {

enum class RecordingForm : std::uint8_t { kText, kBinary };

/// Of the whole file. Frames of a binary recording that is not compressed as a whole are compressed
/// one by one.
enum class RecordingCompression : std::uint8_t { kNone, kGzip, kZstd };

struct RecordingWriterOptions {
  RecordingForm form = RecordingForm::kText;
  RecordingCompression compression = RecordingCompression::kNone;
  bool replace = false;  ///< a file of that name; otherwise it is an error
};

/// Writes one recording. The file stands under a temporary name beside its own until close(), and
/// is gone if close() is never called. Not safe from two threads at once.
class RecordingWriter {
 public:
  /// "-" is the standard output; it, pipes and devices are written directly. `header.id` must have
  /// 1 to kIdBytesMax bytes. Text gets no header line where readers find the same id and first
  /// event without one.
  static Result<RecordingWriter> create(const std::filesystem::path& path,
                                        const RecordingHeader& header,
                                        const RecordingWriterOptions& options = {});
  RecordingWriter(RecordingWriter&&) noexcept;
  RecordingWriter& operator=(RecordingWriter&&) noexcept;
  ~RecordingWriter();

  /// The next event; numbers follow from header.first_event. Text holds no origins: a bare pass
  /// gets its origin as uuid_seed there.
  Status append(const Event& event, const std::optional<EventOrigin>& origin = {});

  /// Writes what is left, syncs, and gives the file its name. Call it to hear of errors.
  Status close();

  class Impl;
  explicit RecordingWriter(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace muster
