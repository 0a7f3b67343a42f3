#include "store/rate_limiter.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/hash.h"

namespace muster::store {
namespace {

constexpr std::int64_t kToken = 60'000'000;

}  // namespace

RateLimiter::RateLimiter(const StoreLimits& limits)
    : rate_(limits.host_events_per_minute),
      full_(limits.host_events_burst * kToken),
      buckets_(rate_ == 0 ? 0 : kWays * kSets) {}

bool RateLimiter::take(std::string_view host_uuid, Timestamp at) {
  if (rate_ == 0) return true;
  at = std::clamp(at, kTimestampMin, kTimestampMax);
  Bucket& bucket = bucket_of(host_uuid, at);
  const std::int64_t missing = full_ - bucket.level;
  const std::int64_t passed = std::max<std::int64_t>(at.micros - bucket.at.micros, 0);
  // Divided first: the product may not fit.
  bucket.level = passed > missing / rate_ ? full_ : bucket.level + passed * rate_;
  bucket.at = at;
  if (bucket.level < kToken) return false;
  bucket.level -= kToken;
  return true;
}

RateLimiter::Bucket& RateLimiter::bucket_of(std::string_view host_uuid, Timestamp at) {
  const std::uint64_t host = std::max<std::uint64_t>(base::hash64(host_uuid), 1);
  Bucket* const set = &buckets_[host % kSets * kWays];
  for (std::size_t way = 0; way < kWays; ++way) {
    if (set[way].host == host) return set[way];
  }
  Bucket* victim = std::find_if(set, set + kWays, [](const Bucket& b) { return b.host == 0; });
  if (victim == set + kWays) {
    // Any of them, so that nobody can keep a host out; the same one in every run.
    const auto turn = std::bit_cast<std::array<char, sizeof replaced_>>(++replaced_);
    victim = &set[base::hash64({turn.data(), turn.size()}, host) % kWays];
  }
  *victim = {host, full_, at};
  return *victim;
}

}  // namespace muster::store
