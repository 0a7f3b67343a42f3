// How many events a host may send in a time.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "muster/limits.h"

namespace muster::store {

/// A bucket of tokens a host: each event takes one, time fills it up again. It knows time only from
/// the events. 65,536 hosts are remembered in 1.5 MiB; one that is forgotten for another has a full
/// bucket when it comes again.
class RateLimiter {
 public:
  explicit RateLimiter(const StoreLimits& limits);

  /// False: the host's bucket is empty. A time before the host's last one fills nothing.
  bool take(std::string_view host_uuid, Timestamp at);

 private:
  /// Levels are in 60,000,000ths of a token: what one token a minute fills in a microsecond.
  struct Bucket {
    std::uint64_t host = 0;  ///< the uuid's hash; 0: free
    std::int64_t level = 0;
    Timestamp at;
  };
  static constexpr std::size_t kWays = 4;
  static constexpr std::size_t kSets = 16'384;

  Bucket& bucket_of(std::string_view host_uuid, Timestamp at);

  std::int64_t rate_;
  std::int64_t full_;
  std::vector<Bucket> buckets_;  ///< kWays a set; none without a limit
  std::uint64_t replaced_ = 0;
};

}  // namespace muster::store
