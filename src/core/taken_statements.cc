#include "core/taken_statements.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "core/step.h"

namespace muster::core {
namespace {

std::string named(char kind, std::string_view name) {
  return std::string(1, kind).append(name);
}

}  // namespace

std::string holder_of(const Event& event) {
  if (const auto host = host_of(event)) return named('h', *host);
  if (const auto* pass = std::get_if<Reconciled>(&event.body)) {
    return pass->through ? named('h', *pass->through) : "p";
  }
  if (const auto* uploaded = std::get_if<ProfileUploaded>(&event.body)) {
    return named('f', uploaded->profile_uuid);
  }
  if (const auto* deleted = std::get_if<ProfileDeleted>(&event.body)) {
    return named('f', deleted->profile_uuid);
  }
  if (const auto* created = std::get_if<LabelCreated>(&event.body))
    return named('l', created->label);
  if (const auto* deleted = std::get_if<LabelDeleted>(&event.body))
    return named('l', deleted->label);
  return "c";
}

TakenStatements::TakenStatements(Timestamp forgotten_through, std::vector<Taken> newest,
                                 Timestamp passed_through, std::vector<std::uint64_t> passes)
    : forgotten_through_(forgotten_through),
      newest_(std::move(newest)),
      passed_through_(passed_through),
      passes_(std::move(passes)) {}

Outcome TakenStatements::look_up(const Digest& key, Timestamp at) const {
  const bool known = std::any_of(newest_.begin(), newest_.end(),
                                 [&](const Taken& taken) { return taken.key == key.low; });
  if (known) return Outcome::kRepeated;
  return at <= forgotten_through_ ? Outcome::kTooOld : Outcome::kApplied;
}

Outcome TakenStatements::take(const Digest& key, Timestamp at) {
  if (const Outcome found = look_up(key, at); found != Outcome::kApplied) return found;
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

Outcome TakenStatements::take_pass(const Digest& key, Timestamp at) {
  if (at < passed_through_) return Outcome::kTooOld;
  if (at > passed_through_) passes_.clear();
  if (std::find(passes_.begin(), passes_.end(), key.low) != passes_.end()) {
    return Outcome::kRepeated;
  }
  if (passes_.size() == kKept) return Outcome::kTooOld;
  passed_through_ = at;
  passes_.push_back(key.low);
  return Outcome::kApplied;
}

}  // namespace muster::core
