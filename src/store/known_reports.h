// What the last report of a host said, as a digest: a report that repeats it changes nothing but a
// time, and neither its list nor the host's record has to be read (ARCHITECTURE.md, The report fast
// path).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "core/numbers.h"
#include "muster/event.h"
#include "muster/types.h"
#include "store/report_bases.h"

namespace muster::store {

/// A report by its host and list.
struct ReportKey {
  std::uint64_t host = 0;   ///< hash of the uuid: where the report is kept
  std::uint64_t check = 0;  ///< another one: what tells hosts apart
  Digest digest;            ///< of the uuid and the list
};

struct KnownReport {
  core::HostOrdinal ordinal{};
  BasisNumber basis{};
  friend bool operator==(const KnownReport&, const KnownReport&) = default;
};

std::uint64_t host_hash(std::string_view host_uuid);
/// Empty where the event is no report, or where its list has neither been parsed nor digested.
std::optional<ReportKey> report_key(const Event& event);
/// The same of a report whose list was digested, where the hash of its host is known.
ReportKey report_key(std::string_view host_uuid, std::uint64_t host_hash, const Digest& list);
/// The digest of a list as text, as ReportText has it.
Digest list_digest(std::string_view list);

/// One report a host, 32 bytes each, as many as fit. A host for which there is no room takes the
/// place of another, chosen at random: hosts come in cycles, and the least recently used one would
/// be the next to come. Memory is taken as hosts come. One thread writes; others may
/// call find() and get a guess.
class KnownReports {
 public:
  /// 0: none are kept.
  explicit KnownReports(std::size_t bytes_max);

  /// The host's last report, where it had this list.
  std::optional<KnownReport> find(const ReportKey& key) const;
  /// The host's last report, whatever its list.
  std::optional<KnownReport> find_host(const ReportKey& key) const;
  /// Asks for the memory that find() reads first; once that is there, for what it will read then.
  void prefetch(std::uint64_t host) const;
  void prefetch_rest(const ReportKey& key) const;
  /// Asks for the memory that remember() and forget() touch.
  void prefetch_all(std::uint64_t host) const;

  /// Makes room for so many hosts, up to the bound. What was known may be forgotten: every host
  /// brings its report again.
  void reserve(std::uint64_t hosts);
  /// Takes the place of what was known of the host.
  void remember(const ReportKey& key, const KnownReport& report);
  void forget(std::uint64_t host_hash, core::HostOrdinal ordinal);
  void clear();

  std::uint64_t kept() const { return kept_; }
  std::size_t bytes() const { return sets_ * kSetBytes; }

 private:
  // A set is four lines of the processor's cache: a half of each digest, the checks of the hosts,
  // and two lines with four times the other half beside the ordinal and basis. A report that is
  // known takes two of them.
  static constexpr std::size_t kEntriesPerSet = 8;
  static constexpr std::size_t kSetWords = 4 * kEntriesPerSet;
  static constexpr std::size_t kSetBytes = kSetWords * sizeof(std::uint64_t);

  std::uint64_t* set_of(std::uint64_t host) const;
  static std::uint64_t& low(std::uint64_t* set, std::size_t entry) { return set[entry]; }
  static std::uint64_t& check(std::uint64_t* set, std::size_t entry) {
    return set[kEntriesPerSet + entry];
  }
  static std::uint64_t& high(std::uint64_t* set, std::size_t entry) {
    return set[2 * (kEntriesPerSet + entry)];
  }
  static std::uint64_t& host(std::uint64_t* set, std::size_t entry) {
    return set[2 * (kEntriesPerSet + entry) + 1];
  }
  static void clear_sets(std::uint64_t* words, std::size_t count);

  std::size_t sets_max_;
  std::atomic<std::size_t> sets_ = 0;
  std::unique_ptr<std::uint64_t, void (*)(void*)> words_;  ///< in huge pages, where there are any
  std::uint64_t kept_ = 0;
  std::uint64_t random_ = 0x9E3779B97F4A7C15;
};

}  // namespace muster::store
