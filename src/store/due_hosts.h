// The hosts that a pass decided here has to visit. The first ones that are due now are known in
// memory, and when the first of the others can be due at the earliest: keys that left the index are
// not passed over again at each pass.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "muster/status.h"
#include "muster/types.h"

namespace muster::store {

class Database;

/// Of what is committed, which it has to be told of. For one thread at a time.
class DueHosts {
 public:
  struct Found {
    std::vector<std::string> hosts;  ///< in order
    bool more = false;
  };

  /// Whether a pass at `at` has to visit any.
  Result<bool> any(const Database& database, Timestamp at);
  /// Those behind `after` that a pass at `at` has to visit, `limit` at most.
  Result<Found> find(const Database& database, std::string_view after, Timestamp at,
                     std::size_t limit) const;
  /// When the host is due has changed, to core::kNotDue where there is no such host any more.
  void note(std::string_view host_uuid, Timestamp due);

 private:
  static constexpr std::size_t kKnownMax = 4'096;

  bool knows(std::string_view host_uuid) const { return !end_ || host_uuid < *end_; }
  Status know_more(const Database& database);

  std::set<std::string, std::less<>> now_;  ///< all that are due now and before end_
  std::optional<std::string> end_ = "";     ///< nothing: all are known
  Timestamp later_{INT64_MIN};              ///< no other host is due before
};

}  // namespace muster::store
