// Counts that summaries answer from: hosts a team and bucket, rows a profile and status.
#pragma once

#include <array>
#include <boost/container/flat_map.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "core/catalog.h"
#include "core/host.h"
#include "muster/snapshot.h"

namespace muster::store {

/// `all` counts hosts of a team (Apple only) or rows of a profile, counted or not.
template <typename Count>
struct Counts {
  Count failed = 0;
  Count pending = 0;
  Count verifying = 0;
  Count verified = 0;
  Count all = 0;

  Count& of(DeliveryStatus status) {
    switch (status) {
      case DeliveryStatus::kFailed:
        return failed;
      case DeliveryStatus::kVerifying:
        return verifying;
      case DeliveryStatus::kVerified:
        return verified;
      case DeliveryStatus::kUnsent:
      case DeliveryStatus::kPending:
        break;
    }
    return pending;
  }
  Counts& operator+=(const Counts& other) {
    failed += other.failed;
    pending += other.pending;
    verifying += other.verifying;
    verified += other.verified;
    all += other.all;
    return *this;
  }
  friend bool operator==(const Counts&, const Counts&) = default;
};

/// What a commit adds and takes away. Entries may be zero.
struct TotalsDelta {
  boost::container::flat_map<TeamId, Counts<std::int64_t>> teams;
  boost::container::flat_map<core::ProfileNumber, Counts<std::int64_t>> profiles;
  std::int64_t hosts = 0;
  std::int64_t rows = 0;
  std::int64_t due = 0;
  std::int64_t outbox = 0;  ///< entries
};

/// Counts hosts with their rows.
class TotalsCount {
 public:
  /// Counts the host `sign` times.
  void add(const core::Host& host, std::int64_t sign);
  /// Takes `before` away and counts `after`; what both have alike costs little.
  void replace(const core::Host& before, const core::Host& after);
  /// Adds all that was counted. The catalog knows the rows' versions.
  void add_to(const core::Catalog& catalog, TotalsDelta& delta) const;

 private:
  /// Rows of a profile version, by Slot::standing().
  struct Rows {
    core::VersionNumber version{};
    std::array<std::int64_t, core::Slot::kStandings> count{};
  };
  static constexpr std::size_t kGuesses = 256;

  Rows& rows_of(core::VersionNumber version);
  void add_host(const core::Host& host, std::int64_t sign);
  void add_rows(std::span<const core::Slot> slots, std::int64_t sign);

  TotalsDelta hosts_;  ///< without profiles
  std::vector<Rows> rows_;
  boost::unordered_flat_map<core::VersionNumber, std::uint32_t> places_;
  std::array<std::uint32_t, kGuesses> guesses_{};  ///< places by the end of a version's number
};

struct Totals {
  std::map<TeamId, Counts<std::uint64_t>> teams;
  std::map<core::ProfileNumber, Counts<std::uint64_t>> profiles;
  std::uint64_t hosts = 0;
  std::uint64_t rows = 0;
  std::uint64_t due = 0;
  std::uint64_t outbox = 0;

  /// Adds; entries that become all zero go.
  void apply(const TotalsDelta& delta);
  friend bool operator==(const Totals&, const Totals&) = default;
};

StatusCounts to_status_counts(const Counts<std::uint64_t>& counts);

}  // namespace muster::store
