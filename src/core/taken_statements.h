// What a host was told to have said, so that the same thing is known when another file says it
// again. For recordings whose events have no numbers (docs/recordings.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "muster/event.h"
#include "muster/types.h"

namespace muster::core {

/// Whose statement an event is: a letter and a name, as they stand on disk. `h` a host's, a pass
/// over a range being its last host's; `f` a profile's; `l` a label's; `p` of other passes; `c` the
/// rest.
std::string holder_of(const Event& event);

/// The newest statements of one holder, and the time that lies behind all others. Bounded.
class TakenStatements {
 public:
  /// Of one holder. What is older than this many statements is known by its time alone.
  static constexpr std::size_t kKept = 64;

  struct Taken {
    Timestamp at;
    std::uint64_t key = 0;  ///< the low half of the statement's key
    friend bool operator==(const Taken&, const Taken&) = default;
  };

  TakenStatements() = default;
  /// As it was stored: `newest` in ascending order of times, at most kKept `passes`.
  TakenStatements(Timestamp forgotten_through, std::vector<Taken> newest, Timestamp passed_through,
                  std::vector<std::uint64_t> passes);

  /// kApplied: nobody said it before. Else kRepeated, or kTooOld: nobody can know.
  Outcome look_up(const Digest& key, Timestamp at) const;
  /// kApplied: nobody said it before, and now it is taken. Else kRepeated or kTooOld.
  Outcome take(const Digest& key, Timestamp at);
  /// The same for a reconcile pass, which belongs to its time: new is one that is later than all
  /// before, or another one at the time of the last.
  Outcome take_pass(const Digest& key, Timestamp at);

  Timestamp forgotten_through() const { return forgotten_through_; }
  Timestamp passed_through() const { return passed_through_; }
  const std::vector<Taken>& newest() const { return newest_; }
  /// Low halves of the keys of the passes at `passed_through`.
  const std::vector<std::uint64_t>& passes() const { return passes_; }
  friend bool operator==(const TakenStatements&, const TakenStatements&) = default;

 private:
  Timestamp forgotten_through_{INT64_MIN};
  std::vector<Taken> newest_;  ///< ascending times; of equal times in the order of taking
  Timestamp passed_through_{INT64_MIN};
  std::vector<std::uint64_t> passes_;
};

}  // namespace muster::core
