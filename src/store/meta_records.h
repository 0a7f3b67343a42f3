#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/numbers.h"
#include "muster/policy.h"
#include "muster/status.h"
#include "muster/types.h"
#include "store/database.h"
#include "store/store_digest.h"

namespace muster::store {

struct FormatRecord {
  std::uint32_t version = 0;
  std::string store_id;
};
std::string encode_format(const FormatRecord& format);
Result<FormatRecord> decode_format(std::string_view sealed);

std::string encode_policy(const Policy& policy);
Result<Policy> decode_policy(std::string_view sealed);

/// What an interrupted fan-out needs to go on.
struct FanOutRecord {
  Sequence sequence = 0;
  std::string event;   ///< its canonical line
  std::string source;  ///< recording id for made-up command uuids
  std::uint64_t number = 0;
  core::ProfileNumber profile{};
  core::CommandNumber command{};
  bool handed_out = false;  ///< the commands of the pass go to the outbox
};
std::string encode_fan_out(const FanOutRecord& record);
Result<FanOutRecord> decode_fan_out(std::string_view sealed);

/// Which keys a fan-out walks. Numbers are on disk.
enum class FanOutPhase : std::uint8_t {
  kHosts = 1,     ///< every host
  kDueNow = 2,    ///< hosts that are due
  kDueLater = 3,  ///< hosts whose deadline has come
  kFailed = 4,    ///< hosts where the profile failed
  kListed = 5,    ///< hosts that the event lists
  kDone = 6,
};
struct FanOutProgress {
  FanOutPhase phase = FanOutPhase::kHosts;
  std::string last_key;  ///< of the phase's family; empty: not begun
};
std::string encode_progress(const FanOutProgress& progress);
Result<FanOutProgress> decode_progress(std::string_view sealed);

/// Any of the family's records, under its key.
Status check_meta(std::string_view key, std::string_view sealed);

/// Records that one commit writes; nothing: that it takes away.
using MetaChanges = std::map<std::string_view, std::optional<std::string>>;
/// Puts them into the batch, and what they are to the family's sum into `delta`. `stored`: as
/// committed; where it has no sum of the family, as in a store that was just made or that an
/// earlier Muster made, `delta` gets all of it.
Status put_meta(const Database& database, const MetaChanges& changes, const StoreDigest& stored,
                Batch& batch, StoreDigest& delta);
/// kCorruption: the records are not those of the sum, if there is one.
Status check_meta_sum(const Database& database, const StoreDigest& stored);

}  // namespace muster::store
