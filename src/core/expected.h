// The profiles that a host's report is compared with, computed once a (team, memberships).
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/catalog.h"
#include "core/host.h"

namespace muster::core {

struct ExpectedProfile {
  ProfileNumber profile{};
  VersionNumber version{};
  std::uint32_t identifier_number = 0;
  std::string_view identifier;  ///< owned by the profile's version
  Timestamp earliest;           ///< of the checksum group (SEMANTICS 3.2)
};

class ExpectedSet {
 public:
  ExpectedSet(const Catalog& catalog, const Host& host);

  std::size_t size() const { return profiles_.size(); }
  const ExpectedProfile& operator[](std::size_t index) const { return profiles_[index]; }
  /// Index of the expected profile with the identifier. `guess` is tried first: devices list their
  /// profiles, and hosts keep their rows, in a steady order.
  std::optional<std::size_t> find(std::string_view identifier, std::size_t guess) const;
  std::optional<std::size_t> find(std::uint32_t identifier_number, std::size_t guess) const;
  /// Index of the expected profile with the identifier of the row's version.
  std::optional<std::size_t> find(const Catalog& catalog, const Slot& row, std::size_t guess) const;

 private:
  std::vector<ExpectedProfile> profiles_;  ///< in profile_uuid order
  std::vector<std::shared_ptr<const ProfileVersion>> keep_;
  boost::unordered_flat_map<std::string_view, std::uint32_t> by_identifier_;
  boost::unordered_flat_map<std::uint32_t, std::uint32_t> by_number_;
};

/// Expected sets of one catalog generation. Bounded: it starts anew when it is full or when the
/// catalog moved. For one thread at a time.
class ExpectedSets {
 public:
  std::shared_ptr<const ExpectedSet> find(const Catalog& catalog, const Host& host);

 private:
  static constexpr std::size_t kSetsMax = 4096;

  std::uint64_t generation_ = 0;
  std::string key_;  ///< reused
  boost::unordered_flat_map<std::string, std::shared_ptr<const ExpectedSet>> sets_;
};

}  // namespace muster::core
