#include <utility>

#include "base/hash.h"
#include "codec/ndjson_reader.h"
#include "muster/recording.h"
#include "replay/line_reader.h"

namespace muster {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kZstdMagic = "\x28\xB5\x2F\xFD";
constexpr std::string_view kGzipMagic = "\x1F\x8B";
constexpr std::int64_t kVersion = 1;

Status compressed(const std::string& path, std::string_view format, std::string_view command) {
  std::string message = path + ": compressed with ";
  message.append(format).append("; decompress it into a file first: ");
  message.append(command).append(" FILE > recording.ndjson");
  return {StatusCode::kBadInput, message};
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

class RecordingReader::Impl {
 public:
  Impl(std::string path, const RecordingLimits& limits, recording::LineReader lines)
      : path_(std::move(path)), limits_(limits), lines_(std::move(lines)) {}

  Status begin() {
    const std::string_view content = lines_.ahead();
    if (content.starts_with(kZstdMagic)) return compressed(path_, "zstd", "zstd -dc");
    if (content.starts_with(kGzipMagic)) return compressed(path_, "gzip", "gzip -dc");
    id_ = to_string(base::hash128(content.substr(0, recording::LineReader::kBlockBytes)));
    if (content.starts_with(kByteOrderMark)) lines_.pass(kByteOrderMark.size());
    Result<bool> found = find_entry();
    if (!found.ok()) return found.status();
    held_ = *found;
    return held_ ? take_header() : Status();
  }

  const std::string& id() const { return id_; }

  Result<std::optional<RecordedEvent>> next() {
    const Result<bool> found = next_entry();
    if (!found.ok()) return found.status();
    if (!*found) return std::optional<RecordedEvent>();
    RecordedEvent recorded{++number_, line_number_, {}};
    recorded.event = parse();
    return std::optional(std::move(recorded));
  }

  Result<std::uint64_t> skip(std::uint64_t count) {
    std::uint64_t skipped = 0;
    while (skipped < count) {
      const Result<bool> found = next_entry();
      if (!found.ok()) return found.status();
      if (!*found) break;
      ++number_;
      ++skipped;
    }
    return skipped;
  }

  std::uint64_t bytes_read() const { return lines_.bytes_passed(); }
  std::uint64_t bytes_total() const { return lines_.bytes_total(); }

 private:
  Result<bool> next_entry() {
    if (std::exchange(held_, false)) return true;
    return find_entry();
  }

  /// Puts the next line that is not blank into `line_`; false at the end.
  Result<bool> find_entry() {
    for (;;) {
      Result<bool> found = lines_.next(line_);
      if (!found.ok() || !*found) return found;
      ++line_number_;
      if (line_.too_long || !is_blank(line_.text)) return true;
    }
  }

  Status take_header() {
    std::optional<codec::Header> header;
    std::string problem;
    if (line_.too_long || !parser_.parse_header(line_.text, header, problem)) return {};
    held_ = false;
    if (!header) return bad_header(problem);
    if (header->version != kVersion) {
      return bad_header("version " + std::to_string(header->version) +
                        " is not one that this Muster reads (1)");
    }
    if (!header->id) return {};
    if (header->id->empty() || header->id->size() > kIdBytesMax) {
      return bad_header("id: must have 1 to " + std::to_string(kIdBytesMax) + " bytes");
    }
    id_ = *std::move(header->id);
    return {};
  }

  Status bad_header(const std::string& problem) const {
    return {StatusCode::kBadInput, path_ + ": the header cannot be used: " + problem};
  }

  Event parse() {
    if (line_.too_long) {
      return {{},
              Unreadable{"the line is longer than the limit of " +
                         std::to_string(limits_.line_bytes_max) + " bytes"}};
    }
    Event event = parser_.parse_padded(line_.text);
    auto* unreadable = std::get_if<Unreadable>(&event.body);
    if (unreadable != nullptr && !line_.ended && parser_.was_broken()) {
      unreadable->reason.insert(0, "the last line is cut: ");
    }
    return event;
  }

  std::string path_;
  RecordingLimits limits_;
  recording::LineReader lines_;
  codec::NdjsonReader parser_;
  std::string id_;
  recording::Line line_;
  bool held_ = false;  ///< `line_` was read ahead, to look for a header
  std::uint64_t line_number_ = 0;
  std::uint64_t number_ = 0;
};

Result<RecordingReader> RecordingReader::open(const std::filesystem::path& path,
                                              const RecordingLimits& limits) {
  Result<recording::LineReader> lines = recording::LineReader::open(path, limits.line_bytes_max);
  if (!lines.ok()) return lines.status();
  auto impl = std::make_unique<Impl>(path.string(), limits, *std::move(lines));
  if (Status begun = impl->begin(); !begun.ok()) return begun;
  return RecordingReader(std::move(impl));
}

RecordingReader::RecordingReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RecordingReader::RecordingReader(RecordingReader&&) noexcept = default;
RecordingReader& RecordingReader::operator=(RecordingReader&&) noexcept = default;
RecordingReader::~RecordingReader() = default;

const std::string& RecordingReader::id() const {
  return impl_->id();
}
Result<std::optional<RecordedEvent>> RecordingReader::next() {
  return impl_->next();
}
Result<std::uint64_t> RecordingReader::skip(std::uint64_t count) {
  return impl_->skip(count);
}
std::uint64_t RecordingReader::bytes_read() const {
  return impl_->bytes_read();
}
std::uint64_t RecordingReader::bytes_total() const {
  return impl_->bytes_total();
}

}  // namespace muster
