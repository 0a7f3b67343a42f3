// What recordings of other systems leave out: hosts that nobody told of, and the passes that gave
// devices their commands.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "muster/import.h"
#include "replay/command_book.h"
#include "replay/ordered_statements.h"

namespace muster::recording {

/// A statement that is due, of a file.
struct DueStatement {
  PlacedStatement placed;
  const std::string* file = nullptr;
};

/// Adds in front of a statement the host or the labels that nobody told of, and in front of a
/// device's answer a pass over its host, so that what the server must have sent is pending. Where
/// the book has the host's commands, the pass lists them. Recordings that tell of passes get none.
class StreamCompletion {
 public:
  /// `memberships`: of labels, as lists of them say.
  StreamCompletion(const CommandBook& commands, const LabelMemberships& memberships,
                   ImportNotes& notes)
      : commands_(commands), memberships_(memberships), notes_(notes) {}

  /// Appends the statement's events. `at` is not before that of the last call.
  void add(DueStatement due, Timestamp at, std::deque<ImportedEvent>& events);
  /// Appends what closes the stream: a pass over everyone.
  void finish(std::deque<ImportedEvent>& events);

 private:
  using Number = CommandBook::Number;
  using Target = std::pair<Operation, std::string>;  ///< what a command does to which profile

  struct HostCommands {
    std::set<Number> done;            ///< answered, or superseded by one that was
    std::map<Target, Number> listed;  ///< the last one that a pass was told of
    std::vector<Number> open;         ///< see open_commands()
    std::size_t seen = 0;             ///< of the book's
  };

  /// Where what is added goes, and for which statement.
  struct Place {
    Timestamp at;
    const StatementKey& statement;
    std::deque<ImportedEvent>& events;
  };

  bool is_other(std::string_view command_uuid) const;
  bool is_earlier(Number left, Number right) const;
  void introduce(std::string_view host, const codec::Statement& statement, const Place& place);
  void introduce_labels(const EventBody& body, const Place& place);
  void pass_over(const std::string& host, std::optional<Number> answered, const Place& place);
  std::vector<IssuedCommand> due_commands(const std::string& host, std::optional<Number> answered);
  const std::vector<Number>& open_commands(const std::string& host);
  std::optional<Number> prepare_answer(const CommandResult& result, const Place& place);
  void note_answer(const CommandResult& result);
  std::optional<Target> target_of(Number number, const std::string& host);
  std::string find_profile(const BookedCommand& command, const std::string& host) const;
  void note_catalog(const EventBody& body);
  static void append(EventBody body, const Place& place);

  const CommandBook& commands_;
  const LabelMemberships& memberships_;
  ImportNotes& notes_;
  std::unordered_map<std::string, TeamId> hosts_;  ///< every one that was told of
  std::unordered_set<std::string> labels_;         ///< the same
  std::unordered_map<std::string, HostCommands> host_commands_;
  std::map<std::pair<TeamId, std::string>, std::string> profiles_;  ///< by team and identifier
  std::unordered_map<std::string, std::set<std::string>> by_identifier_;
  std::unordered_set<Number> unresolved_;
  std::optional<Timestamp> last_;
  bool passes_told_ = false;
};

}  // namespace muster::recording
