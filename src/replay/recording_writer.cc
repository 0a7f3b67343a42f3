#include "muster/recording_writer.h"

#include <string>
#include <utility>
#include <vector>

#include "base/contract.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "codec/json_text.h"
#include "codec/ndjson_writer.h"
#include "codec/recording_frame.h"
#include "replay/compressor.h"
#include "replay/output_file.h"

namespace muster {
namespace {

/// What names a text without a header.
constexpr std::size_t kNamingBytes = 1U << 20;
constexpr std::size_t kBlockBytes = 256U << 10;
/// What a frame may have, one large event excepted.
constexpr std::size_t kFrameEvents = 4096;
constexpr std::size_t kFrameBytes = 256U << 10;

std::string header_line(const RecordingHeader& header, bool with_id) {
  std::string line;
  codec::JsonObject object(line);
  object.text("type", "header");
  object.number("version", 1);
  if (with_id) object.text("id", header.id);
  if (!header.recorder.empty()) object.text("recorder", header.recorder);
  if (header.first_event != 1) object.raw("first_event") += std::to_string(header.first_event);
  object.close();
  line.push_back('\n');
  return line;
}

/// A bare pass with its origin as its seed; nothing for other events.
std::optional<Event> with_seed(const Event& event, const std::optional<EventOrigin>& origin) {
  const auto* pass = std::get_if<Reconciled>(&event.body);
  if (!origin || pass == nullptr || pass->commands || pass->uuid_seed) return std::nullopt;
  Reconciled seeded = *pass;
  seeded.uuid_seed = UuidSeed{origin->source, origin->number};
  return Event{event.at, std::move(seeded)};
}

}  // namespace

class RecordingWriter::Impl {
 public:
  Impl(RecordingHeader header, const RecordingWriterOptions& options)
      : header_(std::move(header)),
        options_(options),
        compressor_(recording::make_compressor(options.compression)) {}

  Status open(const std::filesystem::path& path) {
    name_ = path.string();
    if (header_.id.empty() || header_.id.size() > kIdBytesMax || header_.first_event == 0 ||
        !base::is_utf8(header_.id) || !base::is_utf8(header_.recorder)) {
      return {StatusCode::kInvalidArgument,
              name_ + ": the recording's id must have 1 to " + std::to_string(kIdBytesMax) +
                  " bytes, its texts must be UTF-8, and its events be numbered from 1"};
    }
    if (Status opened = file_.open(path, options_.replace); !opened.ok()) return opened;
    next_event_ = header_.first_event;
    if (options_.form == RecordingForm::kBinary) encoder_.append_header(block_, header_);
    return {};
  }

  Status append(const Event& event, const std::optional<EventOrigin>& origin) {
    if (!failure_.ok()) return failure_;
    failure_ = options_.form == RecordingForm::kText ? append_line(event, origin)
                                                     : append_entry(event, origin);
    return failure_;
  }

  Status close() {
    MUSTER_ASSERT(!closed_);
    closed_ = true;
    if (!failure_.ok()) return failure_;
    if (Status flushed = flush_frame(); !flushed.ok()) return flushed;
    if (options_.form == RecordingForm::kText && !begun_) begin_text();
    if (Status written = write_block(true); !written.ok()) return written;
    return file_.close();
  }

 private:
  Status append_line(const Event& event, const std::optional<EventOrigin>& origin) {
    const std::optional<Event> seeded = with_seed(event, origin);
    codec::append_event(block_, seeded ? *seeded : event);
    block_.push_back('\n');
    if (!begun_ && block_.size() < kNamingBytes) return {};
    if (!begun_) begin_text();
    return block_.size() < kBlockBytes ? Status() : write_block(false);
  }

  /// Puts a header in front of the first lines, unless readers name the file so without it.
  void begin_text() {
    begun_ = true;
    std::string bare;
    if (!header_.recorder.empty() || header_.first_event != 1) bare = header_line(header_, false);
    bare += block_;
    const std::string_view naming = std::string_view(bare).substr(0, kNamingBytes);
    if (to_string(base::hash128(naming)) == header_.id) {
      block_ = std::move(bare);
    } else {
      block_.insert(0, header_line(header_, true));
    }
  }

  Status append_entry(const Event& event, const std::optional<EventOrigin>& origin) {
    const std::size_t bytes = codec::packed_bytes_bound(event);
    if (frame_.size() == kFrameEvents || frame_bytes_ + bytes > kFrameBytes) {
      if (Status flushed = flush_frame(); !flushed.ok()) return flushed;
    }
    frame_bytes_ += bytes;
    frame_.push_back({event, origin});
    return {};
  }

  Status flush_frame() {
    if (frame_.empty()) return {};
    const auto compression =
        compressor_ == nullptr ? codec::FrameCompression::kZstd : codec::FrameCompression::kNone;
    Status appended = encoder_.append_events(block_, next_event_, frame_, compression);
    if (!appended.ok()) {
      return {appended.code(), name_ + ": event " +
                                   std::to_string(next_event_ + frame_.size() - 1) + ": " +
                                   std::string(appended.message())};
    }
    next_event_ += frame_.size();
    frame_.clear();
    frame_bytes_ = 0;
    return write_block(false);
  }

  Status write_block(bool last) {
    if (compressor_ == nullptr) {
      Status written = file_.write(block_);
      block_.clear();
      return written;
    }
    compressed_.clear();
    compressor_->compress(block_, last, compressed_);
    block_.clear();
    return file_.write(compressed_);
  }

  RecordingHeader header_;
  RecordingWriterOptions options_;
  std::string name_;
  recording::OutputFile file_;
  std::unique_ptr<recording::Compressor> compressor_;
  std::string compressed_;
  std::string block_;   ///< to be written
  bool begun_ = false;  ///< text: it is known whether there is a header
  codec::FrameEncoder encoder_;
  std::vector<codec::FrameEntry> frame_;
  std::size_t frame_bytes_ = 0;
  std::uint64_t next_event_ = 1;  ///< the first of frame_
  Status failure_;
  bool closed_ = false;
};

Result<RecordingWriter> RecordingWriter::create(const std::filesystem::path& path,
                                                const RecordingHeader& header,
                                                const RecordingWriterOptions& options) {
  auto impl = std::make_unique<Impl>(header, options);
  if (Status opened = impl->open(path); !opened.ok()) return opened;
  return RecordingWriter(std::move(impl));
}

RecordingWriter::RecordingWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RecordingWriter::RecordingWriter(RecordingWriter&&) noexcept = default;
RecordingWriter& RecordingWriter::operator=(RecordingWriter&&) noexcept = default;
RecordingWriter::~RecordingWriter() = default;

Status RecordingWriter::append(const Event& event, const std::optional<EventOrigin>& origin) {
  return impl_->append(event, origin);
}

Status RecordingWriter::close() {
  return impl_->close();
}

}  // namespace muster
