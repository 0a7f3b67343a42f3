#include <algorithm>
#include <limits>
#include <utility>
#include <variant>
#include <vector>

#include "base/contract.h"
#include "muster/import.h"
#include "replay/replay_tally.h"

namespace muster {
namespace {

const std::string kAdded = "(added by the import)";

class ImportReplayer {
 public:
  ImportReplayer(Store& store, const ReplayOptions& options,
                 const std::function<void(const ReplayProgress&)>& progress)
      : store_(store), options_(options), progress_(progress) {}

  Result<ImportReport> run(std::span<const std::filesystem::path> files,
                           const ImportOptions& import) {
    if (options_.batch == 0) {
      return Status(StatusCode::kInvalidArgument, "a batch must have at least one event");
    }
    Result<ImportReader> reader = ImportReader::open(files, import);
    if (!reader.ok()) return reader.status();
    position_.source = reader->id();
    if (Status resumed = reader->bytes_total() > 0 ? resume(*reader) : rename(); !resumed.ok()) {
      return resumed;
    }
    while (report_.input.ok() && !at_end_) {
      read_batch(*reader);
      if (events_.empty()) break;
      if (Status applied = apply(); !applied.ok()) return applied;
      if (progress_) {
        progress_({report_.events, reader->bytes_read(), reader->bytes_total()});
      }
    }
    tally_.finish();
    report_.notes = reader->notes();
    const auto cursor = store_.last_position(position_.source);
    if (!cursor.ok()) return cursor.status();
    report_.cursors.push_back(cursor->value_or(Cursor{position_.source, 0, {}}));
    return std::move(report_);
  }

 private:
  /// Reads again, and passes over, what a run before this one applied.
  Status resume(ImportReader& reader) {
    const auto cursor = store_.last_position(position_.source);
    if (!cursor.ok()) return cursor.status();
    const std::uint64_t taken = cursor->has_value() ? (*cursor)->event : 0;
    while (number_ < std::min(taken, until())) {
      const Result<ImportedEvent*> next = reader.next();
      report_.input = next.status();
      if (!next.ok() || *next == nullptr) break;
      ++number_;
      ++report_.already_applied;
    }
    return {};
  }

  /// Of a pipe only the begin is known: what went on behind it may be another stream each time.
  /// Keys tell what was taken.
  Status rename() {
    const std::string id = position_.source;
    for (std::uint64_t run = 1;; ++run) {
      position_.source = id + '/' + std::to_string(run);
      const auto cursor = store_.last_position(position_.source);
      if (!cursor.ok()) return cursor.status();
      if (!cursor->has_value()) return {};
    }
  }

  void read_batch(ImportReader& reader) {
    events_.clear();
    files_.clear();
    position_.statements.clear();
    position_.first_event = number_ + 1;
    while (events_.size() < options_.batch && number_ < until()) {
      const Result<ImportedEvent*> next = reader.next();
      report_.input = next.status();
      at_end_ = !next.ok() || *next == nullptr;
      if (at_end_) return;
      ImportedEvent& imported = **next;
      ++number_;
      files_.push_back(imported.file);
      events_.push_back(std::move(imported.event));
      position_.statements.push_back(imported.statement);
    }
    at_end_ = number_ >= until();
  }

  Status apply() {
    const Result<Applied> applied = store_.apply(events_, position_);
    if (!applied.ok()) return applied.status();
    MUSTER_ASSERT(applied->results.size() == events_.size());
    for (std::size_t index = 0; index < events_.size(); ++index) {
      collect(index, applied->results[index]);
    }
    return {};
  }

  void collect(std::size_t index, const EventResult& result) {
    const std::string& file = files_[index] != nullptr ? *files_[index] : kAdded;
    tally_.count(file, {position_.first_event + index, 0}, events_[index], result);
    if (result.outcome != Outcome::kUnknownCommand) return;
    const auto* answer = std::get_if<CommandResult>(&events_[index].body);
    std::vector<std::string>& unknown = report_.unknown_commands;
    if (answer == nullptr || unknown.size() >= kRejectedShown) return;
    if (std::find(unknown.begin(), unknown.end(), answer->command_uuid) == unknown.end()) {
      unknown.push_back(answer->command_uuid);
    }
  }

  std::uint64_t until() const {
    return options_.until.value_or(std::numeric_limits<std::uint64_t>::max());
  }

  Store& store_;
  const ReplayOptions& options_;
  const std::function<void(const ReplayProgress&)>& progress_;
  ImportReport report_;
  recording::ReplayTally tally_{report_};
  SourcePosition position_;
  std::vector<Event> events_;
  std::vector<const std::string*> files_;  ///< of the events
  std::uint64_t number_ = 0;               ///< of the last event that was read
  bool at_end_ = false;
};

}  // namespace

Result<ImportReport> replay(Store& store, std::span<const std::filesystem::path> files,
                            const ImportOptions& import, const ReplayOptions& options,
                            const std::function<void(const ReplayProgress&)>& progress) {
  return ImportReplayer(store, options, progress).run(files, import);
}

}  // namespace muster
