// The two times of every host, in memory by ordinal. They move at every check-in, so they stand
// beside the records, not in them.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/numbers.h"

namespace muster::store {

/// Whole seconds since the Unix epoch. Both zero: no host has the ordinal.
struct TimesEntry {
  std::int64_t detail_updated_at = 0;
  std::int64_t label_updated_at = 0;
  friend bool operator==(const TimesEntry&, const TimesEntry&) = default;
};

inline constexpr std::size_t kTimesPerPage = 4096;

/// Pages are immutable once a view shares them: the first write after that copies the page.
/// Writing and making views need the owner's lock; views are read without one.
class HostTimes {
 public:
  using Page = std::array<TimesEntry, kTimesPerPage>;

  TimesEntry get(core::HostOrdinal ordinal) const;
  void set(core::HostOrdinal ordinal, TimesEntry entry);
  /// Asks for the memory that get() will read.
  void prefetch(core::HostOrdinal ordinal) const;

  /// The same content, for readers; it never changes.
  HostTimes view();

  std::size_t pages() const { return pages_.size(); }
  const Page* page(std::size_t index) const { return pages_[index].get(); }  ///< null: all zero
  void restore_page(std::size_t index, const Page& page);

  /// Pages written since the last call, ascending.
  std::vector<std::size_t> take_dirty();

 private:
  std::vector<std::shared_ptr<Page>> pages_;
  std::vector<std::uint64_t> epochs_;  ///< of the last view that may share the page
  std::uint64_t epoch_ = 0;
  std::vector<bool> dirty_;  ///< by page
};

}  // namespace muster::store
