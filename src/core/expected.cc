#include "core/expected.h"

#include <algorithm>

#include "core/targeting.h"

namespace muster::core {

ExpectedSet::ExpectedSet(const Catalog& catalog, const Host& host) {
  const Team* team = catalog.find_team(host.team);
  if (team == nullptr) return;
  for (const auto& profile : team->profiles) {
    if (!expected_on(host, *profile)) continue;
    const auto& version = profile->version;
    const auto index = static_cast<std::uint32_t>(profiles_.size());
    profiles_.push_back({version->profile, version->number, version->identifier_number,
                         version->identifier, catalog.earliest_upload(version->checksum)});
    keep_.push_back(version);
    by_identifier_.emplace(version->identifier, index);
    by_number_.emplace(version->identifier_number, index);
  }
}

std::optional<std::size_t> ExpectedSet::find(std::string_view identifier, std::size_t guess) const {
  if (guess < profiles_.size() && profiles_[guess].identifier == identifier) return guess;
  const auto at = by_identifier_.find(identifier);
  return at == by_identifier_.end() ? std::nullopt : std::optional<std::size_t>(at->second);
}

std::optional<std::size_t> ExpectedSet::find(std::uint32_t identifier_number,
                                             std::size_t guess) const {
  if (guess < profiles_.size() && profiles_[guess].identifier_number == identifier_number) {
    return guess;
  }
  const auto at = by_number_.find(identifier_number);
  return at == by_number_.end() ? std::nullopt : std::optional<std::size_t>(at->second);
}

std::optional<std::size_t> ExpectedSet::find(const Catalog& catalog, const Slot& row,
                                             std::size_t guess) const {
  if (guess < profiles_.size() && profiles_[guess].version == row.version()) return guess;
  return find(catalog.version(row.version()).identifier_number, guess);
}

std::shared_ptr<const ExpectedSet> ExpectedSets::find(const Catalog& catalog, const Host& host) {
  if (generation_ != catalog.generation() || sets_.size() >= kSetsMax) {
    sets_.clear();
    generation_ = catalog.generation();
  }
  // Only memberships in labels that the team's profiles name can tell two hosts apart.
  key_.assign(reinterpret_cast<const char*>(&host.team), sizeof host.team);
  if (const Team* team = catalog.find_team(host.team)) {
    for (const LabelNumber label : team->labels) {
      if (!host.member_of(label)) continue;
      const auto number = to_integer(label);
      key_.append(reinterpret_cast<const char*>(&number), sizeof number);
    }
  }
  auto& set = sets_[key_];
  if (set == nullptr) set = std::make_shared<const ExpectedSet>(catalog, host);
  return set;
}

}  // namespace muster::core
