// An engine under test: the store, or a slower one that it is compared with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "muster/event.h"
#include "muster/snapshot.h"

namespace muster::test {

/// How an engine judged one event.
struct Judged {
  Outcome outcome = Outcome::kUnchanged;
  std::string detail;
  std::uint64_t divergences = 0;
  friend bool operator==(const Judged& left, const Judged& right) {
    return left.outcome == right.outcome && left.divergences == right.divergences;
  }
};

class Subject {
 public:
  virtual ~Subject() = default;
  /// Applies the events of a recording from number `first` (from 1) on.
  virtual std::vector<Judged> apply(const std::vector<Event>& events, std::uint64_t first) = 0;
  virtual std::string export_rows() = 0;
  virtual std::string export_hosts() = 0;
  virtual StatusCounts summary(TeamId team) = 0;
  virtual StatusCounts profile_counts(std::string_view profile_uuid) = 0;
};

}  // namespace muster::test
