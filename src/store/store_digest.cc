#include "store/store_digest.h"

#include "base/hash.h"
#include "codec/envelope.h"

namespace muster::store {
namespace {

std::uint64_t mix(Family family, std::string_view key, std::uint64_t envelope_hash) {
  return base::hash64(key, envelope_hash ^ static_cast<std::uint64_t>(family));
}

std::uint64_t mix(core::HostOrdinal ordinal, TimesEntry entry) {
  if (entry == TimesEntry{}) return 0;
  return base::hash64({reinterpret_cast<const char*>(&entry), sizeof entry},
                      core::to_integer(ordinal));
}

std::uint32_t number(Family family) {
  return static_cast<std::uint32_t>(family);
}

}  // namespace

void StoreDigest::add_record(Family family, std::string_view key, std::string_view sealed) {
  sums_[number(family)] += mix(family, key, codec::envelope_hash(sealed));
}
void StoreDigest::remove_record(Family family, std::string_view key, std::uint64_t envelope_hash) {
  sums_[number(family)] -= mix(family, key, envelope_hash);
}
void StoreDigest::add_key(Family family, std::string_view key) {
  sums_[number(family)] += mix(family, key, 0);
}
void StoreDigest::remove_key(Family family, std::string_view key) {
  sums_[number(family)] -= mix(family, key, 0);
}
void StoreDigest::add_times(core::HostOrdinal ordinal, TimesEntry entry) {
  sums_[kTimesDigest] += mix(ordinal, entry);
}
void StoreDigest::remove_times(core::HostOrdinal ordinal, TimesEntry entry) {
  sums_[kTimesDigest] -= mix(ordinal, entry);
}

void StoreDigest::apply(const StoreDigest& delta) {
  for (const auto& [family, sum] : delta.sums_) sums_[family] += sum;
}

std::uint64_t StoreDigest::sum(std::uint32_t family) const {
  const auto at = sums_.find(family);
  return at == sums_.end() ? 0 : at->second;
}

}  // namespace muster::store
