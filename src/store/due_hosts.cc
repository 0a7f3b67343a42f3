#include "store/due_hosts.h"

#include <algorithm>
#include <functional>
#include <iterator>

#include "core/host.h"
#include "store/damage.h"
#include "store/database.h"
#include "store/layout.h"

namespace muster::store {
namespace {

/// The keys of the index in a range, until `visit` has enough.
Status visit_due_keys(const Database& database, const std::string& begin, const std::string& end,
                      const std::function<bool(const DueKey&)>& visit) {
  Scan scan(database, Family::kDue, begin, end, nullptr);
  for (; scan.valid(); scan.next()) {
    const auto due = parse_due_key(scan.key());
    if (!due) return damaged("due", printable_key(scan.key()), "it is not a key of this family");
    if (!visit(*due)) return {};
  }
  return scan.status();
}

std::string end_of_due_now() {
  return std::string(1, kDueLaterPrefix);
}

}  // namespace

Status DueHosts::know_more(const Database& database) {
  const std::string begin = due_key(core::kDueNow, *end_);
  end_.reset();
  return visit_due_keys(database, begin, end_of_due_now(), [this](const DueKey& due) {
    if (now_.size() == kKnownMax)
      end_ = due.host_uuid;
    else
      now_.emplace_hint(now_.end(), due.host_uuid);
    return !end_;
  });
}

Result<bool> DueHosts::any(const Database& database, Timestamp at) {
  if (now_.empty() && end_) {
    if (Status status = know_more(database); !status.ok()) {
      now_.clear();
      end_ = "";
      return status;
    }
  }
  if (!now_.empty()) return true;
  if (at < later_) return false;
  Timestamp first = core::kNotDue;
  const Status status =
      visit_due_keys(database, due_later_prefix(later_), {}, [&](const auto& due) {
        first = due.due;
        return false;
      });
  if (!status.ok()) return status;
  later_ = first;
  return later_ <= at;
}

Result<DueHosts::Found> DueHosts::find(const Database& database, std::string_view after,
                                       Timestamp at, std::size_t limit) const {
  // The least `limit` + 1 uuids of both parts of the index.
  std::set<std::string, std::less<>> least;
  for (auto host = now_.upper_bound(after); host != now_.end() && least.size() <= limit; ++host) {
    least.insert(*host);
  }
  Status status;
  if (end_ && least.size() <= limit) {
    const std::string begin = due_key(core::kDueNow, std::max<std::string_view>(after, *end_));
    status = visit_due_keys(database, begin, end_of_due_now(), [&](const DueKey& due) {
      if (due.host_uuid > after) least.emplace(due.host_uuid);
      return least.size() <= limit;
    });
  }
  if (!status.ok()) return status;
  const std::string end = due_later_prefix(Timestamp{at.micros + 1});
  status = visit_due_keys(database, due_later_prefix(later_), end, [&](const DueKey& due) {
    if (due.host_uuid <= after) return true;
    if (least.size() > limit && due.host_uuid >= *least.rbegin()) return true;
    least.emplace(due.host_uuid);
    if (least.size() > limit + 1) least.erase(std::prev(least.end()));
    return true;
  });
  if (!status.ok()) return status;
  Found found;
  found.more = least.size() > limit;
  if (found.more) least.erase(std::prev(least.end()));
  found.hosts.assign(least.begin(), least.end());
  return found;
}

void DueHosts::note(std::string_view host_uuid, Timestamp due) {
  if (due != core::kDueNow) {
    if (const auto known = now_.find(host_uuid); known != now_.end()) now_.erase(known);
    later_ = std::min(later_, due);
    return;
  }
  if (!knows(host_uuid)) return;
  now_.emplace(host_uuid);
  if (now_.size() <= kKnownMax) return;
  end_ = *now_.rbegin();
  now_.erase(std::prev(now_.end()));
}

}  // namespace muster::store
