#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "base/hash.h"
#include "codec/ndjson_reader.h"
#include "codec/recording_frame.h"
#include "muster/recording.h"
#include "replay/decode_queue.h"
#include "replay/frame_cutter.h"
#include "replay/text_cutter.h"

namespace muster {
namespace {

using recording::InputWindow;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::int64_t kVersion = 1;
/// What names a text without a header, and where a header is looked for.
constexpr std::size_t kBeginBytes = 1U << 20;
/// A text has no zero byte in these; a binary recording whose first bytes are damaged has.
constexpr std::size_t kZeroFreeBytes = 32;

Status unusable(const std::string& name, const std::string& problem) {
  return {StatusCode::kBadInput, name + ": the header cannot be used: " + problem};
}

Status check_id(const std::string& name, const std::string& id) {
  if (!id.empty() && id.size() <= kIdBytesMax) return {};
  return unusable(name, "id: must have 1 to " + std::to_string(kIdBytesMax) + " bytes");
}

/// Takes the header frame.
Status begin_binary(InputWindow& window, const RecordingLimits& limits, RecordingHeader& header) {
  const std::string& name = window.source().name();
  codec::FrameView frame = codec::look_at_frame(window.ahead(), limits.frame_bytes_max);
  if (frame.state == codec::FrameState::kCut) {
    window.fill(frame.bytes);
    frame = codec::look_at_frame(window.ahead(), limits.frame_bytes_max);
  }
  if (frame.state != codec::FrameState::kWhole) {
    return unusable(name, frame.problem.empty() ? "it is cut" : std::string(frame.problem));
  }
  if (frame.kind != codec::FrameKind::kHeader) return unusable(name, "it is missing");
  Result<RecordingHeader> read = codec::FrameDecoder(limits).decode_header(frame);
  if (!read.ok()) return unusable(name, std::string(read.status().message()));
  header = *std::move(read);
  window.pass(frame.bytes);
  return check_id(name, header.id);
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

/// Takes a header, if the first line that is not blank is one; `lines` were passed then.
Status begin_text(InputWindow& window, const RecordingLimits& limits, RecordingHeader& header,
                  std::uint64_t& lines) {
  const std::string_view content = window.ahead().substr(0, kBeginBytes);
  header.id = to_string(base::hash128(content));
  std::size_t at = content.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  window.pass(at);
  std::string_view line;
  std::uint64_t number = 0;
  do {
    if (at >= content.size()) return {};
    const std::size_t feed = content.find('\n', at);
    line = content.substr(at, feed - at);
    at = feed == std::string_view::npos ? content.size() : feed + 1;
    ++number;
  } while (is_blank(line));
  std::optional<codec::Header> read;
  std::string problem;
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (!codec::NdjsonReader(limits).parse_header(line, read, problem)) return {};
  const std::string& name = window.source().name();
  if (!read) return unusable(name, problem);
  if (read->version != kVersion) {
    return unusable(name, "version " + std::to_string(read->version) +
                              " is not one that this Muster reads (1)");
  }
  if (read->first_event == 0) return unusable(name, "first_event: events are numbered from 1");
  const bool byte_order_mark = content.starts_with(kByteOrderMark);
  window.pass(at - (byte_order_mark ? kByteOrderMark.size() : 0));
  lines = number;
  if (read->id) header.id = *std::move(read->id);
  header.recorder = std::move(read->recorder).value_or("");
  header.first_event = read->first_event.value_or(1);
  return check_id(name, header.id);
}

}  // namespace

class RecordingReader::Impl {
 public:
  Status open(const std::filesystem::path& path, const RecordingOptions& options) {
    auto source = recording::ByteSource::open(path, options.limits);
    if (!source.ok()) return source.status();
    stored_bytes_total_ = (*source)->stored_bytes_total();
    const std::string name = (*source)->name();
    InputWindow window(*std::move(source));
    window.fill(kBeginBytes);
    if (window.ahead().empty() && !window.source().status().ok()) return window.source().status();
    std::unique_ptr<recording::ChunkCutter> cutter;
    if (window.ahead().starts_with(codec::kFrameMagic)) {
      if (Status begun = begin_binary(window, options.limits, header_); !begun.ok()) return begun;
      cutter = std::make_unique<recording::FrameCutter>(std::move(window), header_, options.limits);
      binary_ = true;
    } else {
      if (window.ahead().substr(0, kZeroFreeBytes).find('\0') != std::string_view::npos) {
        return {StatusCode::kBadInput,
                name + ": neither text nor a binary recording; its first bytes may be damaged"};
      }
      if (Status begun = begin_text(window, options.limits, header_, lines_); !begun.ok()) {
        return begun;
      }
      cutter =
          std::make_unique<recording::TextCutter>(std::move(window), options.limits.line_bytes_max);
    }
    line_bytes_max_ = options.limits.line_bytes_max;
    number_ = header_.first_event - 1;
    queue_.emplace(std::move(cutter), name, options);
    return {};
  }

  const RecordingHeader& header() const { return header_; }

  Result<RecordedEvent*> next() {
    taking_ = true;
    while (index_ == current_.events.size()) {
      if (last_) {
        if (!end_.ok()) return end_;
        return nullptr;
      }
      take();
    }
    return &current_.events[index_++];
  }

  Result<std::uint64_t> skip(std::uint64_t count) {
    std::uint64_t skipped = 0;
    while (!taking_ && skipped < count && !last_) {
      recording::Chunk chunk = queue_->cut();
      const std::uint64_t entries = recording::count_entries(chunk, line_bytes_max_);
      chunk.skip = std::min(entries, count - skipped);
      skipped += chunk.skip;
      if (chunk.skip < entries || chunk.last) {
        taking_ = true;
        queue_->put_back(std::move(chunk));
      } else {
        pass(chunk, entries);
      }
    }
    while (taking_ && skipped < count) {
      const Result<RecordedEvent*> event = next();
      if (!event.ok()) return event.status();
      if (*event == nullptr) break;
      ++skipped;
    }
    return skipped;
  }

  const std::vector<std::string>& damage() const { return damage_; }
  std::uint64_t stored_bytes_read() const { return stored_bytes_read_; }
  std::uint64_t stored_bytes_total() const { return stored_bytes_total_; }

 private:
  /// Counts a chunk that was not decoded.
  void pass(const recording::Chunk& chunk, std::uint64_t entries) {
    stored_bytes_read_ = chunk.stored_bytes_read;
    if (binary_) return;
    number_ += entries;
    const std::string_view text = chunk.bytes.text();
    lines_ += static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
    lines_ += chunk.long_line_bytes > 0 ? 1 : 0;
  }

  void take() {
    current_ = queue_->take(std::move(current_.events));
    index_ = 0;
    last_ = current_.last;
    end_ = current_.end;
    stored_bytes_read_ = current_.stored_bytes_read;
    std::move(current_.damage.begin(), current_.damage.end(), std::back_inserter(damage_));
    if (binary_) return;
    for (RecordedEvent& event : current_.events) {
      event.number += number_;
      event.line += lines_;
    }
    number_ += current_.entries;
    lines_ += current_.lines;
  }

  RecordingHeader header_;
  bool binary_ = false;
  std::size_t line_bytes_max_ = 0;
  std::optional<recording::DecodeQueue> queue_;
  bool taking_ = false;  ///< chunks are decoded from here on
  recording::Decoded current_;
  std::size_t index_ = 0;
  bool last_ = false;
  Status end_;
  std::uint64_t number_ = 0;  ///< of the last event before the current chunk, in text
  std::uint64_t lines_ = 0;
  std::uint64_t stored_bytes_read_ = 0;
  std::uint64_t stored_bytes_total_ = 0;
  std::vector<std::string> damage_;
};

Result<RecordingReader> RecordingReader::open(const std::filesystem::path& path,
                                              const RecordingOptions& options) {
  if (options.threads == 0 || options.threads > kRecordingThreadsMax) {
    return Status(StatusCode::kInvalidArgument,
                  "threads must be 1 to " + std::to_string(kRecordingThreadsMax));
  }
  auto impl = std::make_unique<Impl>();
  if (Status opened = impl->open(path, options); !opened.ok()) return opened;
  return RecordingReader(std::move(impl));
}

RecordingReader::RecordingReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RecordingReader::RecordingReader(RecordingReader&&) noexcept = default;
RecordingReader& RecordingReader::operator=(RecordingReader&&) noexcept = default;
RecordingReader::~RecordingReader() = default;

const std::string& RecordingReader::id() const {
  return impl_->header().id;
}
const RecordingHeader& RecordingReader::header() const {
  return impl_->header();
}
Result<RecordedEvent*> RecordingReader::next() {
  return impl_->next();
}
Result<std::uint64_t> RecordingReader::skip(std::uint64_t count) {
  return impl_->skip(count);
}
const std::vector<std::string>& RecordingReader::damage() const {
  return impl_->damage();
}
std::uint64_t RecordingReader::bytes_read() const {
  return impl_->stored_bytes_read();
}
std::uint64_t RecordingReader::bytes_total() const {
  return impl_->stored_bytes_total();
}

}  // namespace muster
