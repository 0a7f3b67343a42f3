#include "store/known_reports.h"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <variant>

#include "base/contract.h"
#include "base/hash.h"

namespace muster::store {

using base::operator+;

namespace {

constexpr std::size_t kSetsAtFirst = 64;
constexpr std::size_t kHugePage = 2U << 20;
/// Of eight: how full a set is meant to be where there is memory. One host of a thousand finds its
/// set full; with 5 it is one of thirty.
constexpr std::uint64_t kHostsPerSet = 3;
/// By a fourth at least: what is not taken is left to records of hosts.
constexpr std::size_t kGrowth = 4;

// The words are written by one thread while others guess: single words are never torn.
std::uint64_t load(std::uint64_t& word) {
  return std::atomic_ref(word).load(std::memory_order_relaxed);
}
void store(std::uint64_t& word, std::uint64_t value) {
  std::atomic_ref(word).store(value, std::memory_order_relaxed);
}

/// Ordinal and basis of no entry: no host gets the last ordinal.
constexpr std::uint64_t kFree = UINT64_MAX;

std::uint64_t pack(const KnownReport& report) {
  return std::uint64_t{core::to_integer(report.ordinal)} << 32 |
         static_cast<std::uint32_t>(report.basis);
}

KnownReport unpack(std::uint64_t packed) {
  return {core::HostOrdinal{static_cast<std::uint32_t>(packed >> 32)},
          BasisNumber{static_cast<std::uint32_t>(packed)}};
}

Digest digest_of(const std::vector<std::string>& labels) {
  std::string bytes;
  for (const std::string& label : labels) {
    const std::uint64_t size = label.size();
    bytes.append(reinterpret_cast<const char*>(&size), sizeof size).append(label);
  }
  return base::hash128(bytes);
}

}  // namespace

std::uint64_t host_hash(std::string_view host_uuid) {
  return base::hash64(host_uuid);
}

std::optional<ReportKey> report_key(const Event& event) {
  const auto* profiles = std::get_if<ProfilesReported>(&event.body);
  const auto* labels = std::get_if<HostLabelsReported>(&event.body);
  if (profiles == nullptr && labels == nullptr) return std::nullopt;
  Digest list = event.text.list;
  if (list == Digest{}) {
    if (event.text.unparsed()) return std::nullopt;
    list = profiles != nullptr ? profiles->profiles.digest() : digest_of(labels->labels);
  }
  const std::string& uuid = profiles != nullptr ? profiles->host_uuid : labels->host_uuid;
  return report_key(uuid, host_hash(uuid), list);
}

ReportKey report_key(std::string_view host_uuid, std::uint64_t host_hash, const Digest& list) {
  const Digest host = base::hash128(host_uuid);
  return {host_hash, host.high, list + host};
}

Digest list_digest(std::string_view list) {
  return base::hash128(list);
}

KnownReports::KnownReports(std::size_t bytes_max)
    : sets_max_(bytes_max / kSetBytes), words_(nullptr, std::free) {
  if (sets_max_ == 0) return;
  // Pages that were not written yet take no memory.
  const std::size_t bytes = (sets_max_ * kSetBytes + kHugePage - 1) / kHugePage * kHugePage;
  words_.reset(static_cast<std::uint64_t*>(std::aligned_alloc(kHugePage, bytes)));
  if (words_ == nullptr) {
    sets_max_ = 0;
    return;
  }
  // Every report of another host is in another page.
  ::madvise(words_.get(), bytes, MADV_HUGEPAGE);
  sets_ = std::min(sets_max_, kSetsAtFirst);
  clear_sets(words_.get(), sets_);
}

std::uint64_t* KnownReports::set_of(std::uint64_t host) const {
  const std::size_t sets = sets_.load(std::memory_order_relaxed);
  if (sets == 0) return nullptr;
  // The hash as a fraction of all sets.
  __extension__ using Wide = unsigned __int128;
  return words_.get() + static_cast<std::size_t>(Wide{host} * sets >> 64) * kSetWords;
}

std::optional<KnownReport> KnownReports::find(const ReportKey& key) const {
  std::uint64_t* set = set_of(key.host);
  if (set == nullptr) return std::nullopt;
  for (std::size_t i = 0; i < kEntriesPerSet; ++i) {
    if (load(low(set, i)) != key.digest.low || load(high(set, i)) != key.digest.high) continue;
    const std::uint64_t packed = load(host(set, i));
    if (packed != kFree) return unpack(packed);
  }
  return std::nullopt;
}

std::optional<KnownReport> KnownReports::find_host(const ReportKey& key) const {
  std::uint64_t* set = set_of(key.host);
  if (set == nullptr) return std::nullopt;
  for (std::size_t i = 0; i < kEntriesPerSet; ++i) {
    if (load(check(set, i)) != key.check) continue;
    const std::uint64_t packed = load(host(set, i));
    if (packed != kFree) return unpack(packed);
  }
  return std::nullopt;
}

void KnownReports::prefetch(std::uint64_t host) const {
  if (const std::uint64_t* set = set_of(host)) __builtin_prefetch(set);
}

void KnownReports::prefetch_rest(const ReportKey& key) const {
  std::uint64_t* set = set_of(key.host);
  if (set == nullptr) return;
  std::size_t entry = 0;
  while (entry < kEntriesPerSet && load(low(set, entry)) != key.digest.low) ++entry;
  __builtin_prefetch(entry < kEntriesPerSet ? &high(set, entry) : &check(set, 0));
}

void KnownReports::prefetch_all(std::uint64_t host) const {
  const std::uint64_t* set = set_of(host);
  if (set == nullptr) return;
  for (std::size_t at = 0; at < kSetWords; at += kEntriesPerSet) __builtin_prefetch(set + at);
}

void KnownReports::reserve(std::uint64_t hosts) {
  if (sets_ == sets_max_ || hosts <= sets_ * kHostsPerSet) return;
  // Entries do not say where they would stand in a larger table: they go, and seldom.
  const std::size_t grown = sets_ + sets_ / kGrowth;
  const std::size_t sets =
      std::min(sets_max_, std::max(grown, std::size_t{hosts / kHostsPerSet + 1}));
  clear_sets(words_.get(), sets);
  sets_ = sets;
  kept_ = 0;
}

void KnownReports::remember(const ReportKey& key, const KnownReport& report) {
  std::uint64_t* set = set_of(key.host);
  if (set == nullptr) return;
  forget(key.host, report.ordinal);
  std::size_t entry = 0;
  while (entry < kEntriesPerSet && load(host(set, entry)) != kFree) ++entry;
  if (entry == kEntriesPerSet) {
    random_ ^= random_ << 13;
    random_ ^= random_ >> 7;
    random_ ^= random_ << 17;
    entry = random_ % kEntriesPerSet;
    --kept_;
  }
  store(low(set, entry), key.digest.low);
  store(high(set, entry), key.digest.high);
  store(check(set, entry), key.check);
  store(host(set, entry), pack(report));
  ++kept_;
}

void KnownReports::forget(std::uint64_t host_hash, core::HostOrdinal ordinal) {
  std::uint64_t* set = set_of(host_hash);
  if (set == nullptr) return;
  for (std::size_t i = 0; i < kEntriesPerSet; ++i) {
    const std::uint64_t packed = load(host(set, i));
    if (packed == kFree || packed >> 32 != core::to_integer(ordinal)) continue;
    store(host(set, i), kFree);
    --kept_;
  }
}

void KnownReports::clear() {
  clear_sets(words_.get(), sets_);
  kept_ = 0;
}

void KnownReports::clear_sets(std::uint64_t* words, std::size_t count) {
  for (std::uint64_t* set = words; set != words + count * kSetWords; set += kSetWords) {
    for (std::size_t i = 0; i < kSetWords; ++i) store(set[i], 0);
    for (std::size_t i = 0; i < kEntriesPerSet; ++i) store(host(set, i), kFree);
  }
}

}  // namespace muster::store
