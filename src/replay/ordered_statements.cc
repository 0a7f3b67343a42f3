#include "replay/ordered_statements.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <variant>

#include "base/contract.h"
#include "codec/foreign/key.h"

namespace muster::recording {
namespace {

constexpr std::int64_t kMicrosPerMinute = 60'000'000;

bool later(const PlacedStatement& left, const PlacedStatement& right) {
  return right < left;
}

Digest with(const Digest& key, std::string_view kind, std::int64_t number) {
  return codec::KeyOf(kind).add(to_string(key)).add(std::to_string(number)).digest();
}

}  // namespace

/// Takes what the file's reader tells.
class OrderedStatements::Told final : public codec::Listener {
 public:
  explicit Told(OrderedStatements& of) : of_(of) {}

  void on_statement(codec::Statement statement) override { of_.place(std::move(statement)); }
  void on_command(codec::CommandStatement command) override {
    if (of_.tells_commands_) of_.shared_.commands.add(std::move(command));
  }
  void on_passed_over(std::string_view what) override {
    ++of_.shared_.notes.passed_over[std::string(what)];
  }
  void on_noted(std::string_view what) override { ++of_.shared_.notes.noted[std::string(what)]; }
  void on_unreadable(std::string reason) override { of_.note_unread(std::move(reason)); }

 private:
  OrderedStatements& of_;
};

OrderedStatements::OrderedStatements(std::string file, std::unique_ptr<StatementSource> source,
                                     RecordingFormat format, Role role, const Shared& shared)
    : file_(std::move(file)),
      source_(std::move(source)),
      id_(source_->id()),
      bytes_total_(source_->bytes_total()),
      tells_commands_(role == Role::kCommands || format != RecordingFormat::kCanonical),
      lists_labels_(format == RecordingFormat::kFleet),
      window_max_(format == RecordingFormat::kFleet
                      ? std::numeric_limits<std::size_t>::max()
                      : std::max<std::size_t>(shared.options.order_window, 1)),
      role_(role),
      shared_(shared) {}

Status OrderedStatements::fill() {
  Told told(*this);
  while (source_ && window_.size() < window_max_) {
    const Result<bool> more = source_->read(told);
    if (!unread_.ok()) return unread_;
    if (more.ok() && *more) {
      ++shared_.notes.documents;
      continue;
    }
    end_ = more.status();
    bytes_read_ = source_->bytes_read();
    source_.reset();
  }
  return {};
}

PlacedStatement OrderedStatements::take() {
  MUSTER_ASSERT(!window_.empty());
  std::pop_heap(window_.begin(), window_.end(), later);
  PlacedStatement first = std::move(window_.back());
  window_.pop_back();
  first.raised = first.at < last_taken_;
  if (first.raised) first.at = last_taken_;
  last_taken_ = first.at;
  return first;
}

void OrderedStatements::place(codec::Statement statement) {
  if (role_ == Role::kCommands) return;
  ++shared_.notes.statements;
  PlacedStatement placed;
  placed.key = key_of(statement);
  placed.number = number_++;
  placed.offset = source_->document().offset;
  if (const auto* label = std::get_if<LabelCreated>(&statement.body); label && lists_labels_) {
    shared_.labels.emplace(label->label, label->membership);
  }
  if (statement.from_begin) {
    ++shared_.notes.times_made;
    placed.made = ++made_at_begin_;
    placed.statement = std::move(statement);
    return push(std::move(placed));
  }
  if (statement.at) {
    first_told_ = std::min(first_told_.value_or(*statement.at), *statement.at);
    last_told_ = std::max(last_told_.value_or(*statement.at), *statement.at);
    made_ = 0;
  } else {
    ++shared_.notes.times_made;
    placed.made = ++made_;
  }
  placed.at = statement.at ? statement.at : last_told_;
  if (!placed.at && role_ == Role::kRecording) placed.at = shared_.options.begin;
  if (placed.at && !statement.at) placed.at->micros += placed.made;
  placed.statement = std::move(statement);
  push(std::move(placed));
}

void OrderedStatements::push(PlacedStatement placed) {
  window_.push_back(std::move(placed));
  std::push_heap(window_.begin(), window_.end(), later);
}

Digest OrderedStatements::key_of(const codec::Statement& statement) {
  if (statement.time_in_key == codec::TimeInKey::kNone) return statement.key;
  if (!statement.at) return with(statement.key, "nth", ++untimed_[statement.key.low]);
  if (statement.time_in_key == codec::TimeInKey::kExact) {
    return with(statement.key, "at", statement.at->micros);
  }
  return with(statement.key, "minute", statement.at->micros / kMicrosPerMinute);
}

void OrderedStatements::note_unread(std::string reason) {
  ImportNotes& notes = shared_.notes;
  ++notes.unreadable;
  UnreadDocument unread = unread_of(file_, source_->document(), std::move(reason));
  if (shared_.options.on_unread && unread_.ok()) unread_ = shared_.options.on_unread(unread);
  unread.bytes = {};
  if (notes.first_unreadable.size() < kRejectedShown) {
    notes.first_unreadable.push_back(std::move(unread));
  }
}

}  // namespace muster::recording
