#include "bench/engines/muster.h"

#include <fmt/format.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <array>
#include <variant>

#include "muster/recording.h"
#include "store/tuning.h"

namespace muster::bench {
namespace {

bool is_live_pass(const Event& event) {
  const auto* pass = std::get_if<Reconciled>(&event.body);
  return pass != nullptr && !pass->commands && !pass->uuid_seed;
}

store::Tuning tuning_of(rocksdb::DB** database) {
  store::Tuning tuning;
  tuning.database = database;
  return tuning;
}

}  // namespace

void require_ok(const Status& status) {
  if (!status.ok()) throw std::runtime_error(status.to_string());
}

StoreOptions store_options(const EngineSetting& setting) {
  StoreOptions options;
  options.path = setting.folder / "store";
  options.durability = setting.durability;
  options.memory = setting.preset;
  options.memory_bytes = setting.memory_bytes();  // what all engines get
  return options;
}

MusterEngine::MusterEngine(const EngineSetting& setting)
    : store_(value_of(store::open_tuned(store_options(setting), tuning_of(&database_)))) {}

void MusterEngine::settle() {
  // The one call that flushes every family without being told which there are.
  std::vector<std::string> files;
  std::uint64_t manifest_bytes = 0;
  const rocksdb::Status status = database_->GetLiveFiles(files, &manifest_bytes, true);
  if (!status.ok()) throw std::runtime_error("RocksDB: " + status.ToString());
}

void MusterEngine::apply(std::span<const Event> events) {
  const auto asked = Clock::now();
  const bool live_pass = is_live_pass(events.back());
  auto rest = events.first(events.size() - (live_pass ? 1 : 0));
  while (!rest.empty()) {
    const auto span = rest.first(std::min(rest.size(), StoreLimits().events_per_span));
    rest = rest.subspan(span.size());
    const Applied applied = value_of(store_.apply(span));
    for (const EventResult& result : applied.results) {
      refused_ += refusal_of(result.outcome) == Refusal::kNone ? 0 : 1;
    }
  }
  if (live_pass) reconcile(events.back().at, asked);
}

void MusterEngine::reconcile(Timestamp at, Clock::time_point asked) {
  first_command_seconds_.reset();
  const auto uuids = [this] { return fmt::format("live command {}", ++commands_); };
  const auto look = [&](const PassReport&) {
    if (!first_command_seconds_ && !value_of(store_.pending_commands(0, 1)).empty()) {
      first_command_seconds_ = seconds_since(asked);
    }
    return true;
  };
  const PassReport report = value_of(store_.reconcile(at, uuids, look));
  if (!report.complete) throw std::runtime_error("a pass ended before its end");
}

void MusterEngine::replay(const std::filesystem::path& recording, const ReplaySetting& setting,
                          const CommitSeen& seen) {
  ReplayOptions options;
  options.batch = setting.batch;
  options.threads = setting.threads;
  const std::array files = {recording};
  const ReplayReport report =
      value_of(muster::replay(store_, files, options, [&](const ReplayProgress&) { seen(); }));
  require_ok(report.input);
  refused_ += report.rejected;
}

void MusterEngine::after_round() {
  const StoreMetrics metrics = store_.metrics();
  const auto repeated = static_cast<double>(metrics.reports_repeated - repeated_before_);
  repeated_share_ = repeated / static_cast<double>(metrics.events - events_before_);
  repeated_before_ = metrics.reports_repeated;
  events_before_ = metrics.events;
  constexpr std::size_t kPage = 4'096;
  while (true) {
    std::vector<OutboxId> ids;
    for (const PendingCommand& entry : value_of(store_.pending_commands(0, kPage))) {
      ids.push_back(entry.id);
    }
    if (ids.empty()) return;
    value_of(store_.command_sent(ids));
  }
}

std::string MusterEngine::digest() {
  const Snapshot snapshot = value_of(store_.snapshot());
  DigestSum sum;
  std::string last;
  require_ok(snapshot.visit_rows({}, [&](const HostState& host, const ProfileState& row) {
    if (host.host_uuid != last) {
      if (!last.empty()) sum.end_host();
      sum.begin_host(host.host_uuid);
      last = host.host_uuid;
    }
    sum.add_row(row.profile_uuid, row.checksum, row.operation, row.status, row.retries);
    return true;
  }));
  if (!last.empty()) sum.end_host();
  return sum.text();
}

EngineUse MusterEngine::use() {
  const StoreMetrics metrics = store_.metrics();
  return {metrics.commits, metrics.syncs, metrics.batch_bytes, value_of(store_.stats()).disk_bytes,
          metrics.commit_micros};
}

std::map<std::string, double> MusterEngine::counts() {
  const StoreMetrics metrics = store_.metrics();
  const auto hosts = static_cast<double>(value_of(store_.stats()).hosts);
  std::map<std::string, double> counts = {
      {"cache_bytes", static_cast<double>(metrics.cache_bytes)},
      {"write_buffer_bytes", static_cast<double>(metrics.write_buffer_bytes)},
      {"told_bytes_per_host", static_cast<double>(metrics.resident_bytes) / hosts},
  };
  if (repeated_share_) counts["repeated_share"] = *repeated_share_;
  if (first_command_seconds_) counts["first_command_seconds"] = *first_command_seconds_;
  return counts;
}

std::unique_ptr<Engine> make_muster(const EngineSetting& setting) {
  return std::make_unique<MusterEngine>(setting);
}

}  // namespace muster::bench
