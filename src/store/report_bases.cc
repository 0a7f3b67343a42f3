#include "store/report_bases.h"

namespace muster::store {

std::optional<BasisNumber> ReportBases::number_of(const ReportBasis& basis,
                                                  const core::Catalog& catalog) {
  const Key key{basis.team, basis.generation, basis.settled.get()};
  const auto known = numbers_.find(key);
  if (known != numbers_.end()) return known->second;
  if (basis.settled != nullptr && settled_ == kSettledMax) {
    let_go_of_old_sets(catalog);
    if (settled_ == kSettledMax) {
      return number_of({basis.team, basis.generation, nullptr}, catalog);
    }
  }
  if (bases_.size() == kBasesMax) return std::nullopt;
  const BasisNumber number{static_cast<std::uint32_t>(bases_.size())};
  bases_.push_back(basis);
  settled_ += basis.settled != nullptr ? 1 : 0;
  numbers_.emplace(key, number);
  return number;
}

/// Of catalogs that have moved: nothing is known by them any more.
void ReportBases::let_go_of_old_sets(const core::Catalog& catalog) {
  for (ReportBasis& basis : bases_) {
    if (basis.settled == nullptr) continue;
    if (basis.generation == catalog.verification_generation(basis.team)) continue;
    numbers_.erase({basis.team, basis.generation, basis.settled.get()});
    basis.settled.reset();
    --settled_;
  }
}

void ReportBases::clear() {
  bases_.clear();
  numbers_.clear();
  settled_ = 0;
}

}  // namespace muster::store
