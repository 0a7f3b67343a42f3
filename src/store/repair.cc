#include "muster/repair.h"

#include <map>
#include <string>
#include <utility>

#include "muster/store.h"
#include "store/check.h"
#include "store/committed.h"
#include "store/engine.h"
#include "store/open_options.h"
#include "store/store_directory.h"

namespace muster {
namespace store {
namespace {

using Mends = std::map<std::pair<Family, std::string>, std::optional<std::string>>;

/// Nothing is computed from records that are not all there.
Status check_records(const StoreDigest& stored, const Implied& implied) {
  const auto differs = [&](std::uint32_t family) {
    return stored.sum(family) != implied.digest.sum(family);
  };
  std::string damaged = implied.records_are_whole ? "" : "records";
  for (const FamilyInfo& info : kFamilies) {
    if (!info.digested || is_derived(info.family)) continue;
    if (differs(static_cast<std::uint32_t>(info.family))) {
      damaged = "records of the family " + std::string(info.name);
    }
  }
  if (differs(kTimesDigest)) damaged = "times of hosts";
  if (damaged.empty()) return {};
  return {StatusCode::kCorruption,
          damaged +
              " are damaged or missing, and no other record implies them: nothing was changed; "
              "'muster check' names what it can, and a backup has them"};
}

/// Keys could be written again, but not what stands in a table under them taken away.
Status check_tables(const Implied& implied) {
  if (implied.unreadable.empty()) return {};
  return {StatusCode::kCorruption,
          "a table of the family " + std::string(name_of(implied.unreadable.front())) +
              " cannot be read, though all records are whole: nothing was changed; restore a "
              "backup, or replay the recording into a new store"};
}

class Repair {
 public:
  Repair(std::shared_ptr<Database> database, const StoreOptions& options, std::string store_id)
      : database_(std::move(database)), options_(options), store_id_(std::move(store_id)) {}

  Status run(RepairReport& report) {
    if (Status status = look(); !status.ok()) return status;
    Committed committed;
    if (Status status = load_committed(*database_, committed); !status.ok()) return status;
    if (Status status = check_records(committed.digest, implied_); !status.ok()) return status;
    if (Status status = check_tables(implied_); !status.ok()) return status;
    return write(committed, report);
  }

 private:
  Status look();
  Status write(Committed& committed, RepairReport& report);

  const std::shared_ptr<Database> database_;
  const StoreOptions& options_;
  const std::string store_id_;
  Mends mends_;
  Implied implied_;
};

Status Repair::look() {
  Engine::Options options;
  options.read_only = true;
  options.memory = plan_memory(memory_bytes(options_), false);
  options.store_id = store_id_;
  options.notes = std::make_shared<Notes>(StoreOptions());
  const auto engine = Engine::open(database_, std::move(options));
  if (!engine.ok()) return engine.status();
  const Result<View> view = (*engine)->view();
  if (!view.ok()) return view.status();
  // What is implied comes before what is found to be of no use.
  const auto mend = [this](Mend one) {
    mends_.try_emplace({one.family, std::move(one.key)}, std::move(one.value));
  };
  return check(*view, {{}, mend, {}}, &implied_).status();
}

Status Repair::write(Committed& committed, RepairReport& report) {
  Batch batch(*database_);
  for (const auto& [place, value] : mends_) {
    const auto& [family, key] = place;
    ++(value ? report.keys_added : report.keys_removed);
    if (value) {
      batch.put(family, key, *value);
    } else {
      batch.remove(family, key);
    }
  }
  Totals totals;
  totals.apply(implied_.totals);
  report.totals_changed = !(totals == committed.totals);
  committed.totals = std::move(totals);
  for (const Family family : {Family::kDue, Family::kFailed}) {
    const auto number = static_cast<std::uint32_t>(family);
    const std::uint64_t difference = implied_.digest.sum(number) - committed.digest.sum(number);
    report.sums_changed = report.sums_changed || difference != 0;
    committed.digest.restore(number, difference);
  }
  if (batch.empty() && !report.totals_changed && !report.sums_changed) return {};
  put_folded(committed, batch);
  return database_->write(batch, true);
}

Result<RepairReport> repair(const StoreOptions& options) {
  const Result<StoreMarker> marker = read_marker(options.path);
  if (!marker.ok()) return marker.status();
  Result<StoreLock> lock = StoreLock::take(options.path);
  if (!lock.ok()) return lock.status();
  DatabaseOptions database_options;
  database_options.path = data_path(options.path);
  database_options.memory = plan_memory(memory_bytes(options), false);
  auto database = Database::open(database_options);
  if (!database.ok()) return database.status();
  RepairReport report;
  Status status = Repair(*database, options, marker->store_id).run(report);
  const Status closed = (*database)->close();
  if (!status.ok()) return status;
  if (!closed.ok()) return closed;
  return report;
}

}  // namespace
}  // namespace store

Result<RepairReport> repair_store(const StoreOptions& options) {
  StoreOptions writable = options;
  writable.read_only = false;
  writable.create_if_missing = false;
  // What an open mends, and what a close folds.
  Result<Store> store = Store::open(writable);
  if (!store.ok()) return store.status();
  if (Status status = store->close(); !status.ok()) return status;
  Result<RepairReport> report = store::repair(writable);
  if (!report.ok()) return report;
  store = Store::open(writable);
  if (!store.ok()) return store.status();
  const Result<std::uint64_t> left = store->check([](const Finding&) { return false; });
  if (!left.ok()) return left.status();
  if (*left > 0) {
    return Status(StatusCode::kCorruption,
                  options.path.string() +
                      ": what is derived is right now, and something else is "
                      "not: 'muster check' names it");
  }
  const Result<StoreStats> stats = store->stats();
  if (!stats.ok()) return stats.status();
  report->stats = *stats;
  if (Status status = store->close(); !status.ok()) return status;
  return report;
}

}  // namespace muster
