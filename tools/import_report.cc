#include "tools/import_report.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

#include "tools/table.h"
#include "tools/terminal_text.h"

namespace muster::tool {

namespace {

using Counts = std::map<std::string, std::uint64_t>;

void print_counts(std::ostream& out, const std::string& title, const Counts& counts) {
  if (counts.empty()) return;
  out << '\n' << title << '\n';
  Table table({{}, {{}, Align::kRight}, {}});
  for (const auto& [what, count] : counts) table.add({" ", count, what});
  table.print(out, false);
}

std::string formats_of(const ImportNotes& notes) {
  std::map<std::string_view, std::uint64_t> files;
  for (const auto& [file, format] : notes.files) ++files[name_of(format)];
  std::string text;
  for (const auto& [format, count] : files) {
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {}", grouped(count), format);
  }
  return text;
}

Json unread_json(const UnreadDocument& unread) {
  return {{"source", unread.source},
          {"offset", unread.offset},
          {"length", unread.length},
          {"hash", to_string(unread.hash)},
          {"reason", unread.reason}};
}

std::uint64_t count_of(const ReplayReport& report, Outcome outcome) {
  std::uint64_t sum = 0;
  for (const auto& [type, outcomes] : report.by_type) {
    if (type == "reconciled") continue;  // passes are the import's own
    const auto found = outcomes.find(outcome);
    if (found != outcomes.end()) sum += found->second;
  }
  return sum;
}

}  // namespace

void print_notes(std::ostream& out, const ImportNotes& notes) {
  out << fmt::format("read: {} ({}), {}\n", formats_of(notes), plural(notes.documents, "document"),
                     plural(notes.statements, "statement"));
  Counts added;
  if (notes.hosts_introduced > 0) added["hosts that nobody told of"] = notes.hosts_introduced;
  if (notes.passes_made > 0) added["passes of the reconciler"] = notes.passes_made;
  if (notes.times_made > 0) added["times, for what has none"] = notes.times_made;
  if (notes.times_raised > 0) added["times raised, of what came too late"] = notes.times_raised;
  print_counts(out, "added:", added);
  print_counts(out, "taken in a way to know:", notes.noted);
  print_counts(out, "passed over, as it says nothing of profiles:", notes.passed_over);
  print_unreadable(out, notes.unreadable, notes.first_unreadable);
}

void print_unreadable(std::ostream& out, std::uint64_t count,
                      const std::vector<UnreadDocument>& first) {
  if (count == 0) return;
  out << '\n' << grouped(count) << " unreadable; first of them:\n";
  for (const UnreadDocument& unread : first) {
    out << "  " << terminal_text(unread.source) << fmt::format(": byte {}", unread.offset) << ", "
        << unread.length << " bytes: " << terminal_text(unread.reason) << '\n';
  }
}

void print_missing(std::ostream& out, const ImportReport& report, bool commands_given) {
  const std::uint64_t repeated = count_of(report, Outcome::kRepeated);
  const std::uint64_t too_old = count_of(report, Outcome::kTooOld);
  if (repeated + too_old > 0) {
    out << fmt::format("\nsaid before: {}; older than what is remembered of their host: {}\n",
                       grouped(repeated), grouped(too_old));
  }
  const std::uint64_t unknown = count_of(report, Outcome::kUnknownCommand);
  if (unknown > 0) {
    out << '\n'
        << fmt::format("answers to commands that nobody told of: {}. {}\n", grouped(unknown),
                       commands_given ? "The files of --commands lack them:"
                                      : "Say which profile each carried with --commands FILE: "
                                        "Fleet's GET /commands/results or NanoMDM's tables "
                                        "(docs/recordings.md). First of them:");
    for (const std::string& uuid : report.unknown_commands) {
      out << "  " << terminal_text(uuid) << '\n';
    }
  }
  if (report.notes.commands_unresolved > 0) {
    out << fmt::format("\ncommands whose profile no catalog tells of: {}; give --catalog FILE\n",
                       grouped(report.notes.commands_unresolved));
  }
}

Json unreadable_json(const std::vector<UnreadDocument>& first) {
  Json documents = Json::array();
  for (const UnreadDocument& unread : first) documents.push_back(unread_json(unread));
  return documents;
}

Json notes_json(const ImportNotes& notes) {
  Json files = Json::object();
  for (const auto& [file, format] : notes.files) files[file] = name_of(format);
  return {{"files", std::move(files)},
          {"documents", notes.documents},
          {"statements", notes.statements},
          {"passed_over", notes.passed_over},
          {"noted", notes.noted},
          {"unreadable", notes.unreadable},
          {"first_unreadable", unreadable_json(notes.first_unreadable)},
          {"hosts_introduced", notes.hosts_introduced},
          {"passes_made", notes.passes_made},
          {"times_made", notes.times_made},
          {"times_raised", notes.times_raised},
          {"commands_known", notes.commands_known},
          {"commands_unresolved", notes.commands_unresolved}};
}

}  // namespace muster::tool
