#include "store/committed.h"

#include "store/damage.h"
#include "store/layout.h"

namespace muster::store {
namespace {

Status load_pages(const Database& database, Committed& committed) {
  std::string value;
  const Result<bool> found = database.get(Family::kPages, kStatePageKey, value);
  if (!found.ok()) return found.status();
  if (!*found) return {};
  if (Status status = decode_state_page(value, committed); !status.ok()) return status;
  const std::string begin(1, kTimesPagePrefix);
  Scan scan(database, Family::kPages, begin, after_prefix(begin), nullptr);
  for (; scan.valid(); scan.next()) {
    const auto index = parse_u32(scan.key().substr(1));
    HostTimes::Page page;
    if (!index || *index > committed.next_ordinal / kTimesPerPage) {
      return damaged("pages", printable_key(scan.key()), "no host has such an ordinal");
    }
    Status status = decode_times_page(scan.key(), scan.value(), page);
    if (!status.ok()) return status;
    committed.times.restore_page(*index, page);
  }
  return scan.status();
}

Status load_groups(const Database& database, Committed& committed) {
  Scan scan(database, Family::kGroups, {}, {}, nullptr);
  for (; scan.valid(); scan.next()) {
    const auto number = parse_u64(scan.key());
    if (!number || *number != committed.group + 1) {
      return damaged("groups", printable_key(scan.key()),
                     "group " + std::to_string(committed.group + 1) + " is missing before it");
    }
    const Result<GroupRecord> record = decode_group(scan.key(), scan.value());
    if (!record.ok()) return record.status();
    committed.apply(*record);
    committed.log_bytes += scan.value().size();
  }
  if (Status status = scan.status(); !status.ok()) return status;
  if (committed.group > 0) return {};
  const Scan hosts(database, Family::kHosts, {}, {}, nullptr);
  if (hosts.valid()) return damaged("pages", "state page", "it is missing and there are hosts");
  return hosts.status();
}

}  // namespace

Status load_committed(const Database& database, Committed& committed) {
  if (Status status = load_pages(database, committed); !status.ok()) return status;
  return load_groups(database, committed);
}

void put_folded(Committed& committed, Batch& batch) {
  for (const std::size_t index : committed.times.take_dirty()) {
    const std::string key = times_page_key(static_cast<std::uint32_t>(index));
    batch.put(Family::kPages, key, encode_times_page(key, *committed.times.page(index)));
  }
  batch.put(Family::kPages, kStatePageKey, encode_state_page(committed));
  batch.remove_range(Family::kGroups, group_key(0), group_key(committed.group + 1));
}

}  // namespace muster::store
