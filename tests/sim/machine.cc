#include "tests/sim/machine.h"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "muster/live.h"
#include "store/tuning.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

/// Command uuids are made from the store's id: a constant one, so that a seed gives the same bytes.
constexpr const char* kMarker = "format 1\nid 5eed5eed5eed5eed5eed5eed5eed5eed\n";
constexpr const char* kData = "data";
constexpr const char* kRecorder = "recorder";
constexpr std::uint64_t kSegmentBytes = 4 << 10;
/// The least there is: a run opens thousands of stores.
constexpr std::uint64_t kMemoryBytes = 32 << 20;
constexpr std::int64_t kCommandsKeptSeconds = 1800;
constexpr std::uint64_t kWatermarkBytes = 512;
constexpr std::uint64_t kWatermarkNanos = 200'000;

/// Without its command: one that was forgotten has no uuid any more.
std::string to_text(const std::optional<RowState>& row) {
  if (!row) return "no row";
  return std::string(name_of(row->operation)) + " " + std::string(name_of(row->status)) + " " +
         std::to_string(row->retries);
}

std::string to_text(const RowChange& change) {
  return std::to_string(change.sequence) + " " + to_string(change.at) + " " + change.cause + " " +
         change.host_uuid + " " + change.profile_uuid + " " + change.identifier + ", " +
         to_text(change.before) + ", " + to_text(change.after) + " " + change.detail;
}

std::string to_text(const PendingCommand& entry) {
  std::string text = std::to_string(entry.id) + " " + std::string(name_of(entry.kind)) + " " +
                     std::string(name_of(entry.operation)) + " " + entry.command_uuid + " " +
                     entry.profile_uuid + " " + to_string(entry.issued_at);
  for (const std::string& host : entry.hosts) text += " " + host;
  return text;
}

void add_feeds(const Store& store, StoreState& state) {
  constexpr std::size_t kAll = 1 << 20;
  for (const PendingCommand& entry : require(store.pending_commands(0, kAll), "outbox")) {
    state.outbox.push_back(to_text(entry));
  }
  std::vector<RowChange> changes = require(store.changes(0, kAll), "changes").changes;
  if (changes.empty()) return;
  state.last_change = changes.back().number;
  // Hosts of one event may stand in another order where it came in another group. So the event that
  // may have been cut off goes whole.
  if (state.last_change > kChangesKept) {
    const Sequence cut = changes.at(changes.size() - kChangesKept).sequence;
    std::erase_if(changes, [cut](const RowChange& change) { return change.sequence <= cut; });
  }
  for (const RowChange& change : changes) state.changes.push_back(to_text(change));
  std::sort(state.changes.begin(), state.changes.end());
}

}  // namespace

Disk new_disk() {
  Disk disk;
  for (const char* directory : {kData, kRecorder}) {
    disk.perform({Op::kMakeDirectory, directory, {}, 0, {}, 0});
  }
  return disk;
}

StoreState state_of(const Store& store) {
  const StoreStats stats = require(store.stats(), "stats");
  StoreState state;
  state.sequence = stats.sequence;
  state.digest = digest_of(store);
  for (const Cursor& cursor : stats.cursors) {
    state.cursors[cursor.source] = {cursor.event, cursor.at};
  }
  state.hosts = stats.hosts;
  state.rows = stats.rows;
  state.commands = stats.commands;
  add_feeds(store, state);
  return state;
}

std::string to_text(const StoreState& state) {
  std::string text = "sequence " + std::to_string(state.sequence) + ", digest " + state.digest +
                     ", " + std::to_string(state.hosts) + " hosts, " + std::to_string(state.rows) +
                     " rows, " + std::to_string(state.commands) + " commands, changes up to " +
                     std::to_string(state.last_change);
  for (const auto& [source, cursor] : state.cursors) {
    text += ", " + source + " at " + std::to_string(cursor.first) + " " + to_string(cursor.second);
  }
  text += ", " + std::to_string(state.outbox.size()) + " entries in the outbox";
  return text;
}

std::string compared(const StoreState& expected, const StoreState& got) {
  std::string text = "expected " + to_text(expected) + "; got " + to_text(got);
  const auto tell = [&text](const std::vector<std::string>& left,
                            const std::vector<std::string>& right) {
    const auto [one, other] = std::mismatch(left.begin(), left.end(), right.begin(), right.end());
    if (one != left.end()) text += "; first other one: " + *one;
    if (other != right.end()) text += "; got " + *other;
  };
  tell(expected.outbox, got.outbox);
  tell(expected.changes, got.changes);
  return text;
}

Machine::Machine(Disk disk, Recorder recorder)
    : recorder_(recorder),
      files_(std::make_shared<SimFileSystem>(folder_.path(), std::move(disk))),
      env_(std::make_shared<PumpEnv>(files_)) {
  write_file(folder_ / "MUSTER", kMarker);
}

Machine::~Machine() {
  if (!left_behind_) return;
  static auto* const kept = new std::vector<std::shared_ptr<PumpEnv>>;
  files_->drop_content();
  kept->push_back(std::move(env_));
}

Result<Store> Machine::open(Durability durability) {
  StoreOptions options;
  options.durability = durability;
  if (recorder_ == Recorder::kOn) {
    options.recorder.emplace();
    options.recorder->segment_bytes = kSegmentBytes;
  }
  return open_store(std::move(options));
}

Result<Store> Machine::open_read_only() {
  StoreOptions options;
  options.read_only = true;
  return open_store(std::move(options));
}

std::vector<std::filesystem::path> Machine::copy_segments(const std::filesystem::path& folder) {
  const std::filesystem::path directory = folder_ / kRecorder;
  std::vector<std::string> names;
  if (!env_->GetChildren(directory.native(), &names).ok()) throw std::runtime_error("no segments");
  std::sort(names.begin(), names.end());
  std::vector<std::filesystem::path> copies;
  for (const std::string& name : names) {
    if (!name.ends_with(".mrec")) continue;
    std::string bytes;
    const rocksdb::Status read =
        rocksdb::ReadFileToString(env_.get(), (directory / name).native(), &bytes);
    if (!read.ok()) throw std::runtime_error(read.ToString());
    copies.push_back(folder / name);
    write_file(copies.back(), bytes);
  }
  return copies;
}

Result<Store> Machine::open_store(StoreOptions options) {
  options.path = folder_.path();
  options.memory_bytes = kMemoryBytes;
  options.change_log = kChangesKept;
  options.command_retention_seconds = kCommandsKeptSeconds;
  store::Tuning tuning;
  tuning.window_hosts = 4;
  tuning.fold_bytes_min = 1 << 12;
  tuning.watermark_bytes_max = kWatermarkBytes;
  tuning.watermark_sync_nanos = kWatermarkNanos;
  tuning.env = env_.get();
  tuning.write_buffer_bytes = 16 << 10;
  tuning.jobs_on_demand = true;
  return store::open_tuned(options, tuning);
}

}  // namespace muster::test
