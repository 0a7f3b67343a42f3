#include "core/taken_statements.h"

#include <algorithm>
#include <utility>

namespace muster::core {

TakenStatements::TakenStatements(Timestamp forgotten_through, Timestamp passed_through,
                                 std::vector<Taken> newest)
    : forgotten_through_(forgotten_through),
      passed_through_(passed_through),
      newest_(std::move(newest)) {}

Outcome TakenStatements::take(const Digest& key, Timestamp at) {
  const bool known = std::any_of(newest_.begin(), newest_.end(),
                                 [&](const Taken& taken) { return taken.key == key.low; });
  if (known) return Outcome::kRepeated;
  if (at <= forgotten_through_) return Outcome::kTooOld;
  const auto behind =
      std::upper_bound(newest_.begin(), newest_.end(), at,
                       [](Timestamp time, const Taken& taken) { return time < taken.at; });
  newest_.insert(behind, {at, key.low});
  if (newest_.size() > kKept) {
    forgotten_through_ = newest_.front().at;
    newest_.erase(newest_.begin());
  }
  return Outcome::kApplied;
}

Outcome TakenStatements::take_pass(Timestamp at) {
  if (at <= passed_through_) return Outcome::kTooOld;
  passed_through_ = at;
  return Outcome::kApplied;
}

}  // namespace muster::core
