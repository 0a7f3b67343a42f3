#include "bench/cells.h"

#include <array>
#include <stdexcept>
#include <utility>

namespace muster::bench {
namespace {

constexpr auto kBulk = MemoryPreset::kBulk;

constexpr std::array kForms = {std::pair{Form::kFull, "full"}, std::pair{Form::kShort, "short"},
                               std::pair{Form::kTiny, "tiny"}};
constexpr std::array kInputs = {std::pair{Input::kDecoded, "decoded"},
                                std::pair{Input::kJson, "json"},
                                std::pair{Input::kBinary, "binary"}};

template <typename Table, typename Key>
std::string_view name_in(const Table& table, Key key) {
  for (const auto& [entry, name] : table) {
    if (entry == key) return name;
  }
  return "";
}
template <typename Key, typename Table>
std::optional<Key> find_in(const Table& table, std::string_view name) {
  for (const auto& [entry, text] : table) {
    if (text == name) return entry;
  }
  return std::nullopt;
}

const std::vector<Cell> kSteadyCells = {
    {.name = "steady_json_bulk",
     .workload = "steady",
     .why = "Text to committed state end to end beside the parse alone, when lists repeat.",
     .preset = kBulk,
     .input = Input::kJson,
     .engines = {"muster", "parse"},
     .full = {1'000'000, 3},
     .brief = {10'000, 2}},
    {.name = "steady_json_appliance",
     .workload = "steady",
     .why = "The same with the memory that an appliance has.",
     .input = Input::kJson,
     .engines = {"muster", "parse"},
     .full = {1'000'000, 3},
     .brief = {10'000, 2}},
    {.name = "fresh_json_bulk",
     .workload = "steady_fresh",
     .why = "No list of profiles is one seen before, so nothing can be recognised unread.",
     .preset = kBulk,
     .input = Input::kJson,
     .engines = {"muster", "parse"},
     .full = {1'000'000, 3},
     .brief = {10'000, 2}},
    {.name = "fresh_json_appliance",
     .workload = "steady_fresh",
     .why = "The same with the memory that an appliance has.",
     .input = Input::kJson,
     .engines = {"muster", "parse"},
     .full = {1'000'000, 3},
     .brief = {10'000, 2}},
    {.name = "steady_binary",
     .workload = "steady",
     .why = "What the binary recording saves against text.",
     .preset = kBulk,
     .input = Input::kBinary,
     .full = {200'000, 3},
     .brief = {10'000, 2}},
    {.name = "hour_two_threads",
     .workload = "steady",
     .why = "An hour of a fleet from text as fast as two processors go.",
     .preset = kBulk,
     .input = Input::kJson,
     .threads = 2,
     .full = {1'000'000, 3},
     .brief = {10'000, 2}},
    {.name = "steady_decoded",
     .workload = "steady",
     .why = "Check-ins that change nothing, without any decode, on every engine.",
     .preset = kBulk,
     .engines = {"muster", "memory", "lmdb_blob", "sqlite_blob", "sqlite_rows"},
     .full = {100'000, 5},
     .brief = {5'000, 2}},
    {.name = "steady_100_profiles",
     .workload = "steady",
     .why = "How cost grows with the number of profiles a host.",
     .profiles = 100,
     .preset = kBulk,
     .engines = {"muster", "memory", "lmdb_blob"},
     .full = {100'000, 5},
     .brief = {5'000, 2}},
    {.name = "drift",
     .workload = "drift",
     .why = "The usual hour: a few hosts of a hundred lost something and get it again.",
     .profiles = 10,
     .engines = {"muster", "memory", "lmdb_blob", "sqlite_blob", "sqlite_rows"},
     .full = {100'000, 5},
     .brief = {5'000, 2}},
};

std::vector<Cell> scale_cells() {
  const auto scale = [](std::string name, std::string why, Size full, Size brief,
                        const char* workload = "steady_fresh") {
    Cell cell;
    cell.name = std::move(name);
    cell.workload = workload;
    cell.why = std::move(why);
    cell.preset = kBulk;
    cell.full = full;
    cell.brief = brief;
    return cell;
  };
  return {
      scale("scale_10k", "Cost against host count: all hosts fit the processor's cache.",
            {10'000, 5}, {2'000, 3}),
      scale("scale_100k", "Cost against host count: all hosts fit any memory.", {100'000, 5},
            {10'000, 3}),
      scale("scale_1m", "Cost against host count: a large fleet.", {1'000'000, 3}, {20'000, 1}),
      scale("scale_10m", "Cost against host count: ten times what one fleet has today.",
            {10'000'000, 1}, {30'000, 1}),
      scale("repeats_100k", "The same for lists that repeat: all hosts fit any memory.",
            {100'000, 5}, {10'000, 3}, "steady"),
      scale("repeats_10m", "Lists that repeat, of more hosts than the digests have room for.",
            {10'000'000, 1}, {30'000, 1}, "steady"),
  };
}

const std::vector<Cell> kChangeCells = {
    {.name = "full_change_appliance",
     .workload = "full_change",
     .why = "Every report rewrites its host, beside RocksDB writing the same bytes.",
     .engines = {"muster", "rocksdb_put", "memory", "lmdb_blob", "sqlite_blob"},
     .full = {300'000, 3},
     .brief = {5'000, 2}},
    {.name = "full_change_bulk",
     .workload = "full_change",
     .why = "The same with memory for the whole fleet.",
     .preset = kBulk,
     .engines = {"muster", "rocksdb_put"},
     .full = {300'000, 5},
     .brief = {10'000, 2}},
    {.name = "full_change_single",
     .workload = "full_change",
     .why = "One commit a report, none synced: what each commit costs by itself.",
     .batch = 1,
     .engines = {"muster", "rocksdb_put", "lmdb_blob", "sqlite_rows"},
     .full = {50'000, 5, 5'000},
     .brief = {2'000, 2, 500}},
    {.name = "full_change_sync",
     .workload = "full_change",
     .why = "256 reports a commit, each commit on the device.",
     .durability = Durability::kSync,
     .engines = {"muster", "rocksdb_put", "lmdb_blob", "sqlite_blob", "sqlite_rows"},
     .full = {50'000, 5, 10'240},
     .brief = {2'560, 2, 1'280}},
    {.name = "one_profile",
     .workload = "one_profile",
     .why = "Each report moves one row of its host: the smallest change there is.",
     .engines = {"muster", "memory", "lmdb_blob", "sqlite_blob"},
     .full = {200'000, 3},
     .brief = {10'000, 2}},
    {.name = "command_results",
     .workload = "command_results",
     .why = "A whole pass acknowledged, one command at a time, as devices do it.",
     .engines = {"muster", "memory", "lmdb_blob", "sqlite_rows"},
     .full = {50'000, 3, 100'000},
     .brief = {2'000, 2, 10'000}},
    {.name = "rollout_appliance",
     .workload = "rollout",
     .why = "A profile to every host, beside RocksDB reading and rewriting every record.",
     .engines = {"muster", "rocksdb_rewrite"},
     .full = {1'000'000, 3},
     .brief = {15'000, 2}},
    {.name = "rollout_bulk",
     .workload = "rollout",
     .why = "The same with memory for the whole fleet.",
     .preset = kBulk,
     .engines = {"muster", "rocksdb_rewrite"},
     .full = {1'000'000, 3},
     .brief = {15'000, 2}},
    {.name = "retry_storm",
     .workload = "retry_storm",
     .why = "A tenth of all devices fails every profile, and fails it again.",
     .engines = {"muster", "memory", "lmdb_blob"},
     .full = {100'000, 3},
     .brief = {10'000, 2}},
    {.name = "enrol_storm",
     .workload = "enrol_storm",
     .why = "A quarter of the fleet enrols within the hour.",
     .engines = {"muster", "memory", "lmdb_blob"},
     .full = {200'000, 3},
     .brief = {20'000, 2}},
    {.name = "mixed",
     .workload = "mixed",
     .why = "Six hours of a made-up fleet with every kind of event, from text.",
     .input = Input::kJson,
     .engines = {"muster", "memory", "lmdb_blob"},
     .full = {50'000, 3},
     .brief = {2'000, 2},
     .tiny = {50, 1, 20}},
};

const std::vector<Cell> kProbeCells = {
    {.name = "memory",
     .workload = "memory",
     .why = "What a host takes of memory beyond memtables and caches, whatever the preset.",
     .profiles = 3,
     .full = {4'000'000, 1},
     .brief = {60'000, 1},
     .tiny = {400, 1}},
    {.name = "submit",
     .workload = "submit",
     .why = "What durability costs when 256 events wait at any time.",
     .durability = Durability::kSync,
     .full = {100'000, 5},
     .brief = {5'000, 3}},
    {.name = "reads",
     .workload = "reads",
     .why = "Look-ups and pages of hosts on snapshots while the fleet reports.",
     .full = {300'000, 5},
     .brief = {20'000, 2}},
    {.name = "summary",
     .workload = "summary",
     .why = "The numbers of a dashboard, whatever the number of hosts.",
     .full = {1'000'000, 10'000},
     .brief = {50'000, 10'000},
     .tiny = {200, 100}},
    {.name = "failed_hosts",
     .workload = "failed_hosts",
     .why = "The first page of the hosts where a profile failed.",
     .full = {1'000'000, 1'000},
     .brief = {20'000, 1'000},
     .tiny = {400, 10}},
    {.name = "reopen",
     .workload = "reopen",
     .why = "How long a restart takes, after a close and after a kill.",
     .full = {1'000'000, 1},
     .brief = {20'000, 1},
     .tiny = {200, 1}},
    {.name = "idle_pass",
     .workload = "idle_pass",
     .why = "A pass that finds nothing, while many hosts wait and others are frozen.",
     .profiles = 3,
     .full = {110'000, 1'000},
     .brief = {11'000, 1'000},
     .tiny = {220, 20}},
    {.name = "check_in_waits",
     .workload = "check_in_waits",
     .why = "How long a check-in can be kept waiting by a rollout, a deletion and a backup.",
     .durability = Durability::kSync,
     .full = {1'000'000, 1},
     .brief = {50'000, 1}},
    {.name = "real_rate",
     .workload = "real_rate",
     .why = "The cost of a fleet of 100,000 hosts as time passes for people.",
     .durability = Durability::kSync,
     .full = {100'000, 60},
     .brief = {20'000, 10},
     .tiny = {200, 1}},
    {.name = "log_bytes",
     .workload = "log_bytes",
     .why = "Bytes written to the log an event, everything included: a count without noise.",
     .full = {10'240, 1},
     .brief = {5'120, 1},
     .tiny = {256, 1}},
    {.name = "disk_year",
     .workload = "disk_year",
     .why = "What a host takes on the disk, and whether a year of quiet makes it more.",
     .full = {100'000, 365},
     .brief = {10'000, 20},
     .tiny = {200, 2}},
};

/// A named cell with memory for the whole fleet: what is promised of both presets is measured in
/// both.
Cell twin(std::string name, Size brief) {
  const std::string original = name.substr(0, name.rfind('_'));
  for (const auto& part : {kChangeCells, kProbeCells}) {
    for (Cell cell : part) {
      if (cell.name != original) continue;
      cell.name = std::move(name);
      cell.why = "The same as " + original + " with memory for the whole fleet.";
      cell.preset = kBulk;
      cell.brief = brief;
      return cell;
    }
  }
  throw std::logic_error("there is no cell " + original);
}

std::vector<Cell> twin_cells() {
  return {
      twin("full_change_single_bulk", {2'000, 1, 500}),
      twin("full_change_sync_bulk", {2'560, 1, 1'280}),
      twin("submit_bulk", {2'000, 2}),
      twin("summary_bulk", {10'000, 10'000}),
      twin("failed_hosts_bulk", {10'000, 1'000}),
      twin("idle_pass_bulk", {11'000, 200}),
      twin("log_bytes_bulk", {2'560, 1}),
      twin("disk_year_bulk", {5'000, 5}),
  };
}

}  // namespace

std::optional<Form> form_of(std::string_view name) {
  return find_in<Form>(kForms, name);
}
std::string_view name_of(Form form) {
  return name_in(kForms, form);
}
std::optional<Input> input_of(std::string_view name) {
  return find_in<Input>(kInputs, name);
}
std::string_view name_of(Input input) {
  return name_in(kInputs, input);
}

std::vector<Cell> cells(Form form) {
  std::vector<Cell> all;
  for (const auto& part : {kSteadyCells, scale_cells(), kChangeCells, kProbeCells, twin_cells()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  for (Cell& cell : all) {
    cell.size = form == Form::kFull ? cell.full : form == Form::kShort ? cell.brief : cell.tiny;
  }
  return all;
}

}  // namespace muster::bench
