// The store digest: a sum a family that any stored byte moves. For finding damage inside one
// store; never compared between stores.
#pragma once

#include <boost/container/flat_map.hpp>
#include <cstdint>
#include <string_view>

#include "store/layout.h"
#include "store/times.h"

namespace muster::store {

/// Sums modulo 2^64 by family number, and kTimesDigest.
class StoreDigest {
 public:
  void add_record(Family family, std::string_view key, std::string_view sealed);
  void remove_record(Family family, std::string_view key, std::uint64_t envelope_hash);
  void add_key(Family family, std::string_view key);
  void remove_key(Family family, std::string_view key);
  void add_times(core::HostOrdinal ordinal, TimesEntry entry);
  void remove_times(core::HostOrdinal ordinal, TimesEntry entry);

  void apply(const StoreDigest& delta);
  void restore(std::uint32_t family, std::uint64_t sum) { sums_[family] += sum; }
  const boost::container::flat_map<std::uint32_t, std::uint64_t>& sums() const { return sums_; }
  std::uint64_t sum(std::uint32_t family) const;
  bool has(Family family) const { return sums_.contains(static_cast<std::uint32_t>(family)); }

 private:
  boost::container::flat_map<std::uint32_t, std::uint64_t> sums_;
};

}  // namespace muster::store
