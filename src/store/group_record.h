// What one commit says beside its records: the same value is written to disk, applied to memory
// when the write succeeded, and applied again by an open after a crash.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/catalog.h"
#include "core/numbers.h"
#include "muster/policy.h"
#include "muster/status.h"
#include "muster/store.h"
#include "store/store_digest.h"
#include "store/times.h"
#include "store/totals.h"

namespace muster::store {

struct Touch {
  core::HostOrdinal ordinal{};
  TimesEntry times;
  friend bool operator==(const Touch&, const Touch&) = default;
};

/// Which passes are behind us. Ranges that follow one another, from the first host to the last, are
/// one full pass.
struct PassChain {
  Sequence last_full = 0;  ///< the first event of the last full pass
  Sequence started = 0;    ///< the first event of a pass in ranges that is under way; 0: none
  std::string through;     ///< and its last host

  bool under_way() const { return started != 0; }
  /// A pass over the hosts behind `after` up to `through` is done.
  void add(Sequence sequence, const std::optional<std::string>& after,
           const std::optional<std::string>& end);
  friend bool operator==(const PassChain&, const PassChain&) = default;
};

/// Numbers of the changes that are kept: first, and one behind the last.
struct ChangeRange {
  std::uint64_t first = 1;
  std::uint64_t next = 1;
  friend bool operator==(const ChangeRange&, const ChangeRange&) = default;
};

struct GroupRecord {
  Sequence sequence = 0;  ///< of the last event in or before the group
  std::uint32_t events = 0;
  std::uint32_t next_ordinal = 0;
  std::uint64_t next_command = 1;
  PassChain passes;
  std::uint64_t next_outbox = 1;
  ChangeRange changes;
  Timestamp swept_at;
  std::vector<Cursor> cursors;  ///< those that moved
  std::vector<Touch> touches;   ///< ascending ordinal
  TotalsDelta totals;
  StoreDigest digest;
};

/// Everything small, as of the last committed group.
struct Committed {
  std::uint64_t group = 0;           ///< number of the last group
  std::uint64_t folded_through = 0;  ///< number of the last group in the pages
  std::uint64_t log_bytes = 0;       ///< of the groups since
  Sequence sequence = 0;
  std::uint32_t next_ordinal = 0;
  std::uint64_t next_command = 1;
  PassChain passes;
  std::uint64_t next_outbox = 1;
  ChangeRange changes;
  Timestamp swept_at;  ///< when old commands were last looked for
  std::uint32_t largest_group = 0;
  std::map<std::string, Cursor, std::less<>> cursors;
  HostTimes times;
  Totals totals;
  StoreDigest digest;

  void apply(const GroupRecord& record);
};

std::string encode_group(std::string_view key, const GroupRecord& record);
Result<GroupRecord> decode_group(std::string_view key, std::string_view sealed);

std::string encode_state_page(const Committed& committed);
Status decode_state_page(std::string_view sealed, Committed& committed);
std::string encode_times_page(std::string_view key, const HostTimes::Page& page);
Status decode_times_page(std::string_view key, std::string_view sealed, HostTimes::Page& page);

/// Touches as bytes: the count, the first ordinal and time, then differences, as variable-length
/// integers (schema/FORMAT.md). `touches` are in ascending order of ordinals.
std::vector<std::uint8_t> encode_touches(const std::vector<Touch>& touches);
bool decode_touches(const std::uint8_t* bytes, std::size_t size, std::vector<Touch>& touches);

}  // namespace muster::store
