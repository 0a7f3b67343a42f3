// What reports were judged with: shared by the hosts of one team and one expected set.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <tuple>
#include <vector>

#include "core/catalog.h"
#include "core/expected.h"
#include "muster/types.h"

namespace muster::store {

struct ReportBasis {
  TeamId team = 0;
  /// Of the catalog, for the team, when the list was judged.
  std::uint64_t generation = 0;
  /// Of a host that core::is_settled(): what a report has to confirm to change nothing. Null: only
  /// the very same list is known to change nothing.
  std::shared_ptr<const core::ExpectedSet> settled;
};

enum class BasisNumber : std::uint32_t {};

/// For one thread at a time. Bounded.
class ReportBases {
 public:
  /// Nothing: there is no room, and every number has to be forgotten: clear().
  std::optional<BasisNumber> number_of(const ReportBasis& basis, const core::Catalog& catalog);
  const ReportBasis& operator[](BasisNumber number) const {
    return bases_[static_cast<std::size_t>(number)];
  }
  void clear();

 private:
  static constexpr std::size_t kBasesMax = 262'144;
  static constexpr std::size_t kSettledMax = 4096;
  using Key = std::tuple<TeamId, std::uint64_t, const core::ExpectedSet*>;

  void let_go_of_old_sets(const core::Catalog& catalog);

  std::vector<ReportBasis> bases_;
  boost::unordered_flat_map<Key, BasisNumber> numbers_;
  std::size_t settled_ = 0;
};

}  // namespace muster::store
