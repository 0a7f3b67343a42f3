// Rows of a store beside what a Fleet server says of the same hosts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "muster/import.h"
#include "muster/snapshot.h"

namespace muster {

/// Numbers are not stored; the names are stable.
enum class DifferenceKind : std::uint8_t {
  kUnknownHost = 1,  ///< the store does not know the host; told once for all its rows
  kNotInStore = 2,   ///< only the server has the row
  kNotInFleet = 3,   ///< only the store has the row
  kOperation = 4,    ///< both have it, for different operations
  kStatus = 5,       ///< both have it, for the same operation
  kDetail = 6,       ///< both have it, in the same status
};

std::string_view name_of(DifferenceKind kind);  ///< "not_in_store"

/// One row that differs, in the first of the ways above that fits.
struct RowDifference {
  DifferenceKind kind = DifferenceKind::kStatus;
  std::string host_uuid;
  std::string profile_uuid;  ///< empty for kUnknownHost
  std::string name;          ///< the profile's, as the server shows it, else as the row has it
  /// What each side says: the operation and status, or the detail. Empty: that side has no row.
  std::string in_store;
  std::string in_fleet;
};

struct FleetComparison {
  std::uint64_t hosts = 0;  ///< compared
  std::uint64_t equal_rows = 0;
  std::map<DifferenceKind, std::uint64_t> differences;
  std::uint64_t repeated_hosts = 0;  ///< told of before: compared the first time only
  std::map<std::string, std::uint64_t> passed_over;  ///< what has no rows to compare, by kind
  std::uint64_t unreadable = 0;
  std::vector<UnreadDocument> first_unreadable;  ///< at most kRejectedShown, without bytes
  /// Why the input ended early: a file that is cut or damaged. The files behind it were not read.
  Status input;
};

/// Compares the hosts that the files tell profiles of: answers of Fleet's API, as GET /hosts/:id
/// gives them, in any layout and compression that imports take; folders stand for their files.
/// `on_difference` (may be empty) is called for each row that differs: hosts in the order of the
/// files, rows of a host in profile_uuid order.
///
/// The server shows less than it keeps, and this is no difference: it does not tell whether a
/// pending row was sent, and tells two details as sentences.
Result<FleetComparison> compare_with_fleet(
    const Snapshot& snapshot, std::span<const std::filesystem::path> files,
    const ImportLimits& limits, const std::function<void(const RowDifference&)>& on_difference);

}  // namespace muster
