// A file's statements in order of time, as far as a window reaches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "replay/command_book.h"
#include "replay/statement_source.h"

namespace muster::recording {

/// A statement with its place in time and in its file.
struct PlacedStatement {
  /// Nothing: at the recording's begin, as nothing before it told a time.
  std::optional<Timestamp> at;
  /// Without a time of its own it is so many microseconds after what was told last, or after the
  /// begin: each a moment of its own.
  std::int64_t made = 0;
  std::uint64_t number = 0;  ///< in its file
  bool raised = false;       ///< to the time of the one before it
  codec::Statement statement;
  Digest key;  ///< with what of the time belongs to it
  std::uint64_t offset = 0;

  friend bool operator<(const PlacedStatement& left, const PlacedStatement& right) {
    return left.at != right.at ? left.at < right.at : left.number < right.number;
  }
};

/// What lists of labels say of them.
using LabelMemberships = std::unordered_map<std::string, LabelMembership>;

class OrderedStatements {
 public:
  enum class Role : std::uint8_t {
    kRecording,
    kCatalog,   ///< what it tells without a time was so from the begin
    kCommands,  ///< only commands are taken
  };
  struct Shared {
    const ImportOptions& options;
    ImportNotes& notes;
    CommandBook& commands;
    LabelMemberships& labels;
  };

  /// All of `shared` lives as long. Commands that are told go to its book, but not those of our own
  /// recordings, which come with their passes, unless they are given for that.
  OrderedStatements(std::string file, std::unique_ptr<StatementSource> source,
                    RecordingFormat format, Role role, const Shared& shared);

  /// Reads on until the window is full or the file ends; Fleet's answers, which are lists of what
  /// is there and have no order of their own, to their end. Call it before front(). An error is one
  /// of ImportOptions::on_unread.
  Status fill();
  /// Not ok: why the file ended early.
  const Status& end() const { return end_; }
  /// The next in order; null at the file's end.
  const PlacedStatement* front() const { return window_.empty() ? nullptr : &window_.front(); }
  /// The first time that the file has told, of what was read so far.
  std::optional<Timestamp> first_time() const { return first_told_; }
  /// Takes it.
  PlacedStatement take();

  const std::string& file() const { return file_; }
  const std::string& id() const { return id_; }
  std::uint64_t bytes_total() const { return bytes_total_; }
  std::uint64_t bytes_read() const { return source_ ? source_->bytes_read() : bytes_read_; }

 private:
  class Told;

  void place(codec::Statement statement);
  void push(PlacedStatement placed);
  Digest key_of(const codec::Statement& statement);
  void note_unread(std::string reason);

  std::string file_;
  std::unique_ptr<StatementSource> source_;  ///< null at the file's end: folders have many files
  std::string id_;
  std::uint64_t bytes_total_;
  std::uint64_t bytes_read_ = 0;
  bool tells_commands_;
  bool lists_labels_;
  std::size_t window_max_;
  Role role_;
  Shared shared_;
  /// A heap: the front is the first in order.
  std::vector<PlacedStatement> window_;
  std::uint64_t number_ = 0;
  std::optional<Timestamp> first_told_;
  std::optional<Timestamp> last_told_;
  std::int64_t made_ = 0;           ///< since last_told_
  std::int64_t made_at_begin_ = 0;  ///< of what was so from the begin
  std::optional<Timestamp> last_taken_;
  /// How often each statement without a time came: it is the n-th that is known again.
  std::unordered_map<std::uint64_t, std::uint32_t> untimed_;
  Status end_;
  Status unread_;  ///< what the caller's on_unread said
};

}  // namespace muster::recording
