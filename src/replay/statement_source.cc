#include "replay/statement_source.h"

#include <array>
#include <system_error>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "codec/foreign/canonical.h"
#include "codec/foreign/format.h"
#include "codec/foreign/reader.h"

namespace muster::recording {
namespace {

constexpr std::size_t kNamingBytes = 1U << 20;
/// How many documents may be of no known format before a file is.
constexpr int kTriedDocuments = 16;

codec::DocumentLimits document_limits(const ImportLimits& limits) {
  codec::DocumentLimits of;
  of.bytes_max = limits.line_bytes_max;
  of.plist_bytes_max = limits.plist_bytes_max;
  of.binary_plist_bytes_max = limits.binary_plist_bytes_max;
  of.depth_max = limits.depth_max;
  of.elements_max = limits.elements_max;
  return of;
}

std::unique_ptr<codec::ForeignReader> make_reader(RecordingFormat format,
                                                  const codec::DocumentLimits& limits,
                                                  const codec::HostNames& hosts) {
  switch (format) {
    case RecordingFormat::kMdmWebhook:
      return codec::make_mdm_webhook_reader(limits);
    case RecordingFormat::kMdmMessage:
      return codec::make_mdm_message_reader(limits, hosts);
    case RecordingFormat::kOsqueryWrite:
      return codec::make_osquery_write_reader(limits, hosts);
    case RecordingFormat::kOsqueryLog:
      return codec::make_osquery_log_reader(limits, hosts);
    case RecordingFormat::kFleet:
      return codec::make_fleet_reader(limits);
    case RecordingFormat::kNanomdmRows:
      return codec::make_nanomdm_rows_reader(limits);
    case RecordingFormat::kCanonical:
      break;
  }
  return nullptr;
}

/// Holds back that a document is unreadable until it is known where it ends.
class HoldBack final : public codec::Listener {
 public:
  explicit HoldBack(codec::Listener& listener) : listener_(listener) {}

  void on_statement(codec::Statement statement) override {
    told_ = true;
    listener_.on_statement(std::move(statement));
  }
  void on_command(codec::CommandStatement command) override {
    told_ = true;
    listener_.on_command(std::move(command));
  }
  void on_host_profiles(codec::HostProfiles profiles) override {
    told_ = true;
    listener_.on_host_profiles(std::move(profiles));
  }
  void on_passed_over(std::string_view what) override {
    told_ = true;
    listener_.on_passed_over(what);
  }
  void on_noted(std::string_view what) override { listener_.on_noted(what); }
  void on_unreadable(std::string reason) override { reasons_.push_back(std::move(reason)); }

  bool failed_whole() const { return !told_ && !reasons_.empty(); }
  void drop() { reasons_.clear(); }
  void finish() {
    for (std::string& reason : reasons_) listener_.on_unreadable(std::move(reason));
  }

 private:
  codec::Listener& listener_;
  bool told_ = false;
  std::vector<std::string> reasons_;
};

class DocumentSource final : public StatementSource {
 public:
  DocumentSource(InputWindow window, std::filesystem::path file, RecordingFormat format,
                 const ImportLimits& limits, const HostMap& hosts)
      : hosts_(hosts, std::move(file)),
        reader_(make_reader(format, document_limits(limits), hosts_)),
        bytes_total_(window.source().stored_bytes_total()) {
    window.fill(kNamingBytes);
    id_ = std::to_string(bytes_total_) + ':' +
          to_string(base::hash128(window.ahead().substr(0, kNamingBytes)));
    cutter_.emplace(std::move(window), limits.line_bytes_max);
  }

  Result<bool> read(codec::Listener& listener) override {
    const auto next = cutter_->next();
    if (!next) {
      reader_->finish(cutter_->status().ok(), listener);
      if (!cutter_->status().ok()) return cutter_->status();
      return false;
    }
    document_ = *next;
    if (document_.text.empty()) {
      reader_->lost();
      listener.on_unreadable("it is longer than the limit");
      return true;
    }
    HoldBack held(listener);
    reader_->read(document_.text, held);
    if (held.failed_whole()) {
      const Document shorter = cutter_->shorten(document_);
      if (shorter.length < document_.length) {
        document_ = shorter;
        held.drop();
        reader_->read(document_.text, held);
      }
    }
    held.finish();
    return true;
  }

  const Document& document() const override { return document_; }
  const std::string& id() const override { return id_; }
  std::uint64_t bytes_read() const override { return cutter_->stored_bytes_read(); }
  std::uint64_t bytes_total() const override { return bytes_total_; }

 private:
  FileHosts hosts_;
  std::unique_ptr<codec::ForeignReader> reader_;
  std::uint64_t bytes_total_;
  std::string id_;
  std::optional<DocumentCutter> cutter_;
  Document document_;
};

class RecordedSource final : public StatementSource {
 public:
  explicit RecordedSource(RecordingReader reader)
      : reader_(std::move(reader)),
        id_(std::to_string(reader_.bytes_total()) + ':' + reader_.id()) {}

  Result<bool> read(codec::Listener& listener) override {
    const Result<RecordedEvent*> next = reader_.next();
    if (!next.ok()) return next.status();
    if (*next == nullptr) return false;
    RecordedEvent& recorded = **next;
    document_.offset = recorded.offset;
    document_.length = recorded.bytes;
    codec::tell(std::move(recorded.event), UuidSeed{reader_.id(), recorded.number}, listener);
    return true;
  }

  const Document& document() const override { return document_; }
  const std::string& id() const override { return id_; }
  std::uint64_t bytes_read() const override { return reader_.bytes_read(); }
  std::uint64_t bytes_total() const override { return reader_.bytes_total(); }

 private:
  RecordingReader reader_;
  std::string id_;
  Document document_;
};

}  // namespace

bool is_pipe(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::file_status found = std::filesystem::status(path, error);
  return path == "-" || (std::filesystem::exists(found) && std::filesystem::is_other(found));
}

UnreadDocument unread_of(const std::string& file, const Document& document, std::string reason) {
  UnreadDocument unread{file, document.offset,   document.length,
                        {},   std::move(reason), document.text};
  if (!document.text.empty()) unread.hash = base::hash128(document.text);
  return unread;
}

Result<std::unique_ptr<StatementSource>> open_source(const std::filesystem::path& path,
                                                     const ImportOptions& options,
                                                     const HostMap& hosts,
                                                     std::optional<RecordingFormat>& format) {
  if (!format && is_pipe(path)) format = RecordingFormat::kCanonical;
  if (!format) {
    const auto found = detect_format(path, options.limits);
    if (!found.ok()) return found.status();
    format = *found;
  }
  if (!format) {
    return Status(StatusCode::kBadInput,
                  path.string() + ": its content is of no format that Muster knows");
  }
  if (*format == RecordingFormat::kCanonical) {
    RecordingOptions reading;
    reading.limits = options.limits;
    reading.skip_damaged = options.skip_damaged;
    Result<RecordingReader> reader = RecordingReader::open(path, reading);
    if (!reader.ok()) return reader.status();
    return std::unique_ptr<StatementSource>(std::make_unique<RecordedSource>(*std::move(reader)));
  }
  auto bytes = ByteSource::open(path, options.limits);
  if (!bytes.ok()) return bytes.status();
  return std::unique_ptr<StatementSource>(std::make_unique<DocumentSource>(
      InputWindow(*std::move(bytes)), path, *format, options.limits, hosts));
}

}  // namespace muster::recording

namespace muster {

Result<std::optional<RecordingFormat>> detect_format(const std::filesystem::path& path,
                                                     const RecordingLimits& limits) {
  const Result<std::vector<std::filesystem::path>> files = files_in({&path, 1});
  if (!files.ok()) return files.status();
  auto source = recording::ByteSource::open(files->front(), limits);
  if (!source.ok()) return source.status();
  recording::InputWindow window(*std::move(source));
  window.fill(recording::kNamingBytes);
  if (const auto format = codec::format_of_document(window.ahead())) {
    return std::optional(*format);
  }
  recording::DocumentCutter cutter(std::move(window), limits.line_bytes_max);
  for (int tried = 0; tried < recording::kTriedDocuments; ++tried) {
    const auto document = cutter.next();
    if (!document) break;
    if (const auto format = codec::format_of_document(document->text)) {
      return std::optional(*format);
    }
  }
  return std::optional<RecordingFormat>{};
}

}  // namespace muster
