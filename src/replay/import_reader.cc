#include <algorithm>
#include <deque>
#include <functional>
#include <queue>
#include <set>
#include <utility>

#include "base/hash.h"
#include "muster/import.h"
#include "replay/command_book.h"
#include "replay/host_map.h"
#include "replay/ordered_statements.h"
#include "replay/stream_completion.h"

namespace muster {
namespace {

namespace fs = std::filesystem;
using recording::OrderedStatements;
using recording::PlacedStatement;

/// Counts on with each change of what readers tell of a document.
constexpr int kReadersVersion = 2;

}  // namespace

class ImportReader::Impl {
 public:
  explicit Impl(ImportOptions options)
      : options_(std::move(options)), completion_(commands_, labels_, notes_) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Status open(std::span<const fs::path> files) {
    if (!options_.host_map.empty()) {
      Result<recording::HostMap> hosts = recording::HostMap::read(options_.host_map);
      if (!hosts.ok()) return hosts.status();
      hosts_ = *std::move(hosts);
    }
    if (Status read = read_commands(); !read.ok()) return read;
    if (Status added = add_sources(options_.catalogs, OrderedStatements::Role::kCatalog);
        !added.ok())
      return added;
    catalogs_ = sources_.size();
    if (Status added = add_sources(files, OrderedStatements::Role::kRecording); !added.ok())
      return added;
    name_options();
    id_ = to_string(base::hash128(named_));
    find_begin();
    for (std::size_t index = 0; index < sources_.size(); ++index) queue(index);
    return {};
  }

  Result<ImportedEvent*> next() {
    if (!events_.empty()) events_.pop_front();
    while (events_.empty() && !finished_) {
      if (Status moved = move_on(); !moved.ok()) return moved;
    }
    notes_.commands_known = commands_.size();
    if (events_.empty() && !end_.ok()) return end_;
    return events_.empty() ? nullptr : &events_.front();
  }

  const std::string& id() const { return id_; }
  const ImportNotes& notes() const { return notes_; }
  std::uint64_t bytes_total() const { return sizes_known_ ? bytes_total_ : 0; }
  std::uint64_t bytes_read() const {
    std::uint64_t bytes = bytes_read_;
    for (const auto& source : sources_) {
      if (source != nullptr) bytes += source->bytes_read();
    }
    return bytes;
  }

 private:
  /// The front of a source, for the queue: the earliest first, catalogs and earlier files first
  /// among equals.
  struct Head {
    std::optional<Timestamp> at;
    std::size_t index = 0;
    friend bool operator>(const Head& left, const Head& right) {
      return left.at != right.at ? left.at > right.at : left.index > right.index;
    }
  };

  Result<std::unique_ptr<OrderedStatements>> open_one(const fs::path& path,
                                                      OrderedStatements::Role role) {
    std::optional<RecordingFormat> format;
    if (role == OrderedStatements::Role::kRecording) format = options_.format;
    auto source = recording::open_source(path, options_, hosts_, format);
    if (!source.ok()) return source.status();
    notes_.files[path.string()] = *format;
    auto statements = std::make_unique<OrderedStatements>(
        path.string(), *std::move(source), *format, role,
        OrderedStatements::Shared{options_, notes_, commands_, labels_});
    if (Status filled = statements->fill(); !filled.ok()) return filled;
    return statements;
  }

  /// The book is whole before the first event. What else these files say is left to who gives them
  /// as recordings.
  Status read_commands() {
    const Result<std::vector<fs::path>> files = files_in(options_.commands);
    if (!files.ok()) return files.status();
    for (const fs::path& file : *files) {
      auto statements = open_one(file, OrderedStatements::Role::kCommands);
      if (!statements.ok()) return statements.status();
      if (!(*statements)->end().ok()) return (*statements)->end();
      named_.append((*statements)->id()).push_back('\n');
    }
    if (!files->empty() && commands_.empty()) {
      return {StatusCode::kBadInput, files->front().string() +
                                         ": tells of no command; docs/recordings.md says what can "
                                         "be given here"};
    }
    return {};
  }

  Status add_sources(std::span<const fs::path> paths, OrderedStatements::Role role) {
    const Result<std::vector<fs::path>> files = files_in(paths);
    if (!files.ok()) return files.status();
    for (const fs::path& file : *files) {
      auto statements = open_one(file, role);
      if (!statements.ok()) return statements.status();
      named_.append((*statements)->id()).push_back('\n');
      bytes_total_ += (*statements)->bytes_total();
      sizes_known_ = sizes_known_ && (*statements)->bytes_total() > 0;
      sources_.push_back(*std::move(statements));
    }
    return {};
  }

  /// Other options, or readers that read otherwise, make another stream of the same files: numbers
  /// of its events mean nothing to a store that took the one before.
  void name_options() {
    named_ += "readers " + std::to_string(kReadersVersion);
    named_ += "\nfiles " + std::to_string(catalogs_) + ' ' + std::to_string(sources_.size());
    named_ += "\nhosts " + std::to_string(hosts_.mark());
    if (options_.format) named_.append("\nformat ").append(name_of(*options_.format));
    if (options_.begin) named_ += "\nbegin " + std::to_string(options_.begin->micros);
    const ImportLimits& limits = options_.limits;
    for (const std::uint64_t number :
         {std::uint64_t{options_.order_window}, std::uint64_t{limits.line_bytes_max},
          std::uint64_t{limits.depth_max}, std::uint64_t{limits.string_bytes_max},
          std::uint64_t{limits.elements_max}, std::uint64_t{limits.plist_bytes_max},
          std::uint64_t{limits.binary_plist_bytes_max}}) {
      named_ += ' ' + std::to_string(number);
    }
  }

  /// What has no time comes at the first one that any file tells.
  void find_begin() {
    begin_ = options_.begin;
    for (const auto& source : sources_) {
      const auto told = source->first_time();
      if (told && (!begin_ || *told < *begin_)) begin_ = told;
    }
  }

  void queue(std::size_t index) {
    const PlacedStatement* front = sources_[index]->front();
    if (front != nullptr) {
      heads_.push({front->at, index});
      return;
    }
    bytes_read_ += sources_[index]->bytes_read();
    if (end_.ok()) end_ = sources_[index]->end();
    sources_[index].reset();
  }

  Status move_on() {
    if (heads_.empty()) {
      finished_ = true;
      if (end_.ok()) completion_.finish(events_);
      return {};
    }
    const std::size_t index = heads_.top().index;
    heads_.pop();
    OrderedStatements& source = *sources_[index];
    PlacedStatement placed = source.take();
    std::optional<Timestamp> at = placed.at;
    if (!at && begin_) at = Timestamp{begin_->micros + placed.made};
    if (!at) {
      return {StatusCode::kInvalidArgument,
              source.file() +
                  ": nothing in the recording tells a time; say when it begins, as in "
                  "--begin 2026-02-03T17:00:00Z"};
    }
    const bool late = last_ && *at < *last_;
    if (placed.at && (late || placed.raised)) ++notes_.times_raised;
    if (!late) last_ = at;
    const std::string& file = *files_.insert(source.file()).first;
    completion_.add({std::move(placed), &file}, *last_, events_);
    const Status filled = source.fill();
    queue(index);
    return filled;
  }

  ImportOptions options_;
  ImportNotes notes_;
  recording::HostMap hosts_;
  recording::CommandBook commands_;
  recording::LabelMemberships labels_;
  recording::StreamCompletion completion_;
  std::vector<std::unique_ptr<OrderedStatements>> sources_;  ///< null: read to its end
  std::priority_queue<Head, std::vector<Head>, std::greater<>> heads_;
  std::deque<ImportedEvent> events_;  ///< the front was handed out
  std::set<std::string> files_;       ///< names that events point to
  std::size_t catalogs_ = 0;          ///< of the sources
  std::string named_;
  std::string id_;
  std::optional<Timestamp> begin_;
  std::optional<Timestamp> last_;
  Status end_;  ///< of the first file that ended early
  std::uint64_t bytes_read_ = 0;
  std::uint64_t bytes_total_ = 0;
  bool sizes_known_ = true;
  bool finished_ = false;
};

Result<ImportReader> ImportReader::open(std::span<const fs::path> files, ImportOptions options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  if (Status opened = impl->open(files); !opened.ok()) return opened;
  return ImportReader(std::move(impl));
}

ImportReader::ImportReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ImportReader::ImportReader(ImportReader&&) noexcept = default;
ImportReader& ImportReader::operator=(ImportReader&&) noexcept = default;
ImportReader::~ImportReader() = default;

const std::string& ImportReader::id() const {
  return impl_->id();
}
Result<ImportedEvent*> ImportReader::next() {
  return impl_->next();
}
const ImportNotes& ImportReader::notes() const {
  return impl_->notes();
}
std::uint64_t ImportReader::bytes_read() const {
  return impl_->bytes_read();
}
std::uint64_t ImportReader::bytes_total() const {
  return impl_->bytes_total();
}

}  // namespace muster
