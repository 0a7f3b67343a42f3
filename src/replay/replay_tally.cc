#include "replay/replay_tally.h"

#include <variant>

namespace muster::recording {
namespace {

std::string shown(const std::string& file, const EventPlace& place) {
  if (place.line > 0) return file + ':' + std::to_string(place.line);
  return file + ": event " + std::to_string(place.number);
}

void add_divergences(const Divergences& more, const std::string& place, ReplayReport& report) {
  Divergences& sum = report.divergences;
  sum.commands_not_listed += more.commands_not_listed;
  sum.commands_not_needed += more.commands_not_needed;
  sum.unknown_labels += more.unknown_labels;
  sum.rows_over_limit += more.rows_over_limit;
  if (sum.example.empty()) sum.example = more.example;
  if (report.first_divergences.size() < kRejectedShown) {
    report.first_divergences.push_back(place + ": " + more.example);
  }
}

std::string reason_of(const Event& event, const EventResult& result) {
  if (!result.detail.empty()) return result.detail;
  const auto* unreadable = std::get_if<Unreadable>(&event.body);
  return unreadable != nullptr ? unreadable->reason : std::string(describe(result.outcome));
}

}  // namespace

void ReplayTally::count(const std::string& file, const EventPlace& place, const Event& event,
                        const EventResult& result) {
  if (result.outcome == Outcome::kDuplicate) {
    ++report_.already_applied;
    return;
  }
  ++report_.events;
  ++counts_[event.body.index()][static_cast<std::size_t>(result.outcome)];
  if (result.divergences != nullptr) {
    add_divergences(*result.divergences, shown(file, place), report_);
  }
  const Refusal refusal = refusal_of(result.outcome);
  if (refusal == Refusal::kNone) return;
  ++report_.rejected;
  std::string kind(name_of(refusal));
  if (kind != name_of(result.outcome)) kind.append(": ").append(name_of(result.outcome));
  ++report_.rejected_reasons[kind];
  if (report_.first_rejected.size() < kRejectedShown) {
    report_.first_rejected.push_back({file, place.line, place.number, std::string(type_name(event)),
                                      result.outcome, reason_of(event, result)});
  }
}

void ReplayTally::finish() {
  for (std::size_t type = 0; type < counts_.size(); ++type) {
    for (std::size_t outcome = 0; outcome < counts_[type].size(); ++outcome) {
      const std::uint64_t count = counts_[type][outcome];
      if (count == 0) continue;
      report_.by_type[std::string(type_name(type))][static_cast<Outcome>(outcome)] = count;
    }
  }
}

}  // namespace muster::recording
