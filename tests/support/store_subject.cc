#include "tests/support/store_subject.h"

#include <numeric>
#include <stdexcept>
#include <utility>

#include "muster/snapshot.h"
#include "tests/support/test_disk.h"

namespace muster::test {
namespace {

std::vector<Judged> judged(const Applied& applied) {
  std::vector<Judged> results;
  for (const EventResult& result : applied.results) {
    Judged one;
    one.outcome = result.outcome;
    one.detail = result.detail;
    one.divergences = result.divergences == nullptr ? 0 : result.divergences->total();
    results.push_back(std::move(one));
  }
  return results;
}

}  // namespace

void require_ok(const Status& status, const std::string& doing) {
  if (!status.ok()) throw std::runtime_error(doing + ": " + status.to_string());
}

StoreSubject::StoreSubject(const Policy& policy, std::string source, const StoreSetUp& set_up)
    : source_(std::move(source)), set_up_(set_up) {
  options_.path = folder_.path() / "store";
  options_.durability = Durability::kBuffered;
  options_.policy = policy;
  if (set_up_.tuning.env == nullptr) set_up_.tuning.env = TestDisk::shared().env();
  reopen();
  // Policies move with the recording; the store's own counts from here on.
  options_.policy.reset();
}

void StoreSubject::reopen() {
  if (store_) require_ok(store_->close(), "close");
  store_.reset();
  store_.emplace(require(store::open_tuned(options_, set_up_.tuning), "open"));
}

std::vector<Judged> StoreSubject::apply(const std::vector<Event>& events, std::uint64_t first) {
  std::vector<Judged> results =
      judged(require(store_->apply(events, SourcePosition{source_, first}), "apply"));
  const std::uint64_t phase = std::accumulate(source_.begin(), source_.end(), std::uint64_t{0});
  if (set_up_.reopen_every > 0 && (first + phase) % set_up_.reopen_every == 0) reopen();
  return results;
}

std::vector<Judged> StoreSubject::apply_live(const std::vector<Event>& events) {
  return judged(require(store_->apply(events), "apply"));
}

std::string StoreSubject::export_rows() {
  std::string lines;
  const auto write = [&lines](std::string_view line) {
    lines += line;
    return true;
  };
  require_ok(require(store_->snapshot(), "snapshot").export_rows(write), "export");
  return lines;
}

std::string StoreSubject::export_hosts() {
  std::string lines;
  const auto write = [&lines](std::string_view line) {
    lines += line;
    return true;
  };
  require_ok(require(store_->snapshot(), "snapshot").export_hosts(write), "export of hosts");
  return lines;
}

StatusCounts StoreSubject::summary(TeamId team) {
  return require(store_->snapshot(), "snapshot").summary(team);
}

StatusCounts StoreSubject::profile_counts(std::string_view profile_uuid) {
  return require(store_->snapshot(), "snapshot").profile_counts(profile_uuid);
}

std::vector<std::string> StoreSubject::findings() {
  std::vector<std::string> found;
  const auto visit = [&found](const Finding& finding) {
    found.push_back(finding.family + " / " + finding.key + ": " + finding.what);
    return true;
  };
  require(store_->check(visit), "check");
  return found;
}

}  // namespace muster::test
