#include "tools/replay_report.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

#include "tools/table.h"
#include "tools/terminal_text.h"

namespace muster::tool {

namespace {

std::uint64_t rate_of(const ReplayRun& run) {
  if (run.seconds <= 0) return 0;
  return static_cast<std::uint64_t>(static_cast<double>(run.report.events) / run.seconds);
}

struct TypeCounts {
  std::uint64_t events = 0;
  std::uint64_t applied = 0;
  std::uint64_t unchanged = 0;
  std::uint64_t refused = 0;
};

TypeCounts count(const std::map<Outcome, std::uint64_t>& outcomes) {
  TypeCounts counts;
  for (const auto& [outcome, number] : outcomes) {
    counts.events += number;
    if (refusal_of(outcome) != Refusal::kNone) {
      counts.refused += number;
    } else if (outcome == Outcome::kApplied) {
      counts.applied += number;
    } else {
      counts.unchanged += number;
    }
  }
  return counts;
}

void print_types(std::ostream& out, const ReplayReport& report, bool colour) {
  if (report.by_type.empty()) return;
  Table table({{"type"},
               {"events", Align::kRight},
               {"applied", Align::kRight},
               {"unchanged", Align::kRight},
               {"refused", Align::kRight}});
  for (const auto& [type, outcomes] : report.by_type) {
    const TypeCounts counts = count(outcomes);
    table.add({Cell(type), counts.events, counts.applied, counts.unchanged,
               Cell(grouped(counts.refused), counts.refused > 0 ? Tone::kRed : Tone::kPlain)});
  }
  out << '\n';
  table.print(out, colour);
}

void print_rejected(std::ostream& out, const ReplayReport& report, bool colour) {
  if (report.rejected == 0) return;
  out << '\n' << grouped(report.rejected) << " refused, which changed nothing:\n";
  Table reasons({{}, {{}, Align::kRight}, {}});
  for (const auto& [reason, number] : report.rejected_reasons) reasons.add({" ", number, reason});
  reasons.print(out, colour);
  out << "first of them:\n";
  for (const RejectedEvent& event : report.first_rejected) {
    out << "  " << terminal_text(event.file)
        << (event.line > 0 ? fmt::format(":{}", event.line)
                           : fmt::format(": event {}", event.number))
        << ": " << terminal_text(event.type) << ": " << name_of(event.outcome);
    if (!event.reason.empty()) out << ": " << terminal_text(event.reason);
    out << '\n';
  }
}

void print_damage(std::ostream& out, const ReplayReport& report) {
  if (report.damage.empty()) return;
  out << "\npassed over:\n";
  for (const std::string& damage : report.damage) out << "  " << terminal_text(damage) << '\n';
}

void print_divergences(std::ostream& out, const ReplayReport& report, bool colour) {
  const Divergences& found = report.divergences;
  if (found.total() == 0) return;
  out << '\n' << grouped(found.total()) << " divergences between the recording and the rules:\n";
  Table table({{}, {{}, Align::kRight}, {}});
  const auto add = [&](std::uint64_t number, const char* what) {
    if (number > 0) table.add({" ", number, what});
  };
  add(found.commands_not_listed, "commands needed that the recording does not list");
  add(found.commands_not_needed, "commands listed that the rules do not need");
  add(found.unknown_labels, "labels reported that do not exist");
  add(found.rows_over_limit, "installs held back by the limit of rows a host");
  table.print(out, colour);
  out << "first of them:\n";
  for (const std::string& line : report.first_divergences) {
    out << "  " << terminal_text(line) << '\n';
  }
}

Json divergences_json(const Divergences& found) {
  return {{"total", found.total()},
          {"commands_not_listed", found.commands_not_listed},
          {"commands_not_needed", found.commands_not_needed},
          {"unknown_labels", found.unknown_labels},
          {"rows_over_limit", found.rows_over_limit}};
}

Json rejected_json(const RejectedEvent& event) {
  return {{"file", event.file},
          {"line", event.line},
          {"number", event.number},
          {"type", event.type},
          {"kind", name_of(refusal_of(event.outcome))},
          {"outcome", name_of(event.outcome)},
          {"reason", event.reason}};
}

}  // namespace

void print_report(std::ostream& out, const ReplayRun& run, bool colour) {
  const ReplayReport& report = run.report;
  out << fmt::format("{} events from {} {} in {:.2f} s, {} a second", grouped(report.events),
                     run.files, run.files == 1 ? "file" : "files", run.seconds,
                     grouped(rate_of(run)));
  if (report.already_applied > 0) {
    out << "; " << grouped(report.already_applied) << " were in the store already";
  }
  out << '\n';
  print_types(out, report, colour);
  print_rejected(out, report, colour);
  print_divergences(out, report, colour);
  print_damage(out, report);
}

Json report_json(const ReplayRun& run) {
  const ReplayReport& report = run.report;
  Json by_type = Json::object();
  std::map<Outcome, std::uint64_t> totals;
  for (const auto& [type, outcomes] : report.by_type) {
    for (const auto& [outcome, number] : outcomes) {
      by_type[type][std::string(name_of(outcome))] = number;
      totals[outcome] += number;
    }
  }
  Json outcomes = Json::object();
  for (const auto& [outcome, number] : totals) outcomes[std::string(name_of(outcome))] = number;
  Json first_rejected = Json::array();
  for (const RejectedEvent& event : report.first_rejected) {
    first_rejected.push_back(rejected_json(event));
  }
  Json cursors = Json::array();
  for (const Cursor& cursor : report.cursors) {
    cursors.push_back(
        {{"source", cursor.source}, {"event", cursor.event}, {"at", time_json(cursor.at)}});
  }
  return {{"files", run.files},
          {"events", report.events},
          {"already_applied", report.already_applied},
          {"seconds", run.seconds},
          {"events_per_second", rate_of(run)},
          {"outcomes", std::move(outcomes)},
          {"by_type", std::move(by_type)},
          {"rejected", report.rejected},
          {"rejected_reasons", report.rejected_reasons},
          {"first_rejected", std::move(first_rejected)},
          {"divergences", divergences_json(report.divergences)},
          {"first_divergences", report.first_divergences},
          {"damage", report.damage},
          {"input_error", report.input.ok() ? Json() : Json(report.input.message())},
          {"cursors", std::move(cursors)}};
}

}  // namespace muster::tool
